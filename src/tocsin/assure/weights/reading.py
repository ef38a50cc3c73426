"""A place in a piece, read forward in small stretches; and what stops a reading."""

import struct
from typing import Literal

from tocsin.assure.examining import Piece, finding
from tocsin.kernel.artefacts import Finding
from tocsin.kernel.errors import BadInput

STRETCH = 1 << 16
"""Read at a time: more than most headers, and little beside what Python itself takes."""

NO_FILE = 1 << 44
"""More bytes than any file of weights has (16 TiB): such a length was never written by a program that saved one."""

ByteOrder = Literal["<", ">"]


class Broken(BadInput):
    """The reading stopped: the rule that says why, and where. An examiner tells it as a finding."""

    def __init__(
        self, rule: str, *, offset: int | None = None, field: str | None = None, **values: str | int | float
    ) -> None:
        super().__init__(f"{rule} at byte {offset}: inspect the file with `tocsin model inspect`")
        self.rule = rule
        self.offset = offset
        self.field = field
        self.values = values

    def told(self, path: str) -> Finding:
        """The finding that this is, in the file at `path`."""
        return finding(self.rule, path, offset=self.offset, field=self.field, **self.values)


class Stretches:
    """A piece of which one stretch is kept: short readings close to each other are one reading of the piece."""

    def __init__(self, piece: Piece) -> None:
        self._piece = piece
        self.kept = b""
        self.kept_at = 0

    def hold(self, offset: int, length: int) -> int:
        """Where `offset` is in `kept`, which goes on for `length` from there unless the piece ends before."""
        start = offset - self.kept_at
        if start < 0 or start + length > len(self.kept):
            self.kept = self._piece.read(offset, max(length, STRETCH))
            self.kept_at, start = offset, 0
        return start


class Cursor:
    """Reads forward through a piece, in the byte order `order`.

    Raises Broken(`rule`) when a reading passes the end, and Broken(`absurd`) when it passes what any file holds.
    """

    def __init__(self, piece: Piece, rule: str, absurd: str) -> None:
        self.rule = rule
        self.absurd = absurd
        self.at = 0
        self.end = piece.size
        self.order: ByteOrder = "<"
        self._stretches = Stretches(piece)

    def need(self, length: int) -> int:
        """Where `length` bytes from here would end. Raises Broken when that is past the end."""
        if length > NO_FILE:
            raise Broken(self.absurd, offset=self.at, length=length)
        if length > self.end - self.at:
            raise Broken(self.rule, offset=self.at)
        return self.at + length

    def skip(self, length: int) -> None:
        """Past `length` bytes, unread."""
        self.at = self.need(length)

    def take(self, length: int) -> bytes:
        """The next `length` bytes. The caller has bounded `length`."""
        after = self.need(length)
        start = self._stretches.hold(self.at, length)
        taken = self._stretches.kept[start : start + length]
        if len(taken) < length:  # the piece is shorter than it says
            raise Broken(self.rule, offset=self.at)
        self.at = after
        return taken

    def number(self, kind: str) -> int:
        """One whole number as `struct` names it ("I", "Q", "b"), in the cursor's byte order."""
        layout = struct.Struct(self.order + kind)
        found: int = layout.unpack(self.take(layout.size))[0]
        return found
