"""History through the detectors, beyond one machine: the same functions over Parquet, here or under Spark.

What is replayed is an operator's own history of event lines (the columns of LINES, or JSON lines), not a node's sealed
store. What comes out names events and rules and quotes no text. See docs/replay.md.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tocsin.app.replay_jobs import each
from tocsin.kernel import BadInput, EventLine, Refusal
from tocsin.screen import Screen
from tocsin.store.parquet import by_group
from tocsin.taxonomy.packs import Pack
from tocsin.wire.events import decode_line

BATCH_LINES = 8_192
"""Rows read at once: some 10 MB of texts of a kilobyte."""

GROUP_ROWS = 65_536
"""Signals from which a row group of what is found is written."""

_Columns = list[tuple[str, pa.DataType]]
_MOMENT = pa.timestamp("us", "UTC")
_LINES: _Columns = [
    ("id", pa.string()),
    ("time", _MOMENT),
    ("source", pa.string()),
    ("kind", pa.string()),
    ("actor", pa.string()),
    ("text", pa.string()),
    ("session", pa.string()),
    ("model", pa.string()),
    ("lang", pa.string()),
    ("tool", pa.string()),
    ("actor_created", _MOMENT),
    ("observables", pa.list_(pa.struct([("type", pa.string()), ("value", pa.string())]))),
    ("attributes", pa.string()),
]
LINES = pa.schema(_LINES)
"""What is read: an event as its source would send it; `attributes` is a JSON object. Only the first six are needed."""

NEEDED = ("id", "time", "source", "kind", "actor", "text")

_FOUND: _Columns = [
    ("event", pa.string()),
    ("detector", pa.string()),
    ("version", pa.string()),
    ("category", pa.string()),
    ("strength", pa.float64()),
    ("evidence", pa.string()),
    ("refused", pa.string()),
]
FOUND = pa.schema(_FOUND)
"""What comes out: one row a signal; and one a line that could not be taken, where `refused` says why and the rest but
`event` (as far as it was read) is null."""

SIGNALS = "signals.parquet"
"""What comes out lies there: one file, or under Spark a folder of parts, which readers of Parquet take for one."""

VALUE = "value"
"""The column of a batch whose rows are JSON lines, as Kafka and Spark's text source name it."""


class Recipe(msgspec.Struct, frozen=True):
    """What a worker needs to screen as this node does. It is sent to each, so it holds data and nothing open."""

    packs: tuple[Pack, ...]

    def screen(self) -> Screen:
        """The screen; built once in a process."""
        return _screen(msgspec.msgpack.encode(self))


@lru_cache(maxsize=2)
def _screen(recipe: bytes) -> Screen:
    return Screen(msgspec.msgpack.decode(recipe, type=Recipe).packs)


def found_in(recipe: Recipe, batch: pa.RecordBatch) -> pa.RecordBatch:
    """FOUND of a batch of LINES columns (in any order, further ones are passed over) or of JSON lines in VALUE."""
    lines, refused = lines_of(batch)
    rows: list[FoundRow] = [
        (line.id, said.detector, said.version, said.category, said.strength, said.evidence, None)
        for line, screened in zip(lines, recipe.screen()(lines), strict=True)
        for said in screened.signals
    ]
    return found_batch([*rows, *(refused_row(name, reason) for name, reason in refused)])


FoundRow = tuple[str | float | None, ...]
"""The columns of FOUND."""


def refused_row(name: str | None, reason: str) -> FoundRow:
    """A line that could not be taken."""
    return (name, None, None, None, None, None, reason)


def found_batch(rows: Sequence[FoundRow]) -> pa.RecordBatch:
    """FOUND of its rows."""
    columns: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else ((),) * len(FOUND)
    arrays: list[pa.Array[Any]] = [
        pa.array(values, field.type) for values, field in zip(columns, FOUND, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=FOUND)


def lines_of(batch: pa.RecordBatch) -> tuple[list[EventLine], list[tuple[str | None, str]]]:
    """The lines of a batch, and (id as far as it was read, reason) of those that the door would refuse."""
    now = datetime.now(UTC)
    lines: list[EventLine] = []
    refused: list[tuple[str | None, str]] = []
    for number, (name, line) in enumerate(_json_lines(batch), 1):
        taken = decode_line(number, line, now=now)
        if isinstance(taken, Refusal):
            refused.append((name, f"{taken.field or 'line'}: {taken.reason}"))
        else:
            lines.append(taken)
    return lines, refused


def _json_lines(batch: pa.RecordBatch) -> Iterator[tuple[str | None, bytes]]:
    """The id where it is known, and the line as the door takes it, so that both refuse the same."""
    if batch.schema.names == [VALUE]:
        for value in batch.column(VALUE).to_pylist():
            yield None, value.encode() if isinstance(value, str) else bytes(value or b"")
        return
    held = batch.select([name for name in LINES.names if name in batch.schema.names])
    for at, field in enumerate(held.schema):
        if pa.types.is_timestamp(field.type):
            held = held.set_column(at, field.name, _moments(held.column(at)))
    for row in held.to_pylist():
        kept = {name: value for name, value in row.items() if value not in (None, "", [])}
        if "attributes" in kept:
            kept["attributes"] = _object(kept["attributes"])
        yield row.get("id"), msgspec.json.encode(kept)


def _moments(column: "pa.Array[Any]") -> "pa.Array[Any]":
    """As a line would have them, in UTC; made text as a column, for a time by itself costs more than the whole line.

    A time without a zone stays without one, and one that no calendar has is text: the door refuses both.
    """
    unit = column.type.unit
    ticks = column.cast(pa.int64())
    first, last = [pa.scalar(one, pa.int64()) for one in _calendar(unit)]
    known = pc.and_(pc.greater_equal(ticks, first), pc.less_equal(ticks, last))
    sane = pc.if_else(known, ticks, pa.scalar(0, pa.int64())).cast(column.type)
    micros = sane.cast(pa.timestamp("us", "UTC" if column.type.tz else None), safe=False)
    written: pa.Array[Any] = pc.if_else(known, micros.cast(pa.string()), "outside of the calendar")
    return written


def _calendar(unit: str) -> tuple[int, int]:
    """The first moment of the year 1 and the last of 9999, where datetime ends, as far as 64 bits reach."""
    ticks = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[unit]
    return max(-62_135_596_800 * ticks, -(1 << 63)), min(253_402_300_800 * ticks - 1, (1 << 63) - 1)


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text  # the door says what it is instead


def check_columns(names: Iterable[str], where: str) -> None:
    """Raises BadInput when the columns of a file are neither LINES nor JSON lines."""
    held = set(names)
    if held == {VALUE}:
        return
    lacking = [name for name in NEEDED if name not in held]
    if lacking:
        raise BadInput(f"{where} has no column {', '.join(lacking)}: see docs/replay.md for the columns")


def parquet_files(inputs: Sequence[Path]) -> list[Path]:
    """The Parquet files that are named, and those in folders that are named. Raises BadInput for none."""
    files: list[Path] = []
    for one in inputs:
        found = sorted(one.rglob("*.parquet")) if one.is_dir() else [one]
        if not found or not all(file.is_file() for file in found):
            raise BadInput(f"there is no Parquet file at {one}: name files, or a folder that holds some")
        files += found
    return files


class Counted(msgspec.Struct):
    """What a replay came to. `signals` counts by detector and category."""

    events: int = 0
    signals: dict[str, dict[str, int]] = {}
    refused: int = 0
    first_refused: list[str] = []
    """Reasons of the first MAX_REASONS lines that could not be taken."""
    campaigns: int | None = None
    """How many were found; None where none were looked for."""

    def add(self, found: pa.RecordBatch | pa.Table) -> None:
        """Count these rows of FOUND."""
        columns = [cast("list[str | None]", found.column(name).to_pylist()) for name in _COUNTED]
        for event, detector, category, reason in zip(*columns, strict=True):
            if reason is not None:
                self.refused += 1
                if len(self.first_refused) < MAX_REASONS:
                    self.first_refused.append(f"{event or 'a line'}: {reason}")
            elif detector is not None and category is not None:
                by = self.signals.setdefault(detector, {})
                by[category] = by.get(category, 0) + 1


_COUNTED = ("event", "detector", "category", "refused")
MAX_REASONS = 20


def replay(
    inputs: Sequence[Path],
    recipe: Recipe,
    out: Path | None,
    progress: Callable[[int, int], None] = lambda done, of: None,
    jobs: int = 1,
) -> Counted:
    """Every event of these Parquet files through the detectors, in this process or in `jobs` that it starts.

    `out` is a new folder for SIGNALS (FOUND). `progress` hears rows done and rows in all. Raises BadInput for
    files that are none or of other columns, and for an `out` that exists.
    """
    total, batches = history(inputs)
    if out is not None:
        new_folder(out)
        out.mkdir(parents=True)
    said = each(partial(_found_alone, recipe), batches, jobs)
    return written(
        ((rows, found) for rows, (found,) in said),
        None if out is None else out / SIGNALS,
        lambda done: progress(done, total),
    )


def _found_alone(recipe: Recipe, batch: pa.RecordBatch) -> tuple[pa.RecordBatch]:
    return (found_in(recipe, batch),)


def written(
    found: Iterable[tuple[int, pa.RecordBatch]], file: Path | None, progress: Callable[[int], None]
) -> Counted:
    """What was found (FOUND) in so many events at a time, counted, and written to a new file unless there is none."""
    counted = Counted()

    def taken() -> Iterator[pa.RecordBatch]:
        for rows, one in found:
            counted.add(one)
            counted.events += rows
            yield one
            progress(counted.events)

    with nullcontext() if file is None else pq.ParquetWriter(file, FOUND, compression="zstd") as writer:
        for table in gathered(taken()):
            if writer is not None:
                writer.write_table(table)
    return counted


def gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The same rows, GROUP_ROWS or more at once: each is written as a row group, and all are named at the end."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= GROUP_ROWS:
            yield pa.Table.from_batches(held)
            held, rows = [], 0
    if rows:
        yield pa.Table.from_batches(held)


def history(inputs: Sequence[Path]) -> tuple[int, Iterator[pa.RecordBatch]]:
    """How many rows there are, and the rows. Raises BadInput for files that are none or of other columns."""
    sources = [_opened(file) for file in parquet_files(inputs)]
    return sum(source.metadata.num_rows for source in sources), _rows(sources)


def _rows(sources: Sequence[pq.ParquetFile]) -> Iterator[pa.RecordBatch]:
    for source in sources:
        names = [name for name in source.schema_arrow.names if name in {*LINES.names, VALUE}]
        yield from source.iter_batches(BATCH_LINES, columns=names)


def new_folder(out: Path) -> None:
    """Raises BadInput when something is there already: results are never mixed."""
    if out.exists():
        raise BadInput(f"{out} exists already: name a new folder for the results")


def _opened(file: Path) -> pq.ParquetFile:
    try:
        source = by_group(file)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"{file} is not a Parquet file that can be read: {error}") from error
    check_columns(source.schema_arrow.names, str(file))
    return source
