"""Events from a file or from standard input: JSON lines, plain or gzip, in batches."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tocsin.ingest.gunzip import Gunzip
from tocsin.ingest.lines import Lines
from tocsin.kernel import BadInput, Clock, EventLine, Refusal
from tocsin.wire.events import Batch

CHUNK_BYTES = 1 << 18
BATCH_LINES = 5_000
"""Lines gathered before they are handed on: one fsync for many, and a progress bar that moves."""

BATCH_CHARS = 16 << 20
"""Or this much text, so that long lines do not fill memory."""

_MAGIC = b"\x1f\x8b"


def read_file(source: Path | BinaryIO, *, now: Clock) -> Iterator[Batch]:
    """Batches of a file's events and refusals; gzip is known by its first bytes, whatever the name.

    Raises BadInput for a file that cannot be read or a gzip stream that is damaged: batches given before stand.
    """
    if not isinstance(source, Path):
        yield from _gathered(_batches(source, now))
        return
    try:
        stream = source.open("rb")
    except OSError as error:
        raise BadInput(f"cannot read {source}: {error.strerror}") from None
    with stream:
        yield from _gathered(_batches(stream, now))


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    try:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk
    except OSError as error:
        raise BadInput(f"cannot read on: {error.strerror}") from None


def _batches(stream: BinaryIO, now: Clock) -> Iterator[Batch]:
    lines = Lines(now)
    # No bound on the whole: what comes is handed on and forgotten, line by line.
    gunzip: Gunzip | None = None
    for index, chunk in enumerate(_chunks(stream)):
        if index == 0 and chunk.startswith(_MAGIC):
            gunzip = Gunzip(sys.maxsize)
        for piece in (chunk,) if gunzip is None else gunzip.feed(chunk):
            yield lines.feed(piece)
    if gunzip is not None:
        for piece in gunzip.finish():
            yield lines.feed(piece)
    yield lines.finish()


def _gathered(batches: Iterator[Batch]) -> Iterator[Batch]:
    lines: list[EventLine] = []
    refused: list[Refusal] = []
    chars = 0
    try:
        for batch in batches:
            lines.extend(batch.lines)
            refused.extend(batch.refused)
            chars += sum(len(line.text) for line in batch.lines)
            if len(lines) + len(refused) >= BATCH_LINES or chars >= BATCH_CHARS:
                yield Batch(tuple(lines), tuple(refused))
                lines, refused, chars = [], [], 0
    except BadInput:
        # Whole lines before the damage are events like any other.
        if lines or refused:
            yield Batch(tuple(lines), tuple(refused))
        raise
    if lines or refused:
        yield Batch(tuple(lines), tuple(refused))
