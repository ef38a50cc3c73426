"""Events become counts of actors, with what one actor can change bounded: one pass, and nothing of a person is left.

An actor counts at most once in a cell and in at most `bound` cells: those in which it has most events, and of equals
the first of the list. Which these are depends on its own events alone, so that to add or take out all events of one
actor changes the whole vector by at most `bound` in L1.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, cast

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.kernel.counts import CountList
from tocsin.store.engine import kernel_errors
from tocsin.taxonomy.conduct import categories
from tocsin.taxonomy.counted import DAYS, LANGUAGES, OTHER, cells

MEMORY = "1GB"
"""As one look at links may take: a week of a busy node is a few million (actor, cell) pairs."""

_DAY_US = 86_400_000_000
_MONDAY = 3
"""1 January 1970 was a Thursday: so many days before it a week began."""

_COLUMNS: list[tuple[str, pa.DataType]] = [("actor", pa.string()), ("cell", pa.int32())]
_SEEN = pa.schema(_COLUMNS)

_BOUNDED = """
WITH said AS (SELECT actor, cell, count(*) AS events FROM seen GROUP BY ALL),
ranked AS (SELECT cell, row_number() OVER (PARTITION BY actor ORDER BY events DESC, cell) AS place FROM said)
SELECT cell, count(*) AS actors FROM ranked WHERE place <= $bound GROUP BY cell
"""

I64 = npt.NDArray[np.int64]


def contributions(events: Iterable[pa.RecordBatch], which: CountList, bound: int) -> tuple[int, ...]:
    """Actors by cell of the list, in its order; `events` are one week's, in EVENT_SCHEMA, each once."""
    seen = pa.RecordBatchReader.from_batches(_SEEN, _cells(events, which))
    config: dict[str, Any] = {"threads": 1, "memory_limit": MEMORY, "temp_directory": ""}
    with kernel_errors(), duckdb.connect(":memory:", config=config) as connection:
        connection.execute("SET enable_external_access = false")
        connection.register("seen", seen)
        rows = connection.execute(_BOUNDED, {"bound": bound}).fetchall()
    found = [0] * len(cells(which))
    for cell, actors in rows:
        found[cell] = int(actors)
    return tuple(found)


def _cells(events: Iterable[pa.RecordBatch], which: CountList) -> Iterator[pa.RecordBatch]:
    """(actor, cell) of each event and each conduct that a detector named in it."""
    known = pa.array([entry.id for entry in categories()], pa.string())
    for batch in events:
        signals = batch.column("signals")
        rows = pc.list_parent_indices(signals).to_numpy()
        said = pc.index_in(pc.struct_field(pc.list_flatten(signals), "category"), value_set=known)
        codes = pc.fill_null(said, -1).to_numpy().astype(np.int64)
        pairs = np.unique((rows * len(known) + codes)[codes >= 0])
        row, category = pairs // len(known), pairs % len(known)
        if which is CountList.LANGUAGES:
            row = np.unique(row)
            cell = _languages(batch)[row]
        elif which is CountList.TRENDS:
            days = batch.column("time").to_numpy() // _DAY_US
            cell = category * DAYS + (days[row] + _MONDAY) % DAYS
        else:
            cell = category
        actors = pc.take(batch.column("actor"), pa.array(row, pa.int64()))
        yield pa.RecordBatch.from_arrays([actors, pa.array(cell, pa.int32())], schema=_SEEN)


def _languages(batch: pa.RecordBatch) -> I64:
    """The cell of each row's language."""
    encoded = cast(
        "pa.DictionaryArray[Any, Any]", pc.dictionary_encode(batch.column("lang"), null_encoding="encode")
    )
    places = np.array([_place(tag) for tag in encoded.dictionary.to_pylist()], np.int64)
    return places[encoded.indices.to_numpy()] if len(places) else np.zeros(0, np.int64)


@lru_cache(maxsize=4_096)  # a source may invent tags without end
def _place(tag: str | None) -> int:
    listed = cells(CountList.LANGUAGES)
    primary = (tag or "").lower().replace("_", "-").partition("-")[0]
    return listed.index(primary if primary in LANGUAGES else OTHER)
