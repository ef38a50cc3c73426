"""One account taken out of the events: its rows keep what is counted and lose what is its own.

As with retention, files are written again first and one transaction then changes everything that is listed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import Event, Signal
from tocsin.store import catalogue, parquet
from tocsin.store.catalogue import DataFile, FileKind
from tocsin.store.dialect import chunks
from tocsin.store.sealed_interface import Erased
from tocsin.store.tables import acts, journal, looks, verdicts, warnings

Write = Callable[[FileKind, str, Iterable[pa.RecordBatch]], DataFile | None]
_ENCODER = msgspec.msgpack.Encoder()
_BODY = msgspec.msgpack.Decoder(tuple[Event, tuple[Signal, ...]])
_SEALED_FACTS = ("seq", "seal_day")


class Erasing:
    """One run. `fresh` gives a new pseudonym, as long as any other, that was made from nothing."""

    def __init__(self, data: Path, write: Write, account: str, fresh: Callable[[], str]) -> None:
        self._data = data
        self._write = write
        self._account = account
        self._fresh = fresh
        self._names = {account: fresh()}
        """Old pseudonym → new one: the account's, and those of its sessions."""
        self.old: list[DataFile] = []
        self._new: list[DataFile] = []
        self._seqs: set[int] = set()
        self._ids: set[str] = set()
        self._texts = 0
        self._days: set[str] = set()

    def look_at_events(self, files: Sequence[DataFile]) -> None:
        for file in files:
            mine = [
                batch.filter(self._mine(batch))
                for batch in parquet.read(self._data, file, ["seq", "id", "actor", "session", "seal_day"])
            ]
            rows = [row for batch in mine for row in batch.to_pylist()]
            if rows:
                self._note(rows)
                self._rewrite(file, self._anonymous)

    def look_at_sealed(self, files: Sequence[DataFile]) -> None:
        for file in files:
            if not any(file.min_seq <= seq <= file.max_seq for seq in self._seqs):
                continue
            found = sum(
                int(self._sealed_of_mine(batch).sum())
                for batch in parquet.read(self._data, file, list(_SEALED_FACTS))
            )
            if found:
                self._texts += found
                self._rewrite(file, self._without_mine)

    def carry_out(self, connection: Connection) -> Erased:
        """Change journal, catalogue and warnings, delete what was said of single texts, in the caller's transaction."""
        self._rename_journal(connection)
        catalogue.replace(connection, self.old, self._new)
        self._rename_warnings(connection)
        for some in chunks(sorted(self._seqs)):
            connection.execute(sa.delete(acts).where(acts.c.seq.in_(some)))
        for some_ids in chunks(sorted(self._ids)):
            for table in (verdicts, looks):
                connection.execute(sa.delete(table).where(table.c.event.in_(some_ids)))
        return Erased(events=len(self._seqs), texts=self._texts, days=tuple(sorted(self._days)))

    def _rename_journal(self, connection: Connection) -> None:
        query = sa.select(journal.c.seq, journal.c.body, journal.c.sealed.is_not(None))
        changed: list[tuple[int, bytes, bool]] = []
        for seq, body, sealed in connection.execute(query):
            if self._account.encode() in body:
                event, signals = _BODY.decode(body)
                if event.actor == self._account:
                    self._note(
                        [{"seq": seq, "id": event.id, "session": event.session, "seal_day": event.seal_day}]
                    )
                    changed.append((seq, _ENCODER.encode((self._without_self(event), signals)), sealed))
        for seq, body, sealed in changed:
            self._texts += sealed
            connection.execute(
                sa.update(journal)
                .where(journal.c.seq == seq)
                .values(body=body, sealed=None, fingerprint=None)
            )

    def _rename_warnings(self, connection: Connection) -> None:
        """Where a warning names one of the old pseudonyms: the new one is as long, so its bytes take the place."""
        ids: dict[str, bytes] = {}
        for name, body in connection.execute(sa.select(warnings.c.id, warnings.c.body)):
            replaced = bytes(body)
            for before, after in self._names.items():
                replaced = replaced.replace(before.encode(), after.encode())
            if replaced != body:
                ids[name] = replaced
        for name, body in ids.items():
            connection.execute(sa.update(warnings).where(warnings.c.id == name).values(body=body))

    def _note(self, rows: Iterable[dict[str, Any]]) -> None:
        for row in rows:
            self._seqs.add(row["seq"])
            self._ids.add(row["id"])
            self._days.add(row["seal_day"])
            if row["session"] is not None and row["session"] not in self._names:
                self._names[row["session"]] = self._fresh()

    def _without_self(self, event: Event) -> Event:
        return msgspec.structs.replace(
            event,
            actor=self._names[event.actor],
            session=None if event.session is None else self._names[event.session],
            actor_created=None,
            observables=(),
        )

    def _rewrite(self, file: DataFile, change: Callable[[pa.RecordBatch], pa.RecordBatch]) -> None:
        def changed() -> Iterator[pa.RecordBatch]:
            for batch in parquet.read(self._data, file, parquet.SCHEMAS[file.kind].names):
                yield change(batch)

        self.old.append(file)
        if new := self._write(file.kind, file.day, changed()):
            self._new.append(new)

    def _mine(self, batch: pa.RecordBatch) -> "pa.BooleanArray":
        return pc.equal(batch.column("actor"), pa.scalar(self._account))

    def _anonymous(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        mine = self._mine(batch)
        if not pc.any(mine).as_py():
            return batch
        rows = batch.to_pylist()
        for row, is_mine in zip(rows, mine.to_pylist(), strict=True):
            if is_mine:
                row["actor"] = self._names[row["actor"]]
                row["session"] = None if row["session"] is None else self._names[row["session"]]
                row["actor_created"] = None
                row["observables"] = []
        return pa.RecordBatch.from_pylist(rows, schema=batch.schema)

    def _sealed_of_mine(self, batch: pa.RecordBatch) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        return np.isin(batch.column("seq").to_numpy(), np.fromiter(self._seqs, np.int64, len(self._seqs)))

    def _without_mine(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return batch.filter(pa.array(~self._sealed_of_mine(batch)))


def accounts(connection: Connection, data: Path, files: Sequence[DataFile]) -> frozenset[str]:
    """Every actor of the listed files and of the journal."""
    found: set[str] = set()
    for file in files:
        for batch in parquet.read(data, file, ["seq", "actor"]):
            found.update(str(actor) for actor in pc.unique(batch.column("actor")).to_pylist())
    for (body,) in connection.execute(sa.select(journal.c.body)):
        found.add(_BODY.decode(body)[0].actor)
    return frozenset(found)
