"""A file of events into a node, in batches, with progress."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from tocsin.app.accept import Accepted
from tocsin.app.node import Node
from tocsin.ingest import read_file
from tocsin.kernel import BadInput

STANDARD_INPUT = "-"


def load_events(node: Node, file: str, progress: Callable[[int], None]) -> Accepted:
    """Take every event of `file` ("-" for standard input); `progress` hears the bytes read so far.

    Raises BadInput for a file that cannot be read; what was taken before it broke off stays.
    """
    if file == STANDARD_INPUT:
        return _load(node, sys.stdin.buffer, lambda: None)
    try:
        with Path(file).open("rb") as stream:
            return _load(node, stream, lambda: progress(stream.tell()))
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}") from error


def _load(node: Node, stream: BinaryIO, moved: Callable[[], None]) -> Accepted:
    outcome = Accepted(accepted=0, duplicates=0, refused=())
    for batch in read_file(stream, now=node.clock):
        outcome += node.acceptor.accept(batch.lines, batch.refused)
        moved()
    node.telemetry.ingested("file", "operator", outcome)
    return outcome
