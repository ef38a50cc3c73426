"""JSON lines from a stream of chunks, however it is cut, in bounded memory."""

from collections.abc import Iterator

from tocsin.kernel import Clock, EventLine, Refusal, TooLarge
from tocsin.kernel.limits import MAX_LINE_BYTES
from tocsin.wire.events import Batch, decode_line, too_long

_BOM = b"\xef\xbb\xbf"
_KEPT = MAX_LINE_BYTES + 1
"""A line may end in a carriage return that is not its own."""


class Lines:
    """Splits and decodes JSON lines. Keeps at most one unfinished line of MAX_LINE_BYTES.

    Lines end in LF or CRLF; blank ones are passed over but counted. A line that is too long is refused by its
    number and skipped to its end without being kept. Over `max_lines` lines that are not blank, `feed` raises
    TooLarge: what earlier calls returned stands.
    """

    def __init__(self, now: Clock, *, max_lines: int | None = None) -> None:
        self._now = now
        self._max_lines = max_lines
        self._partial: list[bytes] = []
        self._partial_size = 0
        self._skipping = False
        self._number = 0
        self._taken = 0

    def feed(self, chunk: bytes) -> Batch:
        """What the lines that end in this chunk came to. Raises TooLarge over `max_lines`."""
        *ended, rest = chunk.split(b"\n")
        found = [result for piece in ended for result in self._end_line(piece)]
        self._keep(rest)
        return _batch(found)

    def finish(self) -> Batch:
        """What is left when the stream ends: a last line without its newline."""
        if self._partial_size == 0 and not self._skipping:
            return Batch()
        return _batch(list(self._end_line(b"")))

    def _keep(self, piece: bytes) -> None:
        if self._skipping or not piece:
            return
        self._partial.append(piece)
        self._partial_size += len(piece)
        if self._partial_size > _KEPT:
            self._skipping = True
            self._partial.clear()
            self._partial_size = 0
        elif len(self._partial) > 64:  # a slow drip of single bytes: keep few objects
            self._partial = [b"".join(self._partial)]

    def _end_line(self, piece: bytes) -> Iterator[EventLine | Refusal]:
        self._keep(piece)
        line = b"".join(self._partial)
        skipped = self._skipping
        self._partial.clear()
        self._partial_size = 0
        self._skipping = False
        self._number += 1
        if self._number == 1:
            line = line.removeprefix(_BOM)
        line = line.removesuffix(b"\r")
        if not skipped and not line.strip():
            return
        self._taken += 1
        if self._max_lines is not None and self._taken > self._max_lines:
            raise TooLarge(f"more than {self._max_lines} lines in one request; send the rest in further ones")
        yield too_long(self._number) if skipped else decode_line(self._number, line, now=self._now())


def _batch(found: list[EventLine | Refusal]) -> Batch:
    lines = tuple(item for item in found if isinstance(item, EventLine))
    refused = tuple(item for item in found if isinstance(item, Refusal)) if len(lines) < len(found) else ()
    return Batch(lines, refused)
