"""Counts of conduct: events with their signals to counts by hour, day, conduct, language and region; and a look."""

from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.rows import Row, cpu_seconds
from tocsin.correlate.trends.counting import count
from tocsin.store.schemas import EVENT_SCHEMA, SIGNAL_TYPE
from tocsin.taxonomy import categories

EVENTS = 1_000_000
BATCH = 100_000
DAYS = 30
LANGUAGES = ("en", "zh-Hans", "ru", "mn", "ar", "es", "fr", "de", "ja", None)
DAY_US = 86_400_000_000
AIM = 1_000_000.0
"""Keyed counts a second."""


def batch_of(rng: np.random.Generator, rows: int) -> pa.RecordBatch:
    """Made-up events: 30 days, ten languages, five sources, a third with a signal, some late."""
    named = [entry.id for entry in categories()]
    time = rng.integers(0, DAYS * DAY_US, rows)
    has = rng.random(rows) < 1 / 3
    ends = np.concatenate(([0], np.cumsum(has)))
    said = int(ends[-1])
    signals = pa.StructArray.from_arrays(
        [
            pa.array(["phrases"] * said),
            pa.array(["1"] * said),
            pa.DictionaryArray.from_arrays(
                pa.array(rng.integers(0, len(named), said), pa.int32()), pa.array(named)
            ).dictionary_decode(),
            pa.array(np.ones(said, np.float32)),
            pa.array(["p/en/1"] * said),
        ],
        fields=list(SIGNAL_TYPE),
    )
    columns: dict[str, pa.Array[Any]] = {
        "time": pa.array(time),
        "received": pa.array(time + (rng.exponential(0.2, rows) * DAY_US).astype(np.int64)),
        "lang": pa.array([LANGUAGES[one] for one in rng.integers(0, len(LANGUAGES), rows)]),
        "source": pa.array(rng.choice(["a", "b", "c", "d", "e"], rows)),
        "signals": pa.ListArray.from_arrays(pa.array(ends, pa.int32()), signals, type=pa.list_(SIGNAL_TYPE)),
    }
    return pa.RecordBatch.from_arrays(
        [columns.get(field.name, pa.nulls(rows, field.type)) for field in EVENT_SCHEMA], schema=EVENT_SCHEMA
    )


def run() -> list[Row]:
    """Keyed counts a CPU-second: each event's hour and day, as traffic and for its conduct."""
    rng = np.random.default_rng(4)
    batches = [batch_of(rng, BATCH) for _ in range(EVENTS // BATCH)]
    regions = {"a": "europe", "b": "asia"}
    count(batches[0], regions)
    started = cpu_seconds()
    cells = [count(batch, regions) for batch in batches]
    spent = cpu_seconds() - started
    kept = sum(int(np.sum(batch.column("count").to_numpy())) for batch in cells)
    return [
        Row(
            "keyed counts",
            kept / spent,
            AIM,
            kept / spent / AIM,
            "counts/CPU-s",
            1.0,
            f"{EVENTS:,} events in batches of {BATCH:,} make {kept:,} counts in"
            f" {sum(batch.num_rows for batch in cells):,} cells; the peer is the aim",
        ),
        Row("... events", EVENTS / spent, None, None, "events/CPU-s", None, "the same run"),
    ]
