"""Bytes at an offset, of four kinds: held in memory, in an open file, in a file that is opened for each read, within
another piece. All are `examining.Piece`.
"""

import os
from collections.abc import Iterator

from tocsin.assure.bounds import MAX_READ_BYTES, MAX_READS_A_PIECE, WORK_FACTOR, WORK_FREE_BYTES
from tocsin.assure.examining import Piece

CHUNK_BYTES = 1 << 18
"""What is read at once where a piece is read through."""


class Held:
    """A piece in memory."""

    __slots__ = ("_data", "path", "size")

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.size = len(data)
        self._data = data

    def read(self, offset: int, length: int) -> bytes:
        if offset < 0 or length <= 0:
            return b""
        return self._data[offset : offset + length]


class Opened:
    """A piece in an open file. Whoever opened it closes it."""

    __slots__ = ("_descriptor", "path", "size")

    def __init__(self, path: str, descriptor: int, size: int) -> None:
        self.path = path
        self.size = size
        self._descriptor = descriptor

    def read(self, offset: int, length: int) -> bytes:
        length = min(length, self.size - offset)
        if offset < 0 or length <= 0:
            return b""
        got = os.pread(self._descriptor, length, offset)
        if len(got) == length or not got:
            return got
        parts, have = [got], len(got)  # a read may end early: at 2 GiB, or by a signal
        while have < length and (got := os.pread(self._descriptor, length - have, offset + have)):
            parts.append(got)
            have += len(got)
        return b"".join(parts)


class Lying:
    """A file of a folder that is opened for each read: there may be more of them than a process may hold open."""

    __slots__ = ("_where", "path", "size")

    def __init__(self, path: str, where: str, size: int) -> None:
        self.path = path
        self.size = size
        self._where = where

    def read(self, offset: int, length: int) -> bytes:
        try:
            descriptor = open_file(self._where)
        except OSError:
            return b""  # gone since: whoever reads sees a piece that is too short
        try:
            return Opened(self.path, descriptor, self.size).read(offset, length)
        finally:
            os.close(descriptor)


class Window:
    """A stretch of another piece: a stored member is read where it lies."""

    __slots__ = ("_base", "_offset", "path", "size")

    def __init__(self, path: str, base: Piece, offset: int, size: int) -> None:
        self.path = path
        self.size = max(0, min(size, base.size - offset))
        self._base = base
        self._offset = offset

    def read(self, offset: int, length: int) -> bytes:
        length = min(length, self.size - offset)
        if offset < 0 or length <= 0:
            return b""
        return self._base.read(self._offset + offset, length)


class OverWork(Exception):
    """An examiner read more than its piece can need."""


class Metered:
    """A piece as one examiner gets it: what it reads is counted while `running`, and bounded."""

    __slots__ = ("_base", "_bytes", "_reads", "path", "running", "size")

    def __init__(self, base: Piece) -> None:
        self.path = base.path
        self.size = base.size
        self._base = base
        self.afresh()

    def afresh(self) -> None:
        """Count from nought, for another examiner."""
        self.running = False
        self._bytes = WORK_FACTOR * self.size + WORK_FREE_BYTES
        self._reads = MAX_READS_A_PIECE

    def read(self, offset: int, length: int) -> bytes:
        if length > MAX_READ_BYTES and self.running and self.size > MAX_READ_BYTES:
            raise OverWork
        got = self._base.read(offset, length)
        if self.running:  # not while the walker looks at what is inside: that has meters of its own
            self._bytes -= len(got)
            self._reads -= 1
            if self._bytes < 0 or self._reads < 0:
                raise OverWork
        return got


def open_file(where: str) -> int:
    """A descriptor of a file that is no link; a pipe or a device does not make it wait."""
    return os.open(where, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)


def through(piece: Piece, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of a piece from `start` to `end`, in chunks."""
    at, end = start, piece.size if end is None else end
    while at < end and (chunk := piece.read(at, min(CHUNK_BYTES, end - at))):
        yield chunk
        at += len(chunk)
