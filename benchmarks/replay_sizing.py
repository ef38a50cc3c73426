"""What a billion events cost: CPU seconds of a replay as history grows, and the law they follow.

    python -m benchmarks.replay_sizing [--events 100000 1000000] [--spark]

Texts of some 200 characters from a grammar, the packaged packs, no rules. Prints the table of docs/replay.md.
Under Spark its start is in the figure, and every core is counted for the whole time.
"""

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.rows import cpu_seconds, figure
from tocsin.app.replay import LINES, Counted, Recipe, replay
from tocsin.sandbox.grammar import grammar
from tocsin.taxonomy.packs import shipped_packs

START = datetime(2026, 3, 1, tzinfo=UTC)
TEXTS = 20_000
ROWS = 100_000
"""Rows made and written at once."""

BILLION = 1_000_000_000
HOUR = 3_600


def history(file: Path, events: int) -> float:
    """Write `events` rows; returns the mean length of a text."""
    rng, grown = random.Random(3), grammar("en")
    texts = [grown.text(rng) for _ in range(TEXTS)]
    with pq.ParquetWriter(file, LINES, compression="zstd") as writer:
        for first in range(0, events, ROWS):
            writer.write_table(
                pa.Table.from_pylist(
                    [
                        {
                            "id": f"e{number}",
                            "time": START + timedelta(milliseconds=number),
                            "source": "feed",
                            "kind": "content.post",
                            "actor": f"a{rng.randrange(events // 5 + 1)}",
                            "text": f"{texts[rng.randrange(TEXTS)]} {number}",
                        }
                        for number in range(first, min(first + ROWS, events))
                    ],
                    schema=LINES,
                )
            )
    return sum(map(len, texts)) / len(texts)


def measured(name: str, events: int, work: Callable[[], Counted], cores: int = 0) -> str:
    """A line of the table. Under Spark the JVM and its workers are not ours to count: all `cores`, all the time."""
    used, began = cpu_seconds(), time.perf_counter()
    counted = work()
    used, wall = cpu_seconds() - used, time.perf_counter() - began
    assert counted.events == events
    memory = "–" if cores else f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f}"
    used = wall * cores if cores else used
    cells = (name, f"{events:,}", f"{used:,.1f}", f"{wall:,.1f}", figure(events / used), memory)
    return f"| {' | '.join(cells)} | {used / events * BILLION / HOUR:,.0f} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--spark", action="store_true")
    asked = parser.parse_args()
    recipe = Recipe(packs=shipped_packs())
    recipe.screen()
    print("| engine | events | CPU-s | s | events a CPU-second | peak MB | CPU-hours for a billion |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for events in asked.events:
            place = Path(folder) / str(events)
            place.mkdir()
            history(place / "history.parquet", events)
            print(measured("local", events, partial(replay, [place], recipe, place / "out")), flush=True)
            if asked.spark:
                from tocsin.app.replay_spark import replay as under_spark

                file = place / "history.parquet"
                work = partial(under_spark, [file], recipe, place / "spark")
                print(measured("spark", events, work, os.cpu_count() or 1), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
