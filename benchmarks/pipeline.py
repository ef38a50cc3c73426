"""The whole pipeline: OTLP bytes to durable event and signals. Events per second per core, and each stage's share."""

import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.rows import Row
from tocsin.app.accept import event_of
from tocsin.app.node import Node
from tocsin.app.setup import initialise
from tocsin.kernel import system_clock
from tocsin.wire import otlp

EVENTS = 20_000
BATCH = 1_000
WORDS = [
    "bread",
    "river",
    "window",
    "garden",
    "lamp",
    "quiet",
    "stone",
    "letter",
    "music",
    "harbour",
    "morning",
    "paper",
    "train",
    "winter",
    "green",
]


def run() -> list[Row]:
    """OTLP/JSON spans through decode, screen, seal and journal on SQLite."""
    bodies = _bodies()
    with tempfile.TemporaryDirectory() as folder:
        initialise(Path(folder) / "node", name="bench", clock=system_clock)
        node = Node(Path(folder) / "node")
        spent = dict.fromkeys(("decode", "screen", "seal", "journal"), 0.0)
        whole = time.process_time()
        for body in bodies:
            start = time.process_time()
            batch = otlp.decode_traces(body, "application/json", now=node.clock())
            spent["decode"] += time.process_time() - start
            start = time.process_time()
            node.acceptor.accept(batch.lines, batch.refused)
            spent["journal"] += time.process_time() - start
        whole = time.process_time() - whole
        assert node.store.events.count() == EVENTS
        # the stages inside accept, timed alone on the same lines and taken off what is left
        today = node.clock().date().isoformat()
        seal = node.keys.seal_for(today)
        for body in bodies:
            lines = otlp.decode_traces(body, "application/json", now=node.clock()).lines
            start = time.process_time()
            node.acceptor.screen(lines)
            spent["screen"] += time.process_time() - start
            start = time.process_time()
            for line in lines:
                node.acceptor.seal(line, seal)
                event_of(line, node.keys.pseudonyms, node.clock(), today)
            spent["seal"] += time.process_time() - start
        node.close()
    spent["journal"] -= spent["screen"] + spent["seal"]
    shares = ", ".join(f"{name} {value / whole:.0%}" for name, value in spent.items())
    return [
        Row(
            name="OTLP bytes to durable event and signals",
            ours=EVENTS / whole,
            peer=None,
            ratio=None,
            unit="events/CPU-s",
            floor=None,
            work=f"{EVENTS:,} spans of ~300 characters in batches of {BATCH:,}, SQLite; {shares}",
        )
    ]


def _bodies() -> list[bytes]:
    random = Random(7)
    start = datetime.now(UTC) - timedelta(hours=8)
    return [_body(random, start, first) for first in range(0, EVENTS, BATCH)]


def _body(random: Random, start: datetime, first: int) -> bytes:
    spans = []
    for number in range(first, first + BATCH):
        text = " ".join(random.choices(WORDS, k=48))
        nanos = int((start + timedelta(seconds=number)).timestamp() * 1e9)
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "small",
            "user.id": f"account-{random.randrange(3000)}",
            "gen_ai.input.messages": json.dumps(
                [{"role": "user", "parts": [{"type": "text", "content": text}]}]
            ),
        }
        spans.append(
            {
                "traceId": f"{number + 1:032x}",
                "spanId": f"{number + 1:016x}",
                "name": "chat small",
                "startTimeUnixNano": str(nanos),
                "endTimeUnixNano": str(nanos + 10**9),
                "attributes": [{"key": k, "value": {"stringValue": v}} for k, v in attributes.items()],
            }
        )
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "bench"}}]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}).encode()
