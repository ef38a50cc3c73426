"""Reads a piece forwards, a chunk at a time, and steps over what need not be held.

A reader of its own beside `weights.reading`: opcodes are read by the million, and frames and lines bound them.
"""

from tocsin.assure.examining import Piece
from tocsin.assure.pickles.bounds import CHUNK_BYTES, MAX_LINE, MAX_WALKED_BYTES

MARGIN = 16
"""More than an opcode with its longest fixed argument: so much is in the buffer when one starts."""


class BrokenStream(Exception):
    """The stream stops making sense here, for every reader. `reason` is a word for the finding."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OverBound(Exception):
    """A named bound was passed."""

    def __init__(self, bound: str) -> None:
        super().__init__(bound)
        self.bound = bound


class Reader:
    """`data[at]` is the next byte. `limit` is where `edge` must be asked before an opcode is read.

    Handlers read `data` and `at` themselves where that is hot.
    """

    __slots__ = (
        "_base",
        "_chunk",
        "_most",
        "_piece",
        "at",
        "data",
        "frame_end",
        "limit",
        "size",
        "torn",
        "walked",
    )

    def __init__(self, piece: Piece, chunk: int | None = None, most: int | None = None) -> None:
        """`chunk` bytes are read at a time and `most` walked in all, where less than the bounds is wanted."""
        self._piece = piece
        self._chunk = chunk or CHUNK_BYTES
        self._most = most or MAX_WALKED_BYTES
        self.size = piece.size
        self._base = 0
        self.data = b""
        self.at = 0
        self.limit = 0
        self.frame_end = -1
        self.torn = False
        """An opcode stood across the end of a frame: one reader goes on, another raises."""
        self.walked = 0

    @property
    def offset(self) -> int:
        """Of the next byte in the piece."""
        return self._base + self.at

    def edge(self) -> bool:
        """Make the next opcode readable; False at the end of the piece."""
        if 0 <= self.frame_end <= self.offset:
            self.torn = self.torn or self.offset > self.frame_end
            self.frame_end = -1
        if len(self.data) - self.at < MARGIN:
            self._fill(self._chunk)
        self._set_limit()
        return self.at < len(self.data)

    def framed(self, length: int) -> None:
        """A frame of so many bytes starts here."""
        if self.frame_end >= 0 or self.offset + length > self.size:
            self.torn = True
        self.frame_end = self.offset + length
        self._set_limit()

    def take(self, length: int) -> bytes:
        """Exactly so many bytes, fewer than a chunk. Raises BrokenStream at the end of the piece."""
        at = self.at
        if at + length > len(self.data):
            self._fill(self._chunk)
            at = self.at
            if at + length > len(self.data):
                raise BrokenStream("end")
        self.at = at + length
        return self.data[at : at + length]

    def number(self, length: int) -> int:
        """Unsigned, little-endian."""
        return int.from_bytes(self.take(length), "little")

    def skip(self, length: int) -> None:
        """Step over so many bytes, unread. Raises BrokenStream when the piece is shorter."""
        if self.offset + length > self.size:
            raise BrokenStream("end")
        if self.at + length <= len(self.data):
            self.at += length
            self.walked -= length
        else:
            self.go(self.offset + length)

    def go(self, offset: int) -> None:
        """Read on at an offset."""
        self.walked += self.at
        self._base, self.data, self.at, self.limit = offset, b"", 0, 0

    def line(self) -> bytes:
        """Up to the next newline, which is dropped. Raises BrokenStream, OverBound (MAX_LINE)."""
        end = self.data.find(b"\n", self.at, self.at + MAX_LINE)
        if end < 0:
            self._fill(self._chunk)
            end = self.data.find(b"\n", self.at, self.at + MAX_LINE)
            if end < 0:
                ended = self._base + len(self.data) >= self.size and len(self.data) < MAX_LINE
                raise BrokenStream("line") if ended else OverBound("MAX_LINE")
        found = self.data[self.at : end]
        self.at = end + 1
        return found

    def long_line(self, most: int) -> bytes | tuple[int, int]:
        """A line; one longer than `most` is stepped over, and given as its offset and length."""
        start = self.offset
        end = self.data.find(b"\n", self.at)
        while end < 0:
            if self._base + len(self.data) >= self.size:
                raise BrokenStream("line")
            self._fill(self._chunk)
            end = self.data.find(b"\n")
            if end < 0:
                self.at = len(self.data)
        length = self._base + end - start
        found = self.data[end - length : end] if length <= min(most, end) else None
        self.at = end + 1
        if found is None and length <= most:
            found = self._piece.read(start, length)
        return (start, length) if found is None else found

    def _fill(self, length: int) -> None:
        self._base += self.at
        self.walked += self.at
        self.data = self._piece.read(self._base, length)
        self.at = 0
        if self.walked > self._most:
            raise OverBound("MAX_WALKED_BYTES")
        self._set_limit()

    def _set_limit(self) -> None:
        held = len(self.data)
        last = held if self._base + held >= self.size else held - MARGIN
        self.limit = min(last, self.frame_end - self._base) if self.frame_end >= 0 else last
