"""The header of a GGUF file, read once from front to back: what it says, and what is wrong with how it says it."""

import struct
from collections.abc import Iterator

import msgspec

from tocsin.assure.examining import Piece, finding
from tocsin.assure.weights.gguf_types import ARRAY, BOOL, SCALARS, STRING, TENSOR_TYPES, UINT32
from tocsin.assure.weights.reading import STRETCH, Broken, ByteOrder, Cursor
from tocsin.assure.weights.telling import MAX_FINDINGS
from tocsin.assure.weights.tensors import TensorEntry
from tocsin.kernel.artefacts import Finding

MAGIC = b"GGUF"
VERSIONS = (1, 2, 3)

MAX_KEY_BYTES = (1 << 16) - 1
"""The format's own bound on a key."""

MAX_TEXT_BYTES = 1 << 20
"""Of one string that is kept. The longest chat templates published are under 40 KB."""

MAX_KEPT = 64
"""Elements of an array that are kept; a vocabulary is counted and not kept."""

MAX_KEYS = 1 << 16
MAX_TENSORS = 1 << 17
"""Published files have some hundred keys and under 5,000 tensors."""

MAX_ELEMENTS = 1 << 21
"""Strings or arrays inside the arrays of one file: twice the largest vocabularies with their merges."""

MAX_TEXT_KEPT = 1 << 23
"""Of all strings that are kept: keys, names of tensors, values."""

MAX_ARRAY_DEPTH = 4
MAX_DIMENSIONS = 4
"""ggml's own (`GGML_MAX_DIMS`)."""

MAX_ALIGNMENT = 1 << 20
DEFAULT_ALIGNMENT = 32
MAX_BYTES = (1 << 63) - 1
"""Readers count bytes in signed 64 bits."""

Value = str | int | float | bool | tuple["Value", ...] | None


class Header(msgspec.Struct, frozen=True):
    """What the header says. `values` has None for an array that was counted and not kept."""

    version: int
    order: ByteOrder
    values: dict[str, Value]
    kinds: dict[str, int]
    tensors: tuple[TensorEntry, ...]
    alignment: int
    header_end: int
    data_start: int
    wrong: tuple[Finding, ...]


def read_header(piece: Piece) -> Header:
    """The whole header. Raises Broken where it can be read no further; lesser faults are in `wrong`."""
    return _Reading(piece).header()


class _Reading:
    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.cursor = Cursor(piece, "gguf.truncated", "gguf.absurd")
        self.version = 0
        self.elements = 0
        self.kept = 0
        self.wrong: list[Finding] = []

    def tell(self, rule: str, at: int, field: str | None = None, **values: str | int | float) -> None:
        """One more fault; of a file that is all faults, as many as are shown."""
        if len(self.wrong) <= MAX_FINDINGS:
            self.wrong.append(finding(rule, self.piece.path, offset=at, field=field, **values))

    def header(self) -> Header:
        if self.cursor.take(len(MAGIC)) != MAGIC:
            raise Broken("gguf.version", offset=0, version=0)
        written = self.cursor.take(4)
        if written[:2] == b"\x00\x00":  # no version is so high: the other byte order
            self.cursor.order = ">"
        self.version = int.from_bytes(written, "big" if self.cursor.order == ">" else "little")
        if self.version not in VERSIONS:
            raise Broken("gguf.version", offset=4, version=self.version)
        tensor_count, key_count = self.length(), self.length()
        for count, limit, what in ((tensor_count, MAX_TENSORS, "tensors"), (key_count, MAX_KEYS, "keys")):
            if count > limit and count > self.piece.size:  # each takes more than a byte
                raise Broken("gguf.absurd", offset=8, length=count)
            if count > limit:
                raise Broken("gguf.too-many", offset=8, what=what, count=count, limit=limit)
        values, kinds = self.metadata(key_count)
        alignment = self.alignment(values, kinds)
        infos = [self.tensor() for _ in range(tensor_count)]
        end = self.cursor.at
        start = -(-end // alignment) * alignment
        return Header(
            version=self.version,
            order=self.cursor.order,
            values=values,
            kinds=kinds,
            tensors=tuple(self.placed(info, start, alignment) for info in infos),
            alignment=alignment,
            header_end=end,
            data_start=start,
            wrong=tuple(self.wrong),
        )

    def length(self) -> int:
        """A count or a length: 32 bits in the first version, 64 since."""
        return self.cursor.number("I" if self.version == 1 else "Q")

    def text(self, limit: int) -> str:
        at, length = self.cursor.at, self.length()
        self.cursor.need(length)
        if length > limit:
            raise Broken("gguf.text-too-long", offset=at, length=length, limit=limit)
        self.kept += length
        if self.kept > MAX_TEXT_KEPT:
            raise Broken(
                "gguf.too-many", offset=at, what="bytes of text", count=self.kept, limit=MAX_TEXT_KEPT
            )
        data = self.cursor.take(length)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            self.tell("gguf.not-utf8", at)
            return data.decode("utf-8", "replace")

    def metadata(self, count: int) -> tuple[dict[str, Value], dict[str, int]]:
        values: dict[str, Value] = {}
        kinds: dict[str, int] = {}
        for _ in range(count):
            at, key = self.cursor.at, self.text(MAX_KEY_BYTES)
            kind = self.cursor.number("I")
            if key in values:
                self.tell("gguf.duplicate-key", at, key, key=key)
            values[key], kinds[key] = self.value(kind, 0), kind
        return values, kinds

    def value(self, kind: int, depth: int) -> Value:
        at = self.cursor.at
        if kind == STRING:
            return self.text(MAX_TEXT_BYTES)
        if kind == ARRAY:
            return self.array(depth + 1)
        if kind not in SCALARS:
            raise Broken("gguf.kind", offset=at, kind=kind)
        layout = struct.Struct(self.cursor.order + SCALARS[kind])
        (found,) = layout.unpack(self.cursor.take(layout.size))
        if kind == BOOL:
            if found > 1:
                self.tell("gguf.truth", at, value=found)
            return bool(found)
        return found  # type: ignore[no-any-return]

    def array(self, depth: int) -> Value:
        at = self.cursor.at
        kind, count = self.cursor.number("I"), self.length()
        if depth > MAX_ARRAY_DEPTH:
            raise Broken(
                "gguf.too-many", offset=at, what="arrays in arrays", count=depth, limit=MAX_ARRAY_DEPTH
            )
        if kind in SCALARS:
            width = struct.calcsize("=" + SCALARS[kind])
            if count > MAX_KEPT:
                self.cursor.skip(count * width)
                return None
            return tuple(self.value(kind, depth) for _ in range(count))
        if kind not in (STRING, ARRAY):
            raise Broken("gguf.kind", offset=at, kind=kind)
        self.elements += count
        self.cursor.need(count * (4 if self.version == 1 else 8))  # each says its length at least
        if self.elements > MAX_ELEMENTS:
            raise Broken("gguf.too-many", offset=at, what="elements", count=self.elements, limit=MAX_ELEMENTS)
        if kind == STRING and count > MAX_KEPT:
            self.many_texts(count)
            return None
        if count <= MAX_KEPT:
            return tuple(self.value(kind, depth) for _ in range(count))
        for _ in range(count):
            self.array(depth + 1)
        return None

    def many_texts(self, count: int) -> None:
        """Past `count` strings, checked and not kept: a vocabulary, so it is done by the stretch."""
        cursor = self.cursor
        layout = struct.Struct(cursor.order + ("I" if self.version == 1 else "Q"))
        unpack, width = layout.unpack_from, layout.size
        bad = 0
        while count:
            cursor.need(width)
            stretch = self.piece.read(cursor.at, min(STRETCH, cursor.end - cursor.at))
            if len(stretch) < width:
                raise Broken("gguf.truncated", offset=cursor.at)
            at = 0
            while count and at + width <= len(stretch):
                (length,) = unpack(stretch, at)
                after = at + width + length
                if after > len(stretch):
                    break
                try:
                    stretch[at + width : after].decode("utf-8")
                except UnicodeDecodeError:
                    bad += 1
                at, count = after, count - 1
            if at == 0:  # one string longer than a stretch
                self.text(MAX_TEXT_BYTES)
                count -= 1
            else:
                cursor.skip(at)
        if bad:
            self.tell("gguf.tokens-not-utf8", cursor.at, count=bad)

    def alignment(self, values: dict[str, Value], kinds: dict[str, int]) -> int:
        given = values.get("general.alignment", DEFAULT_ALIGNMENT)
        if kinds.get("general.alignment", UINT32) != UINT32 or not isinstance(given, int):
            raise Broken("gguf.alignment", field="general.alignment", alignment=str(given))
        if given < 1 or given & (given - 1) or given > MAX_ALIGNMENT:
            raise Broken("gguf.alignment", field="general.alignment", alignment=str(given))
        return given

    def tensor(self) -> tuple[str, list[int], int, int, int]:
        """Name, extents (the fastest first, as ggml has them), type, offset in the data, and where this was read."""
        at, name = self.cursor.at, self.text(MAX_KEY_BYTES)
        dimensions = self.cursor.number("I")
        if dimensions > MAX_DIMENSIONS:
            raise Broken("gguf.dimensions", offset=at, field=name, tensor=name, count=dimensions)
        extents = [self.length() for _ in range(dimensions)]
        return name, extents, self.cursor.number("I"), self.cursor.number("Q"), at

    def placed(self, info: tuple[str, list[int], int, int, int], start: int, alignment: int) -> TensorEntry:
        """The entry, with its length by type and extents. A type that is not known has the length -1."""
        name, extents, number, offset, at = info
        shape = tuple(reversed(extents))
        if offset % alignment:
            self.tell("gguf.misaligned", at, name, tensor=name, alignment=alignment)
        if number not in TENSOR_TYPES:
            self.tell("gguf.type", at, name, tensor=name, type=number)
            return TensorEntry(name, f"type-{number}", shape, start + offset, -1)
        dtype, block, width = TENSOR_TYPES[number]
        count = 1
        for extent in extents:
            count *= extent
        if count > MAX_BYTES or start + offset > MAX_BYTES:
            self.tell("gguf.overflow", at, name, tensor=name)
            return TensorEntry(name, dtype, shape, start + offset, -1)
        if (extents[0] if extents else 1) % block:
            self.tell("gguf.block", at, name, tensor=name, dtype=dtype, block=block)
            return TensorEntry(name, dtype, shape, start + offset, -1)
        return TensorEntry(name, dtype, shape, start + offset, count // block * width)


def twice(entries: tuple[TensorEntry, ...]) -> Iterator[str]:
    """Names that more than one tensor has."""
    seen: set[str] = set()
    for entry in entries:
        if entry.name in seen:
            yield entry.name
        seen.add(entry.name)
