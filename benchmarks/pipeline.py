"""The whole pipeline: OTLP bytes to durable events and signals, with 5,000 phrases, 100 Sigma rules and fingerprints.

`python -m benchmarks pipeline`: events a CPU-second, and the microseconds of each stage, timed where it runs.
"""

import gc
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.phrases import PHRASES
from benchmarks.pipeline_world import Texts, as_protobuf, bodies, furnish, made_up, written
from benchmarks.rows import Row
from benchmarks.rules import RULES
from benchmarks.stopwatch import Stopwatch
from tocsin.app.accept import Acceptor
from tocsin.app.node import Node
from tocsin.app.rules import Rules
from tocsin.app.setup import initialise
from tocsin.kernel import EventLine, system_clock
from tocsin.screen import Acts, Evasion, PhraseSearch, service
from tocsin.screen.agents import Egress, Injection, Marks, MemoryWrites
from tocsin.screen.language import language_of
from tocsin.store import journal
from tocsin.store.events import SqlEvents
from tocsin.trust.seal import Seal
from tocsin.wire import otlp
from tocsin.wire.fold import forms

EVENTS = 20_000
BATCH = 1_000
ROUNDS = 5
"""Of which the least counts, whole: what else the machine does only adds. The first batch of all is in none."""

AIM = 15_000
JSON, PROTOBUF = "application/json", "application/x-protobuf"

STAGES: tuple[tuple[object, str, str], ...] = (
    (otlp, "decode_traces", "decode"),
    (SqlEvents, "known", "which are new"),
    (service, "prepare", "columns"),
    (PhraseSearch, "__call__", f"{PHRASES:,} phrases and the packaged packs"),
    (Rules, "search", f"{RULES} Sigma rules"),
    *((kind, "__call__", "agents, evasion") for kind in (Evasion, Injection, Egress, MemoryWrites, Marks)),
    (Acts, "__call__", "acts in conversations"),
    (service, "sketch_batch", "fingerprint"),
    (Acceptor, "screen", "signals gathered"),
    (Seal, "close_many", "seal text and fingerprint"),
    (journal, "append", "rows into the journal"),
    (SqlEvents, "append", "commit, with its fsync"),
    (Acceptor, "accept", "pseudonyms and the rest"),
)


def run() -> list[Row]:
    """Made-up words in JSON with every stage; then the same in protobuf, and English as it is written."""
    name = "OTLP bytes to durable events and signals"
    rows = _rows(name, made_up(), JSON, stages=True)
    rows += _rows("... in protobuf", made_up(), PROTOBUF)
    return rows + _rows("... written English", written(), JSON)


def _rows(name: str, world: tuple[list[str], Texts], form: str, *, stages: bool = False) -> list[Row]:
    phrases, text = world
    start = datetime.now(UTC) - timedelta(hours=20)
    sent = bodies(text, start, events=(ROUNDS + 1) * EVENTS, batch=BATCH)[: ROUNDS * EVENTS // BATCH + 1]
    sent = [as_protobuf(body) for body in sent] if form == PROTOBUF else sent
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "node"
        initialise(data, name="bench", clock=system_clock)
        furnish(data, phrases)
        node = Node(data)
        _take(node, sent[:1], form)
        gc.collect()
        gc.freeze()  # as `web.server.serve` does
        rounds = []
        for first in range(1, len(sent), EVENTS // BATCH):
            watch = Stopwatch()
            started = time.process_time()
            with watch.over(*STAGES):
                _take(node, sent[first : first + EVENTS // BATCH], form)
            rounds.append((time.process_time() - started, watch.spent))
        assert node.store.events.count() == ROUNDS * EVENTS + BATCH
        assert len(node.rules.armed()) == RULES
        lines = otlp.decode_traces(sent[-1], form, now=node.clock()).lines
        node.close()
        gc.unfreeze()
    spent, by_stage = min(rounds, key=lambda one: one[0])
    each = spent / EVENTS
    work = (
        f"least of {ROUNDS} times {EVENTS:,} spans of ~300 characters in batches of {BATCH:,}, SQLite, synced"
    )
    found = [Row(name, 1 / each, AIM, 1 / each / AIM, "events/CPU-s", 1.0, f"{work}; the peer is the aim")]
    return found + (_stages(by_stage, lines) if stages else [])


def _take(node: Node, sent: list[bytes], form: str) -> None:
    for body in sent:
        batch = otlp.decode_traces(body, form, now=node.clock())
        node.acceptor.accept(batch.lines, batch.refused)


def _stages(by_stage: dict[str, float], lines: tuple[EventLine, ...]) -> list[Row]:
    """Microseconds an event. Folding and language are asked text by text, so they are timed alone and taken off."""
    spent = {stage: seconds / EVENTS for stage, seconds in by_stage.items()}
    folding = _alone(lambda: [forms(line.text) for line in lines]) / len(lines)
    folded = [forms(line.text)[0].text for line in lines]
    language = _alone(lambda: [language_of(text) for text in folded]) / len(lines)
    spent["columns"] -= folding + language
    every = {
        "decode": spent.pop("decode"),
        "which are new": spent.pop("which are new"),
        "folding": folding,
        "language": language,
        **spent,
    }
    return [Row(f"... {stage}", each * 1e6, None, None, "us", None, "") for stage, each in every.items()]


def _alone(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)
