"""The compactor: journal rows into Parquet, small files into bigger ones, old ones away.

One at a time for a data folder, by a file lock that dies with its process. The order that makes kill -9
harmless is always the same: write files and fsync them, then one transaction changes the catalogue, then the
files that are not listed any more are removed. What a crash leaves unlisted, the next run sweeps.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

import pyarrow as pa

from tocsin.store import catalogue, clearing, erasing, journal, parquet
from tocsin.store.catalogue import DataFile, FileKind
from tocsin.store.dialect import reserve
from tocsin.store.engine import kernel_errors
from tocsin.store.folder import Folder
from tocsin.store.retention import Retention
from tocsin.store.sealed_interface import Erased

ROUND_ROWS = 32_768
ROUND_BYTES = 128 << 20
"""What one round holds in memory, rows or bytes, whichever comes first."""

FULL_BYTES = 256 << 20
"""A file with half of this is not merged again."""

MERGE_AT = 8
"""So many small neighbours become one file: a row is rewritten once per size class, not once per round."""


class Compactor(Folder):
    """Moves, merges and removes files of one data folder."""

    def compact(self, *, keep_rows: int) -> int:
        """Move rows and merge; returns rows moved, 0 when another compactor is at work."""
        with kernel_errors(), self.alone(wait=False) as held:
            if not held:
                return 0
            self._sweep()
            moved = 0
            while rows := self._round(keep_rows):
                moved += rows
            for kind in FileKind:
                self._merge(kind)
            return moved

    def expire(self, *, events_before: int, sealed_days_before: str) -> int:
        """Delete by retention, exactly: a file that is partly too old is written again without that part."""
        with kernel_errors(), self.alone(wait=True):
            self._sweep()
            with self._database.reading() as connection:
                events = catalogue.live(connection, FileKind.EVENTS)
                sealed = catalogue.live(connection, FileKind.SEALED)
            plan = Retention(self._data, self._write, events_before, sealed_days_before)
            plan.look_at_events(events)
            plan.look_at_sealed(sealed)
            with self._database.writing() as connection:
                deleted = plan.carry_out(connection)
            self._unlink(plan.old)
            return deleted

    def accounts(self) -> frozenset[str]:
        """Every actor there is."""
        with kernel_errors(), self.alone(wait=True), self._database.reading() as connection:
            return erasing.accounts(connection, self._data, catalogue.live(connection, FileKind.EVENTS))

    def erase(self, account: str, fresh: Callable[[], str]) -> Erased:
        """Take one account out (`sealed_interface.Eraser`)."""
        with kernel_errors(), self.alone(wait=True):
            self._sweep()
            with self._database.reading() as connection:
                events = catalogue.live(connection, FileKind.EVENTS)
                sealed = catalogue.live(connection, FileKind.SEALED)
            plan = erasing.Erasing(self._data, self._write, account, fresh)
            plan.look_at_events(events)
            plan.look_at_sealed(sealed)
            with self._database.writing() as connection:
                erased = plan.carry_out(connection)
                clearing.ask(connection)
            self._unlink(plan.old)
            clearing.clear(self._database)
            return erased

    def _round(self, keep_rows: int) -> int:
        with self._database.reading() as connection:
            rows = journal.oldest(connection, keep_rows=keep_rows, max_rows=ROUND_ROWS, max_bytes=ROUND_BYTES)
        if not rows:
            return 0
        new = [self._write(FileKind.EVENTS, "", [journal.event_batch((row.seq, row.body) for row in rows)])]
        with_text = sorted((row for row in rows if row.sealed is not None), key=lambda row: row.seal_day)
        for day, group in groupby(with_text, key=lambda row: row.seal_day):
            new.append(self._write(FileKind.SEALED, day, [journal.sealed_batch(group)]))
        with self._database.writing() as connection:
            catalogue.replace(connection, (), [file for file in new if file])
            # Nothing smaller than what was read can have come since: numbers appear in order.
            journal.remove(connection, rows[0].seq, rows[-1].seq)
        return len(rows)

    def _merge(self, kind: FileKind) -> None:
        columns = parquet.SCHEMAS[kind].names
        while True:
            with self._database.reading() as connection:
                files = catalogue.live(connection, kind)
            run = mergeable(files)
            if not run:
                return
            merged = self._write(kind, run[0].day, parquet.merged(self._data, run, columns, parquet.Wanted()))
            with self._database.writing() as connection:
                catalogue.replace(connection, run, [merged] if merged else [])
            self._unlink(run)

    def _write(self, kind: FileKind, day: str, batches: Iterable[pa.RecordBatch]) -> DataFile | None:
        with self._database.writing() as connection:
            number = reserve(connection, "file", 1) + 1
        return parquet.write(self._data, number, kind, day, batches)


def mergeable(files: Sequence[DataFile]) -> list[DataFile]:
    """The first run of neighbours worth merging, of one day; empty when there is none.

    1. Only files under half of FULL_BYTES, and never across days.
    2. Smallest class first (a class is a factor of eight): MERGE_AT neighbours that are all of this class or
       smaller. So each row is rewritten about once per class, and few files remain however sizes alternate.
    3. A day that is over gets no more rows: there two neighbours are enough.
    """
    newest_day = max((file.day for file in files), default="")
    ordered = sorted(files, key=lambda file: (file.day, file.min_seq))
    classes = sorted({_size_class(file) for file in ordered if file.size * 2 < FULL_BYTES})
    for largest in classes:
        for (day, small), group in groupby(
            ordered, key=lambda file: (file.day, file.size * 2 < FULL_BYTES and _size_class(file) <= largest)
        ):
            run = list(group)
            if small and len(run) >= (MERGE_AT if day == newest_day else 2):
                return run
    return []


def _size_class(file: DataFile) -> int:
    return file.size.bit_length() // 3
