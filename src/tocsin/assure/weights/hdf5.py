"""HDF5: weights of Keras and others. Read here: the structure of every object, and a Keras configuration in it.

An HDF5 file can name other files (external links, external storage, virtual data sets) and filters that the library
loads as plug-ins; and legacy Keras files carry the whole configuration in an attribute.
"""

import struct
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.weights import hdf5_objects as h5
from tocsin.assure.weights.hdf5_objects import Message, Objects
from tocsin.assure.weights.keras import told_of
from tocsin.assure.weights.reading import Broken
from tocsin.assure.weights.telling import bounded
from tocsin.kernel.artefacts import Fact

FORMAT = "hdf5"

SUPERBLOCKS = (0, 512, 1024, 2048, 4096, 8192)
"""Where a superblock may begin, behind a user's own block [II.A]; later powers of two are not looked at."""

CONFIGURATIONS = ("model_config", "training_config")
"""Attributes in which tf.keras and Keras keep a configuration."""

PICKLING = "PYTABLES_FORMAT_VERSION"
"""Written by PyTables, which keeps pickles in attributes and unpickles them."""

OWN_FILTERS = frozenset({1, 2, 3, 4, 5, 6, 32_000})
"""Deflate to scale-offset, in the library itself; 32,000 is LZF, in h5py. Others are plug-ins, found by path."""

_CLASSES = {0: "int", 1: "float", 3: "text", 4: "bits", 6: "compound", 8: "enum", 9: "varying", 10: "array"}


class _Attribute(NamedTuple):
    name: str
    kind: bytes
    data: bytes


class Hdf5Examiner:
    """Tells of links out of the file, of plug-ins, and of what a Keras configuration in it holds."""

    name = "hdf5"
    version = 1

    def recognises(self, piece: Piece) -> str:
        return (
            FORMAT if any(piece.read(at, 8) == h5.SIGNATURE for at in SUPERBLOCKS if at < piece.size) else ""
        )

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        return bounded(_examined(piece), piece.path)


def _examined(piece: Piece) -> Iterator[Told]:
    path = piece.path
    if piece.read(0, 8) != h5.SIGNATURE:
        yield finding("hdf5.unread", path, offset=0, what="a block before the superblock")
        return
    try:
        objects = Objects(piece)
        if objects.driver:
            yield finding("hdf5.unread", path, offset=0, what="a driver of several files")
        yield from _walked(objects, path)
    except Broken as broken:
        yield broken.told(path)


def _walked(objects: Objects, path: str) -> Iterator[Told]:
    waiting, seen = [(objects.root, "")], {objects.root}
    dtypes: Counter[str] = Counter()
    parameters = length = 0
    while waiting:
        address, name = waiting.pop()
        messages = list(objects.messages(address))
        for message in messages:
            yield from _judged(objects, message, path, name)
            for link in objects.links(message):
                inner = f"{name}/{link.name}"[-200:]
                if link.how in ("external", "other"):
                    yield finding(
                        "hdf5.external-link", path, offset=message.at, field=inner, target=link.target
                    )
                elif link.how == "hard" and link.address not in seen:
                    seen.add(link.address)
                    waiting.append((link.address, inner))
        if (shape := _shape(messages)) is not None:
            elements, dtype, width = shape
            dtypes[dtype] += 1
            parameters, length = parameters + elements, length + elements * width
    values = {"count": dtypes.total(), "parameters": parameters, "bytes": length, "dtypes": dict(dtypes)}
    yield Fact("tensors", path, values)


def _judged(objects: Objects, message: Message, path: str, name: str) -> Iterator[Told]:
    data, at = message.data, message.at
    try:
        match message.kind:
            case h5.EXTERNAL_FILES:
                yield finding("hdf5.external-storage", path, offset=at, field=name)
            case h5.LAYOUT:
                yield from _layout(objects, message, path, name)
            case h5.FILTERS:
                for number in _filters(data):
                    if number not in OWN_FILTERS:
                        yield finding("hdf5.filter", path, offset=at, field=name, filter=number)
            case h5.ATTRIBUTE:
                yield from _attribute(objects, message, path, name)
            case h5.LINK_INFO | h5.ATTRIBUTE_INFO:
                width = 8 if message.kind == h5.LINK_INFO else 2
                (heap,) = struct.unpack_from("<Q", data, 2 + (width if data[1] & 1 else 0))
                if heap != h5.UNDEFINED:
                    yield finding(
                        "hdf5.unread", path, offset=at, field=name, what="links or attributes in a heap"
                    )
            case h5.DRIVER:
                yield finding("hdf5.unread", path, offset=at, what="a driver of several files")
            case kind if kind > h5.LAST_TYPE:
                yield finding("hdf5.unread", path, offset=at, field=name, what=f"a message of type {kind}")
    except (IndexError, struct.error) as error:
        raise Broken("hdf5.broken", offset=at) from error


def _layout(objects: Objects, message: Message, path: str, name: str) -> Iterator[Told]:
    """[IV.A.2.i] Where a data set's numbers lie."""
    data, version = message.data, message.data[0]
    kind = data[1] if version >= 3 else data[2]
    if version > 4:
        yield finding(
            "hdf5.unread", path, offset=message.at, field=name, what=f"a layout of version {version}"
        )
    elif kind > 2:
        yield finding("hdf5.virtual", path, offset=message.at, field=name)
    elif kind == 1 and version >= 3:
        start, length = struct.unpack_from("<QQ", data, 2)
        if start != h5.UNDEFINED and start + length > objects.piece.size:
            yield finding("hdf5.bounds", path, offset=message.at, field=name, dataset=name)


def _filters(data: bytes) -> Iterator[int]:
    """[IV.A.2.l] The numbers of the filters that a data set's chunks go through."""
    version, count = data[0], data[1]
    at = 8 if version == 1 else 2
    for _ in range(count):
        (number,) = struct.unpack_from("<H", data, at)
        named = version == 1 or number >= 256
        if named:
            length, _, values = struct.unpack_from("<HHH", data, at + 2)
        else:
            length, (_, values) = 0, struct.unpack_from("<HH", data, at + 2)
        at += (8 if named else 6) + (-(-length // 8) * 8 if version == 1 else length) + 4 * values
        at += 4 if version == 1 and values % 2 else 0
        yield number


def _attribute(objects: Objects, message: Message, path: str, name: str) -> Iterator[Told]:
    if message.flags & h5.SHARED:  # the name too lies elsewhere
        yield finding("hdf5.unread", path, offset=message.at, field=name, what="a shared attribute")
        return
    attribute = _read_attribute(message.data)
    if attribute.name == PICKLING:
        yield finding("hdf5.pytables", path, offset=message.at)
    if attribute.name not in CONFIGURATIONS:
        return
    kind = attribute.kind[0] & 0x0F
    if kind == 9:  # of any length: in a global heap
        size, heap, index = struct.unpack_from("<IQI", attribute.data)
        text = objects.heap_object(heap, index)[:size]
    elif kind == 3:
        text = attribute.data.rstrip(b"\x00 ")
    else:
        yield finding(
            "hdf5.unread", path, offset=message.at, field=attribute.name, what="a configuration of no text"
        )
        return
    yield from told_of(text, path, attribute.name)


def _read_attribute(data: bytes) -> _Attribute:
    """[IV.A.2.m] Name, type and bytes, in the three versions."""
    version = data[0]
    name_size, type_size, space_size = struct.unpack_from("<HHH", data, 2)
    at = 9 if version == 3 else 8
    parts = []
    for size in (name_size, type_size, space_size):
        parts.append(data[at : at + size])
        at += -(-size // 8) * 8 if version == 1 else size
    if not parts[1]:
        raise IndexError
    name = parts[0][:-1].split(b"\x00")[0]  # as the library does: the last byte is not looked at
    return _Attribute(name.decode("utf-8", "replace"), parts[1], data[at:])


def _shape(messages: list[Message]) -> tuple[int, str, int] | None:
    """Elements, type and width of a data set; None for a group."""
    found = {message.kind: message for message in messages}
    if h5.LAYOUT not in found or h5.DATASPACE not in found or h5.DATATYPE not in found:
        return None
    space, kind = found[h5.DATASPACE].data, found[h5.DATATYPE].data
    try:
        start, elements = 8 if space[0] == 1 else 4, 1
        for extent in struct.unpack_from(f"<{space[1]}Q", space, start):
            elements *= extent
        width = int.from_bytes(kind[4:8], "little")
        return elements, f"{_CLASSES.get(kind[0] & 0x0F, 'other')}{8 * width}", width
    except (IndexError, struct.error):
        return None
