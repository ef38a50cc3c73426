"""A piece as libraries that unpack want it: a file that can be read and sought."""

import io
from typing import Any

from tocsin.assure.examining import Piece

MAX_AT_ONCE = 64 << 20
"""Given for one wish, however large; whoever wants more asks again."""


class PieceStream(io.RawIOBase):
    """Reads a piece and nothing else: at most MAX_AT_ONCE, or all that is left where no size is given."""

    def __init__(self, piece: Piece) -> None:
        self._piece = piece
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        wanted = self._piece.size - self._at if size < 0 else min(size, MAX_AT_ONCE)
        got = self._piece.read(self._at, wanted)
        self._at += len(got)
        return got

    def readinto(self, into: Any) -> int:
        got = self.read(len(into))
        into[: len(got)] = got
        return len(got)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._piece.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True
