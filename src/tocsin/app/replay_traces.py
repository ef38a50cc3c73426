"""What a replay keeps of an event to find campaigns by: pseudonyms of the run, what was said of it, a fingerprint.

No text and no raw identifier is in a trace; `sketch` verifies guesses of a text, so traces lie in the folder of the run
only while it works (`working`).
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from tocsin.app.replay import FoundRow, Recipe, found_batch, lines_of, refused_row
from tocsin.correlate.stock import digest
from tocsin.kernel import EventLine, micros
from tocsin.screen import Screened
from tocsin.trust.pseudonyms import Pseudonyms

_OBSERVABLE = pa.struct([("type", pa.string()), ("value", pa.string())])
_SIGNAL = pa.struct(
    [
        ("detector", pa.string()),
        ("version", pa.string()),
        ("category", pa.string()),
        ("strength", pa.float64()),
        ("evidence", pa.string()),
    ]
)
_TRACES: list[tuple[str, pa.DataType]] = [
    ("id", pa.string()),
    ("time", pa.int64()),
    ("actor", pa.string()),
    ("actor_created", pa.int64()),
    ("observables", pa.list_(_OBSERVABLE)),
    ("signals", pa.list_(_SIGNAL)),
    ("text", pa.int64()),
    ("sketch", pa.binary()),
    ("refused", pa.string()),
]
TRACES = pa.schema(_TRACES)
"""One row a line. `text` numbers equal fingerprints, null without one; a line that could not be taken has `refused`,
and `id` as far as it was read."""

SEEN = pa.schema([field for field in TRACES if field.name not in ("sketch", "refused")])
"""The columns that a look needs."""

WORK = ".work"


@contextmanager
def working(out: Path) -> Iterator[Path]:
    """A folder inside `out` that is gone afterwards, whatever happens."""
    work = out / WORK
    work.mkdir(parents=True)
    try:
        yield work
    finally:
        shutil.rmtree(work)


def traced(recipe: Recipe, key: bytes, batch: pa.RecordBatch) -> pa.RecordBatch:
    """TRACES of a batch as `found_in` takes it; pseudonyms are under `key`, as a node makes them under its own."""
    lines, refused = lines_of(batch)
    names = Pseudonyms(key)
    rows = [_row(line, screened, names) for line, screened in zip(lines, recipe.screen()(lines), strict=True)]
    rows += [{"id": name, "refused": reason} for name, reason in refused]
    return pa.RecordBatch.from_pylist(rows, schema=TRACES)


def _row(line: EventLine, screened: Screened, names: Pseudonyms) -> dict[str, Any]:
    return {
        "id": line.id,
        "time": micros(line.time),
        "actor": names.of("actor", f"{line.source}\x00{line.actor}"),
        "actor_created": None if line.actor_created is None else micros(line.actor_created),
        "observables": [
            {"type": seen.type.value, "value": names.of(f"observable:{seen.type}", seen.value)}
            for seen in line.observables
        ],
        "signals": [msgspec.structs.asdict(said) for said in screened.signals],
        "text": None if screened.sketch is None else number_of(screened.sketch),
        "sketch": screened.sketch,
    }


def number_of(sketch: bytes) -> int:
    """The same for equal sketches: two of ten million others have the same with odds of 3 in a million.

    All of it counts, not its head alone as in a window: whichever event the sketch is kept from, it is the same.
    """
    return int.from_bytes(digest(sketch).to_bytes(8, "little"), "little", signed=True)


def found_of(traces: pa.RecordBatch) -> pa.RecordBatch:
    """FOUND of traces: what `found_in` says of the same lines."""
    rows: list[FoundRow] = []
    columns = (traces.column(name).to_pylist() for name in ("id", "signals", "refused"))
    for name, signals, reason in zip(*columns, strict=True):
        if reason is not None:
            rows.append(refused_row(name, reason))
        rows += [(name, *said.values(), None) for said in signals or ()]
    return found_batch(rows)
