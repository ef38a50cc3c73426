"""Parquet files: written whole and durably, read as batches in seq order.

A file appears under its name complete and fsynced, or not at all.
"""

import os
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tocsin.kernel import Unavailable
from tocsin.store.catalogue import DataFile, FileKind
from tocsin.store.schemas import EVENT_SCHEMA, SEALED_SCHEMA

SCHEMAS = {FileKind.EVENTS: EVENT_SCHEMA, FileKind.SEALED: SEALED_SCHEMA}

ROW_GROUP = {FileKind.EVENTS: 65_536, FileKind.SEALED: 512}
"""Rows that are read together. Few of sealed text, where one row is asked for at a time: of 512 the fingerprints are
half a megabyte."""

FOUND_GROUPS = 16
"""Row groups that `find` holds at once: rows that are looked for may lie in thousands of them."""

GROUP_BYTES = 32 << 20
"""A row group ends here too: texts may be a megabyte each, and a reader holds one group."""

BATCH_ROWS = 16_384
TEMPORARY = ".tmp"


class Replaced(Exception):  # not an error: the catalogue must be read again
    """A file is not there any more: compaction put another in its place after the catalogue was read."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Wanted(NamedTuple):
    """A slice of the events: after < seq <= upto, since <= time < until."""

    after: int = 0
    upto: int = (1 << 63) - 1
    since: int | None = None
    until: int | None = None


def write(
    data: Path, number: int, kind: FileKind, day: str, batches: Iterable[pa.RecordBatch]
) -> DataFile | None:
    """Write batches (by seq) as one file and return its catalogue entry; None, and no file, without rows."""
    extent = _Extent(kind)
    target = data / DataFile(number, kind, day, rows=0, size=0, min_seq=0, max_seq=0).path
    private_folder(target.parent, data)
    temporary = target.with_name(target.name + TEMPORARY)
    schema = SCHEMAS[kind]
    # Ciphertext does not compress; trying costs time on every file.
    codec: dict[str, Literal["gzip", "brotli", "lz4", "zstd", "snappy", "none"]] = dict.fromkeys(
        schema.names, "zstd"
    )
    if kind is FileKind.SEALED:
        codec |= {"sealed": "none", "fingerprint": "none"}
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as sink:
            with pq.ParquetWriter(
                sink,
                schema,
                compression=codec,
                use_dictionary=_repeating(schema),  # type: ignore[arg-type]  # the stub knows bool only
                write_statistics=["seq", "time"] if kind is FileKind.EVENTS else ["seq"],
            ) as writer:
                for group in _groups(batches, ROW_GROUP[kind], schema):
                    extent.add(group)
                    writer.write_table(group)
            sink.flush()
            os.fsync(sink.fileno())
        if not extent.rows:
            temporary.unlink()
            return None
        temporary.replace(target)
        sync_folder(target.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return extent.entry(number, day, target.stat().st_size)


def private_folder(folder: Path, data: Path) -> None:
    """Make `folder` below `data`, 0700, so that its name survives a power cut."""
    if folder.is_dir():
        return
    private_folder(folder.parent, data)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """A rename is durable only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(
    data: Path,
    file: DataFile,
    columns: Sequence[str],
    wanted: Wanted = Wanted(),  # noqa: B008  # immutable
) -> Iterator[pa.RecordBatch]:
    """Batches of one file in the order of its kind's schema, with missing (newer) columns as nulls.

    Raises Replaced when the file is gone, Unavailable when it is damaged.
    """
    schema = pa.schema([SCHEMAS[file.kind].field(name) for name in columns])
    with _opened(data, file) as source:
        present = [name for name in {*columns, *_needed(wanted)} if name in source.schema_arrow.names]
        # Group by group: a batch over several would hold as many of them in memory.
        for group in _groups_for(source, wanted):
            for batch in source.iter_batches(BATCH_ROWS, row_groups=[group], columns=present):
                chosen = _filter(batch, wanted)
                if chosen.num_rows:
                    yield _conform(chosen, schema)


def find(data: Path, file: DataFile, seqs: Collection[int], columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of this file with one of `seqs`, by reading only the row groups they lie in. Raises as `read`."""
    here = sorted(seq for seq in seqs if file.min_seq <= seq <= file.max_seq)
    if not here:
        return []
    with _opened(data, file) as source:
        groups = [
            group
            for group, first, last in _groups_of(source)
            if bisect_left(here, first) < bisect_right(here, last)
        ]
        present = [name for name in columns if name in source.schema_arrow.names]
        wanted = pa.array(here, pa.int64())
        found = []
        for at in range(0, len(groups), FOUND_GROUPS):
            table = source.read_row_groups(groups[at : at + FOUND_GROUPS], columns=present)
            found += table.filter(pc.is_in(table.column("seq"), wanted)).to_pylist()
        return found


def require_new(files: Iterable[DataFile], gone: Collection[int]) -> None:
    """Raise Unavailable when a file that was found missing is still in the catalogue: then it is lost."""
    for file in files:
        if file.number in gone:
            raise Unavailable(f"{file.path} is missing; restore it from a backup")


def by_group(path: Path) -> pq.ParquetFile:
    """A file to be read group by group: with pyarrow's own reading ahead, all that was read stays until it is closed.

    Raises as pyarrow does.
    """
    return pq.ParquetFile(path, pre_buffer=False)


@contextmanager
def _opened(data: Path, file: DataFile) -> Iterator[pq.ParquetFile]:
    """An open file stays readable when compaction removes its name."""
    try:
        with by_group(data / file.path) as source:
            yield source
    except FileNotFoundError:
        raise Replaced(file.number) from None
    except (pa.ArrowInvalid, EOFError) as error:
        raise Unavailable(f"{file.path} is damaged; restore it from a backup") from error


def merged(
    data: Path, files: Sequence[DataFile], columns: Sequence[str], wanted: Wanted
) -> Iterator[pa.RecordBatch]:
    """Batches of several files as one ascending order of seq. Opens only files whose ranges overlap at once."""
    waiting = sorted(files, key=lambda file: file.min_seq, reverse=True)
    heads: list[_Head] = []
    while waiting or heads:
        while waiting and (not heads or waiting[-1].min_seq <= min(head.last for head in heads)):
            head = _Head(read(data, waiting.pop(), columns, wanted))
            if head.advance():
                heads.append(head)
        if not heads:
            continue
        bound = min(head.last for head in heads)
        parts = [part for head in heads if (part := head.take(bound)).num_rows]
        heads = [head for head in heads if head.batch.num_rows or head.advance()]
        if len(parts) == 1:
            yield parts[0]
        else:
            yield from pa.Table.from_batches(parts).sort_by("seq").combine_chunks().to_batches()


class _Head:
    """What has been read of one file and not yet given away."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self.batch: pa.RecordBatch
        self.last = 0

    def advance(self) -> bool:
        following = next(self._batches, None)
        if following is None:
            return False
        self.batch = following
        self.last = following.column("seq")[-1].as_py()
        return True

    def take(self, bound: int) -> pa.RecordBatch:
        size = int(np.searchsorted(self.batch.column("seq").to_numpy(), bound, side="right"))
        part, self.batch = self.batch.slice(0, size), self.batch.slice(size)
        return part


class _Extent:
    """Ranges of the rows that went into a file."""

    def __init__(self, kind: FileKind) -> None:
        self._kind = kind
        self.rows = 0
        self._ranges: dict[str, tuple[int, int]] = {}

    def add(self, table: pa.Table) -> None:
        self.rows += table.num_rows
        names = ("seq", "time", "received") if self._kind is FileKind.EVENTS else ("seq",)
        for name in names:
            values = table.column(name).to_numpy()
            low, high = int(values.min()), int(values.max())
            seen = self._ranges.get(name, (low, high))
            self._ranges[name] = (min(low, seen[0]), max(high, seen[1]))

    def entry(self, number: int, day: str, size: int) -> DataFile:
        ranges = [self._ranges.get(name, (0, 0)) for name in ("seq", "time", "received")]
        return DataFile(
            number, self._kind, day, self.rows, size, *(bound for pair in ranges for bound in pair)
        )


def _repeating(schema: pa.Schema) -> list[str]:
    unique = {"seq", "id", "time", "received", "sealed", "fingerprint"}
    return [name for name in schema.names if name not in unique]


def _groups(batches: Iterable[pa.RecordBatch], rows: int, schema: pa.Schema) -> Iterator[pa.Table]:
    """The same rows in tables of up to `rows` rows and about GROUP_BYTES bytes."""
    held: list[pa.RecordBatch] = []
    room = rows
    space = GROUP_BYTES
    for whole in batches:
        rest = whole
        while rest.num_rows:
            fitting = max(1, min(room, rest.num_rows, space * rest.num_rows // max(1, rest.nbytes)))
            held.append(rest.slice(0, fitting))
            room -= fitting
            space -= held[-1].nbytes
            rest = rest.slice(fitting)
            if room <= 0 or space <= 0:
                yield pa.Table.from_batches(held, schema)
                held, room, space = [], rows, GROUP_BYTES
    if held:
        yield pa.Table.from_batches(held, schema)


def _needed(wanted: Wanted) -> set[str]:
    return {"seq"} if wanted.since is None and wanted.until is None else {"seq", "time"}


def _groups_of(source: pq.ParquetFile, column: str = "seq") -> Iterator[tuple[int, int, int]]:
    """(number, lowest, highest value) of each row group, by its statistics."""
    where = source.schema_arrow.get_field_index(column)  # flat columns come first in either schema
    for group in range(source.metadata.num_row_groups):
        statistics = source.metadata.row_group(group).column(where).statistics
        if statistics is None or statistics.min is None or statistics.max is None:
            raise pa.ArrowInvalid("row group without statistics")
        yield group, int(statistics.min), int(statistics.max)


def _groups_for(source: pq.ParquetFile, wanted: Wanted) -> list[int]:
    """Row groups that may hold wanted rows."""
    groups = {group for group, _, last in _groups_of(source) if last > wanted.after}
    if wanted.since is not None or wanted.until is not None:
        since, until = wanted.since, wanted.until
        groups &= {
            group
            for group, first, last in _groups_of(source, "time")
            if (since is None or last >= since) and (until is None or first < until)
        }
    return sorted(groups)


def _filter(batch: pa.RecordBatch, wanted: Wanted) -> pa.RecordBatch:
    seqs = batch.column("seq").to_numpy()
    mask = (seqs > wanted.after) & (seqs <= wanted.upto)
    if wanted.since is not None:
        mask &= batch.column("time").to_numpy() >= wanted.since
    if wanted.until is not None:
        mask &= batch.column("time").to_numpy() < wanted.until
    return batch if mask.all() else batch.filter(pa.array(mask))


def _conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    names = set(batch.schema.names)
    columns = [
        batch.column(field.name).cast(field.type)
        if field.name in names
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
