"""The structure of an HDF5 file: every object's header messages, and what a group links to; no data is read.

By "HDF5 File Format Specification Version 3.0" (sections named in brackets). What only newer writers make on request
(links and attributes in fractal heaps) is not followed, and is said to be so.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.assure.examining import Piece
from tocsin.assure.weights.reading import Broken

SIGNATURE = b"\x89HDF\r\n\x1a\n"
UNDEFINED = (1 << 64) - 1

MAX_BLOCK = 4 << 20
"""Of one read: a header's block, a node, a heap's object."""

MAX_STEPS = 200_000
"""Header blocks, nodes and messages of one file. A model of a thousand layers has some 20,000."""

MAX_TREE_DEPTH = 16

NIL, DATASPACE, LINK_INFO, DATATYPE, LINK, EXTERNAL_FILES = 0x00, 0x01, 0x02, 0x03, 0x06, 0x07
LAYOUT, FILTERS, ATTRIBUTE, CONTINUED, SYMBOL_TABLE, DRIVER, ATTRIBUTE_INFO = (
    0x08,
    0x0B,
    0x0C,
    0x10,
    0x11,
    0x14,
    0x15,
)
LAST_TYPE = 0x18
"""The highest number of a message in the specification."""

SHARED = 0x02
"""A message's flag: what it says lies elsewhere."""


class Message(NamedTuple):
    """One message of an object's header [IV.A]."""

    kind: int
    flags: int
    data: bytes
    at: int


class Linked(NamedTuple):
    """What a group links to. `how` is "hard" (an address in the file), "soft", "external" or "other"."""

    how: str
    name: str
    address: int
    target: str


class Objects:
    """Reads structures at addresses. Raises Broken for what is none, or past a bound."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.left = MAX_STEPS
        self.root = 0
        self.driver = False
        self._superblock()

    def at(self, offset: int, length: int) -> bytes:
        """`length` bytes at an address of the file. Raises Broken when they are not there."""
        if length > MAX_BLOCK:
            raise Broken("hdf5.too-large", offset=offset, limit=MAX_BLOCK)
        self.step(offset)
        data = self.piece.read(offset, length) if offset < self.piece.size else b""
        if len(data) < length:
            raise Broken("hdf5.broken", offset=offset)
        return data

    def step(self, offset: int) -> None:
        """One more structure."""
        self.left -= 1
        if self.left < 0:
            raise Broken("hdf5.too-large", offset=offset, limit=MAX_STEPS)

    def _superblock(self) -> None:
        """[II.A] Where the root group is."""
        head = self.at(0, 96)
        version = head[8]
        if version in (0, 1):
            sizes, start = head[13:15], 24 if version == 0 else 28
            base, _, _, driver, _, self.root = struct.unpack_from("<6Q", self.at(0, start + 48), start)
            self.driver = driver != UNDEFINED
        elif version in (2, 3):
            sizes = head[9:11]
            base, _, _, self.root = struct.unpack_from("<4Q", head, 12)
        else:
            raise Broken("hdf5.unread", offset=8, what=f"superblock version {version}")
        if sizes != b"\x08\x08":
            raise Broken("hdf5.unread", offset=8, what="offsets that are not of 8 bytes")
        if base != 0:  # the library takes the superblock's own place for it, whatever stands here
            raise Broken("hdf5.unread", offset=8, what="a base that is not the file's start")

    def messages(self, address: int) -> Iterator[Message]:
        """[IV.A.1] Every message of the object at `address`, through all its blocks."""
        head = self.at(address, 16)
        if head[:4] == b"OHDR":
            yield from self._messages_2(address)
            return
        version, _, count, _, size = struct.unpack_from("<BBHII", head)
        if version != 1:
            raise Broken("hdf5.broken", offset=address)
        blocks, seen, met = [(address + 16, size)], set(), 0
        while blocks:
            start, length = blocks.pop(0)
            if start in seen:
                raise Broken("hdf5.broken", offset=start)
            seen.add(start)
            data, at = self.at(start, length), 0
            while at + 8 <= length:
                kind, extent, flags = struct.unpack_from("<HHB", data, at)
                if at + 8 + extent > length:
                    raise Broken("hdf5.broken", offset=start + at)
                self.step(start + at)
                message = Message(kind, flags, data[at + 8 : at + 8 + extent], start + at + 8)
                at, met = at + 8 + extent, met + 1
                if kind == CONTINUED:
                    blocks.append(self._pair(message))
                else:
                    yield message
        if met != count:  # the library reads what is there, not what is said
            raise Broken("hdf5.broken", offset=address)

    def _messages_2(self, address: int) -> Iterator[Message]:
        """[IV.A.1.b] Version 2: smaller, and each block with a checksum."""
        flags = self.at(address, 6)[5]
        start = address + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        length = int.from_bytes(self.at(start, width), "little")
        prefix = 6 if flags & 0x04 else 4
        blocks, seen = [(start + width, length)], set()
        while blocks:
            start, length = blocks.pop(0)
            if start in seen:
                raise Broken("hdf5.broken", offset=start)
            seen.add(start)
            data, at = self.at(start, length), 0
            while at + prefix <= length:
                kind, extent, message_flags = struct.unpack_from("<BHB", data, at)
                if at + prefix + extent > length:
                    raise Broken("hdf5.broken", offset=start + at)
                self.step(start + at)
                body = data[at + prefix : at + prefix + extent]
                message = Message(kind, message_flags, body, start + at + prefix)
                at += prefix + extent
                if kind == CONTINUED:
                    where, size = self._pair(message)
                    if size < 8 or self.at(where, 4) != b"OCHK":
                        raise Broken("hdf5.broken", offset=where)
                    blocks.append((where + 4, size - 8))
                else:
                    yield message

    def _pair(self, message: Message) -> tuple[int, int]:
        if len(message.data) < 16:
            raise Broken("hdf5.broken", offset=message.at)
        first, second = struct.unpack_from("<QQ", message.data)
        return first, second

    def links(self, message: Message) -> Iterator[Linked]:
        """What a message of a group links to."""
        if message.kind == LINK:
            yield _link(message)
        elif message.kind == SYMBOL_TABLE:
            tree, heap = self._pair(message)
            head = self.at(heap, 32)
            if head[:4] != b"HEAP":
                raise Broken("hdf5.broken", offset=heap)
            names = int.from_bytes(head[24:32], "little")
            yield from self._tree(tree, names, 0)

    def _tree(self, address: int, names: int, depth: int) -> Iterator[Linked]:
        """[III.A.1, III.B] A group's B-tree of version 1 down to its symbol tables."""
        head = self.at(address, 24)
        if head[:4] != b"TREE" or head[4] != 0 or depth > MAX_TREE_DEPTH:
            raise Broken("hdf5.broken", offset=address)
        level, used = head[5], int.from_bytes(head[6:8], "little")
        data = self.at(address + 24, 8 + 16 * used)
        for index in range(used):
            (child,) = struct.unpack_from("<Q", data, 8 + 16 * index)
            if level:
                yield from self._tree(child, names, depth + 1)
            else:
                yield from self._symbols(child, names)

    def _symbols(self, address: int, names: int) -> Iterator[Linked]:
        head = self.at(address, 8)
        if head[:4] != b"SNOD":
            raise Broken("hdf5.broken", offset=address)
        count = int.from_bytes(head[6:8], "little")
        data = self.at(address + 8, 40 * count)
        for index in range(count):
            name, header, cache, _, scratch = struct.unpack_from("<QQIII", data, 40 * index)
            if cache == 2:  # a symbolic link: its target is another place in this file
                yield Linked("soft", self._name(names + name), 0, self._name(names + scratch))
            else:
                yield Linked("hard", self._name(names + name), header, "")

    def _name(self, address: int) -> str:
        self.step(address)
        data = self.piece.read(address, 256) if address < self.piece.size else b""
        return data.split(b"\x00")[0].decode("utf-8", "replace")

    def heap_object(self, address: int, index: int) -> bytes:
        """[III.E] An object of a global heap: where texts of any length lie."""
        head = self.at(address, 16)
        if head[:4] != b"GCOL":
            raise Broken("hdf5.broken", offset=address)
        at, end = address + 16, address + int.from_bytes(head[8:16], "little")
        while at + 16 <= end:
            number, _, _, size = struct.unpack_from("<HHIQ", self.at(at, 16))
            if number == index:
                return self.at(at + 16, size)
            if number == 0:
                break
            at += 16 + -(-size // 8) * 8
        raise Broken("hdf5.broken", offset=address)


def _link(message: Message) -> Linked:
    """[IV.A.2.g] A link in a message of its own."""
    data = message.data
    try:
        flags, at, kind = data[1], 2, 0
        if flags & 0x08:
            kind, at = data[at], at + 1
        at += (8 if flags & 0x04 else 0) + (1 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        length, at = int.from_bytes(data[at : at + width], "little"), at + width
        name, at = data[at : at + length].decode("utf-8", "replace"), at + length
        if kind == 0:
            return Linked("hard", name, struct.unpack_from("<Q", data, at)[0], "")
        (length,) = struct.unpack_from("<H", data, at)
        target = data[at + 2 : at + 2 + length]
    except (
        IndexError,
        OverflowError,
        struct.error,
    ) as error:  # a length may lie beyond what can be addressed
        raise Broken("hdf5.broken", offset=message.at) from error
    how = {1: "soft", 64: "external"}.get(kind, "other")
    return Linked(how, name, 0, target.strip(b"\x00").replace(b"\x00", b":").decode("utf-8", "replace"))
