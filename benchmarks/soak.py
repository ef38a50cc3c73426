"""A day of a busy node in less than a day: memory flat, nothing lost, warnings as they were.

    python -m benchmarks.soak [--events 20000000] [--hours 24] [--minutes 120]

One real node in this process takes events through its front door, the clock runs as fast as they come, and every job of
a serving node has its turn: watch, lookouts, compaction, expiry. A campaign begins every two hours of the node's time.
Half of the texts are too short for a fingerprint, as most messages are; the others come from one small grammar, so that
most of them lie in families which grow from look to look: harder than life. Prints a line every twentieth of the way;
exit 1 when an event was lost or counted twice, a warning changed its name, or memory grew. Campaigns whose texts
are alike (.25) are one warning. After so many minutes no more events are sent, and what came is looked at.
"""

import argparse
import gc
import math
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from pathlib import Path

import msgspec

from benchmarks.rows import cpu_seconds
from tocsin.app.node import Node
from tocsin.app.setup import initialise
from tocsin.kernel import EventLine, Kind, Observable, ObservableType, WarningKind
from tocsin.sandbox.campaign import SYNONYMS
from tocsin.sandbox.disguise import change_words
from tocsin.sandbox.grammar import grammar

START = datetime(2026, 3, 1, tzinfo=UTC)
BATCH = 2_000
"""Events in one request."""

LOOK_EVERY = 50
"""Batches between two turns of the jobs: seven minutes of the node's time, at 20 million events in a day."""

AHEAD = 4
"""Batches that are made before they are asked for."""

ACCOUNTS = 200_000
SHORT_SHARE = 0.5
SHORT_WORDS = 4
CAMPAIGN_HOURS = 2
CAMPAIGN_ACCOUNTS = 15
CAMPAIGN_EVENTS = 60
STEPS = 20
GROWTH = 1.25
"""Of the second half's memory over the first's, at most: what is kept by time has its full size by then."""


def lines(events: int, hours: float, seed: int) -> Iterator[list[EventLine]]:
    """Batches of a time-compressed day: ordinary life, and campaigns one after the other."""
    rng = random.Random(seed)  # an invented world
    grown, step = grammar("en"), timedelta(hours=hours) / events
    created = [START - timedelta(days=rng.expovariate(1 / 300)) for _ in range(ACCOUNTS)]
    spread = max(1, int(events / hours * CAMPAIGN_HOURS / CAMPAIGN_EVENTS / 2))
    campaign: list[EventLine] = []
    turn = -1
    for first in range(0, events, BATCH):
        batch = []
        for number in range(first, min(first + BATCH, events)):
            at = START + step * number
            now = int(step * number / timedelta(hours=CAMPAIGN_HOURS))
            if now > turn:
                turn = now
                campaign = _campaign(rng, turn, at)
            if campaign and number % spread == 0:
                line = campaign.pop()
                batch.append(_at(line, at, number))
                continue
            account, text = rng.randrange(ACCOUNTS), grown.text(rng)
            batch.append(
                EventLine(
                    id=f"e{number}",
                    time=at,
                    source="feed",
                    kind=Kind.POST,
                    actor=f"a{account}",
                    text=_short(text) if rng.random() < SHORT_SHARE else text,
                    actor_created=created[account],
                    observables=(Observable(ObservableType.DEVICE, f"d{account}"),),
                )
            )
        yield batch


def _short(text: str) -> str:
    return " ".join(text.split(" ", SHORT_WORDS)[:SHORT_WORDS])


def made_aside(events: int, hours: float, seed: int) -> Iterator[list[EventLine]]:
    """`lines`, made in another process."""
    around = multiprocessing.get_context("spawn")
    ready = around.Queue(AHEAD)
    maker = around.Process(target=_make, args=(ready, events, hours, seed), daemon=True)
    maker.start()
    decode = msgspec.msgpack.Decoder(list[EventLine]).decode
    while batch := ready.get():
        yield decode(batch)
    maker.join()


def _make(ready: "Queue[bytes]", events: int, hours: float, seed: int) -> None:
    encode = msgspec.msgpack.Encoder().encode
    for batch in lines(events, hours, seed):
        ready.put(encode(batch))
    ready.put(b"")


def _campaign(rng: random.Random, turn: int, at: datetime) -> list[EventLine]:
    text = grammar("refund-en").text(rng).replace("<domain>", f"refund{turn}.example")
    made = []
    for number in range(CAMPAIGN_EVENTS):
        words = change_words(text.split(" "), 0.1, rng, SYNONYMS, ("really", "now", "today"))
        who = number % CAMPAIGN_ACCOUNTS
        made.append(
            EventLine(
                id="",
                time=at,
                source="feed",
                kind=Kind.POST,
                actor=f"c{turn}-{who}",
                text=" ".join(words),
                actor_created=at - timedelta(days=1),
                observables=(
                    Observable(ObservableType.DEVICE, f"cd{turn}-{who % 3}"),
                    Observable(ObservableType.WALLET, f"bc1qrefund{turn}"),
                ),
            )
        )
    return made


def _at(line: EventLine, at: datetime, number: int) -> EventLine:
    return EventLine(
        id=f"e{number}",
        time=at,
        source=line.source,
        kind=line.kind,
        actor=line.actor,
        text=line.text,
        actor_created=line.actor_created,
        observables=line.observables,
    )


def resident_mb() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--minutes", type=float, default=120.0)
    asked = parser.parse_args()
    now = START
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "node"
        initialise(data, name="soak", clock=lambda: START)
        node = Node(data, clock=lambda: now)
        sent, memory, rang = 0, [], set[str]()
        began, spent, looked, mark = time.perf_counter(), 0.0, 0.0, 0
        slowest = 0.0
        print(
            "| events | warnings | MB | events a CPU-second | looks, CPU-s | the slowest |\n|---|---|---|---|---|---|"
        )
        for turn, batch in enumerate(made_aside(asked.events, asked.hours, 1)):
            now = batch[-1].time + timedelta(seconds=1)
            used = cpu_seconds()  # the node's own: making the events is not its work
            answer = node.acceptor.accept(batch)
            assert answer.accepted == len(batch), answer
            sent += len(batch)
            over = time.perf_counter() - began > asked.minutes * 60
            if over or turn % LOOK_EVERY == 0 or sent == asked.events:
                before = cpu_seconds()
                rang |= {warning.id for warning in node.watch.tick()}
                look = cpu_seconds() - before
                looked, slowest = looked + look, max(slowest, look)
                rang |= {warning.id for warning in node.lookouts.tick()}
                node.compact_if_due()
            spent += cpu_seconds() - used
            if sent * STEPS // asked.events > mark:
                mark = sent * STEPS // asked.events
                node.expire()
                gc.collect()
                memory.append(resident_mb())
                speed = sent / spent
                print(
                    f"| {sent:,} | {len(rang)} | {memory[-1]:,.0f} | {speed:,.0f} | {looked:,.0f} | {slowest:.1f} |",
                    flush=True,
                )
            if over:
                break
        kept, again = node.store.events.count(), node.acceptor.accept(batch)
        warnings = node.store.warnings.list(limit=10_000)
        listed = {warning.id for warning in warnings}
        campaigns = sum(warning.kind is WarningKind.CAMPAIGN for warning in warnings)
        node.close()
    wall = time.perf_counter() - began
    begun = math.ceil(asked.hours * sent / asked.events / CAMPAIGN_HOURS)
    half = len(memory) // 2
    grown = max(memory[half:], default=0.0) / max(memory[half // 2 : half], default=1.0)
    lost, twice, unstable = sent - kept, again.accepted, len(rang ^ listed)
    print(
        f"\n{sent:,} events in {wall:,.0f} s; lost {lost}, kept twice {twice}; {begun} campaigns in "
        f"{campaigns} warnings, of which {unstable} changed their name; memory of the second half over the first "
        f"{grown:.2f}"
    )
    return int(bool(lost or twice or unstable or grown > GROWTH))


if __name__ == "__main__":
    sys.exit(main())
