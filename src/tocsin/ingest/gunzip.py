"""Gzip from a stream of chunks, in bounded pieces, up to a bounded total."""

import zlib
from collections.abc import Iterator

from tocsin.kernel import BadInput, TooLarge

PIECE_BYTES = 65_536
"""Largest piece given out, and largest slice of input looked at: a bomb costs time, never memory."""

_GZIP = 31
"""zlib's window bits for a gzip header and a 32 KiB window."""


class Gunzip:
    """Decompresses gzip of one or several members (RFC 1952 section 2.2); zero padding at the end is allowed.

    `limit` bounds the bytes given out in all.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._given = 0
        self._member = zlib.decompressobj(_GZIP)
        self._begun = False
        self._between = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Pieces of at most PIECE_BYTES. Raises TooLarge over the limit, BadInput for what is not gzip."""
        view = memoryview(chunk)
        for start in range(0, len(view), PIECE_BYTES):
            yield from self._feed_slice(bytes(view[start : start + PIECE_BYTES]))

    def _feed_slice(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._between:
                # Padding after a member; the next one begins with its magic bytes.
                data = data.lstrip(b"\x00")
                if not data:
                    return
                self._member = zlib.decompressobj(_GZIP)
                self._between = False
            self._begun = True
            try:
                piece = self._member.decompress(data, PIECE_BYTES)
            except zlib.error:
                raise BadInput(
                    "the body is not gzip, or is damaged; send it whole, or uncompressed"
                ) from None
            self._given += len(piece)
            if self._given > self._limit:
                raise TooLarge(f"more than {self._limit} bytes after decompression; send less at a time")
            if piece:
                yield piece
            if self._member.eof:
                data = self._member.unused_data
                self._between = True
            else:
                data = self._member.unconsumed_tail

    def finish(self) -> Iterator[bytes]:
        """What the decompressor still holds. Raises BadInput when the stream ends in the middle."""
        while self._begun and not self._between:
            try:
                piece = self._member.decompress(b"", PIECE_BYTES)
            except zlib.error:
                raise BadInput("the gzip stream is damaged; send it whole, or uncompressed") from None
            self._given += len(piece)
            if self._given > self._limit:
                raise TooLarge(f"more than {self._limit} bytes after decompression; send less at a time")
            if piece:
                yield piece
            if self._member.eof:
                return
            if not piece:
                raise BadInput("the gzip stream ends in the middle; send it whole")
        if not self._begun:
            raise BadInput("the gzip stream is empty; send it whole")
