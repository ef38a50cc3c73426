"""Retention: what is too old, and the change that deletes it.

The files are looked at and written again first; `carry_out` is then one transaction.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.store import catalogue, parquet
from tocsin.store.catalogue import DataFile, FileKind
from tocsin.store.tables import event_ids, journal

Write = Callable[[FileKind, str, Iterable[pa.RecordBatch]], DataFile | None]
Mask = npt.NDArray[np.bool_]


class Retention:
    """One run. An event that goes takes its sealed part with it, whatever its day."""

    def __init__(self, data: Path, write: Write, events_before: int, sealed_days_before: str) -> None:
        self._data = data
        self._write = write
        self._events_before = events_before
        self._days_before = sealed_days_before
        self.old: list[DataFile] = []
        self._new: list[DataFile] = []
        self._gone: list[tuple[int, int]] = []
        """Inclusive ranges of seq in which every event goes."""

    def look_at_events(self, files: Sequence[DataFile]) -> None:
        for file in files:
            if file.max_received < self._events_before:
                self.old.append(file)
                self._gone.append((file.min_seq, file.max_seq))
            elif file.min_received < self._events_before:
                for batch in parquet.read(self._data, file, ["seq", "received"]):
                    self._gone += ranges(_ints(batch, "seq"), self._too_old(batch))
                self._rewrite(file, self._too_old)

    def look_at_sealed(self, files: Sequence[DataFile]) -> None:
        for file in files:
            if file.day < self._days_before:
                self.old.append(file)
            elif any(first <= file.max_seq and last >= file.min_seq for first, last in self._gone):
                batches = parquet.read(self._data, file, ["seq"])
                if any(self._of_gone(batch).any() for batch in batches):
                    self._rewrite(file, self._of_gone)

    def carry_out(self, connection: Connection) -> int:
        """Delete, in the caller's transaction; returns events and sealed parts deleted, added together."""
        deleted = sum(file.rows for file in self.old) - sum(file.rows for file in self._new)
        catalogue.replace(connection, self.old, self._new)
        deleted += self._shorten_journal(connection)
        for first, last in self._gone:
            connection.execute(sa.delete(event_ids).where(event_ids.c.seq.between(first, last)))
        return deleted

    def _shorten_journal(self, connection: Connection) -> int:
        columns = (journal.c.seq, journal.c.received, journal.c.sealed.is_not(None))
        rows = connection.execute(sa.select(*columns).order_by(journal.c.seq)).all()
        seqs = np.array([row[0] for row in rows], np.int64)
        too_old = np.array([row[1] < self._events_before for row in rows], bool)
        with_text = np.array([row[2] for row in rows], bool)
        for first, last in ranges(seqs, too_old):
            connection.execute(sa.delete(journal).where(journal.c.seq.between(first, last)))
            self._gone.append((first, last))
        emptied = connection.execute(
            sa.update(journal)
            .where(journal.c.seal_day < self._days_before, journal.c.sealed.is_not(None))
            .values(sealed=None, fingerprint=None)
        )
        return int(too_old.sum() + (too_old & with_text).sum()) + emptied.rowcount

    def _rewrite(self, file: DataFile, drop: Callable[[pa.RecordBatch], Mask]) -> None:
        def kept() -> Iterator[pa.RecordBatch]:
            for batch in parquet.read(self._data, file, parquet.SCHEMAS[file.kind].names):
                yield batch.filter(pa.array(~drop(batch)))

        self.old.append(file)
        if new := self._write(file.kind, file.day, kept()):
            self._new.append(new)

    def _too_old(self, batch: pa.RecordBatch) -> Mask:
        return _ints(batch, "received") < self._events_before

    def _of_gone(self, batch: pa.RecordBatch) -> Mask:
        seqs = _ints(batch, "seq")
        mask = np.zeros(len(seqs), bool)
        for first, last in self._gone:
            mask |= (seqs >= first) & (seqs <= last)
        return mask


def ranges(seqs: npt.NDArray[np.int64], chosen: Mask) -> list[tuple[int, int]]:
    """Runs of chosen neighbours as inclusive ranges of seq.

    A number between two neighbours was never an event's, so a range may span gaps: retention is by time, time
    and seq rise together, and so the ranges stay few.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([0], chosen.astype(np.int8), [0]))))
    return [
        (int(seqs[start]), int(seqs[end - 1])) for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def _ints(batch: pa.RecordBatch, name: str) -> npt.NDArray[np.int64]:
    values: npt.NDArray[np.int64] = batch.column(name).to_numpy()
    return values
