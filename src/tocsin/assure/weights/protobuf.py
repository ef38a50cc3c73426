"""Protobuf's wire format over a piece, for models of gigabytes: what is not asked for is skipped unread.

The official library takes a message as one whole in memory, refuses 2 GB, and keeps unknown fields without a word.
Here a schema (the numbers of the fields that are known) is part of the reading: a field that is not in it, or of
another wire type, makes the reader say that it does not know what it sees. (protobuf.dev, "Encoding".)
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tocsin.assure.examining import Piece
from tocsin.assure.weights.reading import Broken, Stretches

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
NUMBERS = -1
"""In a schema: a list of numbers that nobody asks for, packed or not."""

MAX_VARINT_BYTES = 10
"""64 bits in groups of seven."""

MAX_FIELDS = 1_250_000
"""Of one piece: read in about a second. A graph of 100,000 nodes has about a million, and so has a vocabulary of
262,144 pieces; a file that has nothing but small fields would take a second for each 10 MB."""

MAX_TEXT_BYTES = 1 << 16
"""Of one name, path or claim."""

MAX_DEPTH = 64
"""Messages in messages. Graphs in graphs go a few levels deep, and the official parser stops at 100."""

Schema = Mapping[int, tuple[str, int]]
"""Number of a field to its name and wire type. A list of VARINT may come packed, as BYTES."""


class Field(NamedTuple):
    """One field. `value` is a number's; `start` and `end` are where the bytes of the others lie."""

    name: str
    value: int
    start: int
    end: int


class Reader:
    """Reads fields of messages in one piece, through one stretch that is kept."""

    def __init__(self, piece: Piece, family: str) -> None:
        self.family = family
        """The format, with which the ids of the rules begin."""
        self.unknown: dict[str, int] = {}
        """Message and number of each field that the schema lacks, and where it was seen first."""
        self._left = MAX_FIELDS
        self._stretches = Stretches(piece)

    def broken(self, offset: int) -> Broken:
        """That the bytes at `offset` are no message."""
        return Broken(f"{self.family}.broken", offset=offset)

    def fields(self, message: str, schema: Schema, start: int, end: int) -> Iterator[Field]:
        """Every field between two offsets. Raises Broken for bytes that are no message of this kind."""
        at = start
        while at < end:
            self._left -= 1
            if self._left < 0:
                raise Broken(f"{self.family}.too-many", offset=at, limit=MAX_FIELDS)
            here = at
            key, at = self._varint(at, end)
            number, wire = key >> 3, key & 7
            value, first = 0, at
            if wire == VARINT:
                value, at = self._varint(at, end)
            elif wire == BYTES:
                length, first = self._varint(at, end)
                at = first + length
            elif wire in (FIXED32, FIXED64):
                at += 4 if wire == FIXED32 else 8
            else:  # groups are long gone, and 6 and 7 never were
                raise self.broken(here)
            if at > end or number == 0:
                raise self.broken(here)
            known = schema.get(number)
            if known is None:
                self.unknown.setdefault(f"{message}.{number}", here)
                continue
            name, expected = known
            if wire == expected:
                yield Field(name, value, first, at)
            elif wire == BYTES and expected == VARINT:
                yield from self._packed(name, first, at)
            elif expected != NUMBERS:
                raise self.broken(here)

    def _packed(self, name: str, start: int, end: int) -> Iterator[Field]:
        at = start
        while at < end:
            self._left -= 1
            if self._left < 0:
                raise Broken(f"{self.family}.too-many", offset=at, limit=MAX_FIELDS)
            value, after = self._varint(at, end)
            yield Field(name, value, at, after)
            at = after

    def text(self, field: Field) -> str:
        """A text field. Raises Broken when it is too long or not UTF-8."""
        data = self.octets(field)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.broken(field.start) from error

    def octets(self, field: Field, limit: int = MAX_TEXT_BYTES) -> bytes:
        """The bytes of a field. Raises Broken when there are more than `limit`."""
        length = field.end - field.start
        if length > limit:
            raise Broken(f"{self.family}.text-too-long", offset=field.start, length=length, limit=limit)
        return self._at(field.start, length)

    def _at(self, offset: int, length: int) -> bytes:
        start = self._stretches.hold(offset, length)
        found = self._stretches.kept[start : start + length]
        if len(found) < length:
            raise self.broken(offset)
        return found

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        start = self._stretches.hold(at, MAX_VARINT_BYTES)
        kept, value, shift = self._stretches.kept, 0, 0
        if at < end and start < len(kept) and kept[start] < 0x80:  # most are one byte
            return kept[start], at + 1
        stop = min(len(kept), start + MAX_VARINT_BYTES, start + end - at)
        for index in range(start, stop):
            byte = kept[index]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & 0xFFFF_FFFF_FFFF_FFFF, at + index - start + 1
            shift += 7
        raise self.broken(at)
