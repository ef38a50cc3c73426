"""What went from node to node in the demo: bytes as a relay between them recorded, opened afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import httptools
import msgspec

from tocsin.net.tap import Tap
from tocsin.sandbox import LeakCounter


class Left(msgspec.Struct, frozen=True, rename={"sender": "from", "receiver": "to"}):
    """What left one node towards another: distinct records, bytes on the wire, raw values found in them."""

    sender: str
    receiver: str
    records: int
    bytes: int
    raw_values: int


class _Envelope(msgspec.Struct):
    objects: list[dict[str, Any]] = []


class _Bodies:
    """Collects message bodies of one stream; the parser calls these names."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self._pieces: list[bytes] = []

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        self.bodies.append(b"".join(self._pieces))
        self._pieces = []


def bodies(stream: bytes, *, requests: bool) -> list[bytes]:
    """The bodies in one recorded direction of an HTTP/1.1 connection, chunks joined."""
    found = _Bodies()
    parser = httptools.HttpRequestParser(found) if requests else httptools.HttpResponseParser(found)
    parser.feed_data(stream)
    return found.bodies


def record_ids(body: bytes) -> set[str]:
    """Ids of the STIX objects in a TAXII envelope; none where the body is something else."""
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except msgspec.DecodeError:
        return set()
    return {str(entry["id"]) for entry in envelope.objects if "id" in entry}


def what_left(taps: Mapping[tuple[str, str], Tap], raw_values: Iterable[str]) -> tuple[Left, ...]:
    """Per ordered pair of nodes, what one gave the other, as client and as server.

    `taps[a, b]` stands where `a` reaches `b`. Raises TapFullError when a recording is not complete.
    """
    counter = LeakCounter(raw_values)
    rows = []
    for sender, receiver in taps:
        asked = taps[sender, receiver].to_target()
        back = taps.get((receiver, sender))
        answered = back.from_target() if back else []
        rows.append(_left(sender, receiver, asked, answered, counter))
    return tuple(rows)


def _left(
    sender: str, receiver: str, asked: Sequence[bytes], answered: Sequence[bytes], counter: LeakCounter
) -> Left:
    records: set[str] = set()
    for streams, requests in ((asked, True), (answered, False)):
        for stream in streams:
            for body in bodies(stream, requests=requests):
                records |= record_ids(body)
    streams = (*asked, *answered)
    return Left(
        sender=sender,
        receiver=receiver,
        records=len(records),
        bytes=sum(map(len, streams)),
        raw_values=sum(counter.count(stream) for stream in streams),
    )
