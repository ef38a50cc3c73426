"""A text found inside a file, as a piece of its own: another examiner judges it."""

import msgspec


class TextPiece(msgspec.Struct, frozen=True):
    """`data` in memory, at a path "FILE!/where/in/it"."""

    path: str
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        """As `assure.Piece.read`."""
        return self.data[offset : offset + length]
