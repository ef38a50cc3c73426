"""Events: appended to the journal, read from Parquet and the journal as one ascending order."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.engine import Connection

from tocsin.kernel import Event
from tocsin.store import catalogue, journal, parquet
from tocsin.store.catalogue import DataFile, FileKind
from tocsin.store.compaction import Compactor
from tocsin.store.engine import Database, kernel_errors
from tocsin.store.interface import Appended, JournalRow
from tocsin.store.schemas import EVENT_SCHEMA, SEALED_SCHEMA
from tocsin.store.sealed_interface import Erased

T = TypeVar("T")

FINGERPRINT_COLUMNS = [name for name in SEALED_SCHEMA.names if name != "sealed"]

_TIMES = ["seq", "time", "session"]

JournalPage = Callable[[Connection, int, int], pa.RecordBatch]
"""(connection, after, upto) → the next journal rows."""


class SqlEvents:
    """Keeps interface.EventStore."""

    def __init__(self, database: Database, data: Path, compactor: Compactor) -> None:
        self._database = database
        self._data = data
        self._compactor = compactor

    def append(self, rows: Sequence[JournalRow]) -> Appended:
        with self._database.writing() as connection:
            return journal.append(connection, rows)

    def known(self, ids: Collection[str]) -> frozenset[str]:
        with self._database.reading() as connection:
            return frozenset(journal.seqs_of(connection, ids))

    def batches(
        self, *, after: int = 0, since: int | None = None, until: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        def page(connection: Connection, after: int, upto: int) -> pa.RecordBatch:
            return journal.event_page(connection, after=after, upto=upto, since=since, until=until)

        wanted = parquet.Wanted(after, since=since, until=until)
        return self._stream(FileKind.EVENTS, EVENT_SCHEMA.names, wanted, page)

    def fingerprints(self, *, after: int = 0) -> Iterator[pa.RecordBatch]:
        def page(connection: Connection, after: int, upto: int) -> pa.RecordBatch:
            return journal.fingerprint_page(connection, after=after, upto=upto)

        for batch in self._stream(FileKind.SEALED, FINGERPRINT_COLUMNS, parquet.Wanted(after), page):
            present = batch.filter(batch.column("fingerprint").is_valid())
            if present.num_rows:
                yield present

    def sealed(self, ids: Collection[str]) -> dict[str, tuple[str, bytes]]:
        def in_file(file: DataFile, seqs: Collection[int]) -> dict[int, tuple[str, bytes]]:
            rows = parquet.find(self._data, file, seqs, ["seq", "seal_day", "sealed"])
            return {row["seq"]: (row["seal_day"], row["sealed"]) for row in rows if row["sealed"] is not None}

        return self._look_up(FileKind.SEALED, ids, journal.sealed_of, in_file)

    def facts(self, ids: Collection[str]) -> dict[str, Event]:
        def in_file(file: DataFile, seqs: Collection[int]) -> dict[int, Event]:
            rows = parquet.find(self._data, file, seqs, EVENT_SCHEMA.names)
            return {row["seq"]: msgspec.convert(row, Event) for row in rows}

        return self._look_up(FileKind.EVENTS, ids, journal.facts_of, in_file)

    def times(self, sessions: Collection[str], *, since: int) -> dict[str, tuple[int, ...]]:
        def page(connection: Connection, after: int, upto: int) -> pa.RecordBatch:
            rows = journal.event_page(connection, after=after, upto=upto, since=since, until=None)
            return rows.select(_TIMES)

        named = pa.array(sorted(set(sessions)), pa.string())
        found: dict[str, list[int]] = {}
        for batch in self._stream(FileKind.EVENTS, _TIMES, parquet.Wanted(0, since=since), page):
            mine = batch.filter(pc.is_in(batch.column("session"), value_set=named))
            for row in mine.to_pylist():
                found.setdefault(row["session"], []).append(row["time"])
        return {session: tuple(sorted(times)) for session, times in found.items()}

    def count(self) -> int:
        with self._database.reading() as connection:
            return catalogue.count(connection) + journal.count(connection)

    def newest(self) -> int:
        with self._database.reading() as connection:
            return _newest(connection)

    def pending(self) -> int:
        with self._database.reading() as connection:
            return journal.count(connection)

    def compact(self, *, keep_rows: int = 0) -> int:
        return self._compactor.compact(keep_rows=keep_rows)

    def expire(self, *, events_before: int, sealed_days_before: str) -> int:
        return self._compactor.expire(events_before=events_before, sealed_days_before=sealed_days_before)

    def accounts(self) -> frozenset[str]:
        return self._compactor.accounts()

    def erase(self, account: str, fresh: Callable[[], str]) -> Erased:
        return self._compactor.erase(account, fresh)

    def clear_free_space(self) -> bool:
        return self._compactor.clear_free_space()

    def ids(self, seqs: Collection[int]) -> dict[int, str]:
        def in_file(file: DataFile, wanted: Collection[int]) -> dict[int, str]:
            return {row["seq"]: row["id"] for row in parquet.find(self._data, file, wanted, ["seq", "id"])}

        def in_journal(connection: Connection, wanted: Collection[int]) -> dict[int, str]:
            return {seq: event.id for seq, event in journal.facts_of(connection, wanted).items()}

        return self._at(FileKind.EVENTS, lambda _: seqs, in_journal, in_file)

    def seqs(self, ids: Collection[str]) -> dict[str, int]:
        with self._database.reading() as connection:
            return journal.seqs_of(connection, ids)

    def sketches(self, seqs: Collection[int]) -> dict[int, tuple[str, str, bytes]]:
        def in_file(file: DataFile, wanted: Collection[int]) -> dict[int, tuple[str, str, bytes]]:
            rows = parquet.find(self._data, file, wanted, FINGERPRINT_COLUMNS)
            return {
                row["seq"]: (row["seal_day"], row["id"], row["fingerprint"])
                for row in rows
                if row["fingerprint"] is not None
            }

        return self._at(FileKind.SEALED, lambda _: seqs, journal.sketches_of, in_file)

    def _look_up(
        self,
        kind: FileKind,
        ids: Collection[str],
        in_journal: Callable[[Connection, Collection[int]], dict[int, T]],
        in_file: Callable[[DataFile, Collection[int]], dict[int, T]],
    ) -> dict[str, T]:
        """What the journal or a file says of each id."""
        seqs: dict[str, int] = {}

        def wanted(connection: Connection) -> Collection[int]:
            seqs.update(journal.seqs_of(connection, ids))
            return seqs.values()

        found = self._at(kind, wanted, in_journal, in_file)
        return {event_id: found[seq] for event_id, seq in seqs.items() if seq in found}

    def _at(
        self,
        kind: FileKind,
        wanted: Callable[[Connection], Collection[int]],
        in_journal: Callable[[Connection, Collection[int]], dict[int, T]],
        in_file: Callable[[DataFile, Collection[int]], dict[int, T]],
    ) -> dict[int, T]:
        """What the journal or a file says of each seq; the catalogue is read again when a file was replaced."""
        gone: set[int] = set()
        while True:
            with self._database.reading() as connection:
                seqs = wanted(connection)
                found = in_journal(connection, seqs)
                files = catalogue.live(connection, kind)
            parquet.require_new(files, gone)
            try:
                with kernel_errors():
                    for file in files:
                        found |= in_file(file, set(seqs) - found.keys())
            except parquet.Replaced as replaced:
                gone.add(replaced.number)
                continue
            return found

    def _stream(
        self, kind: FileKind, columns: Sequence[str], wanted: parquet.Wanted, page: JournalPage
    ) -> Iterator[pa.RecordBatch]:
        """Step by step, each step in its own short transaction, from a cursor that is the last seq given.

        An event only ever moves from the journal into a file, and from a file into a merged one, under the
        same seq; the journal never holds a smaller seq than a file. So whatever compaction does between two
        steps, going on after the cursor gives each event once. A file that vanished under us means that the
        catalogue has changed: it is read again.
        """
        cursor = wanted.after
        gone: set[int] = set()
        with self._database.reading() as connection:
            newest = _newest(connection)
        while cursor < newest:
            with self._database.reading() as connection:
                files = catalogue.live(
                    connection, kind, after=cursor, upto=newest, since=wanted.since, until=wanted.until
                )
                tail = None if files else page(connection, cursor, newest)
            if tail is not None:
                if not tail.num_rows:
                    return
                cursor = _last(tail)
                yield tail
                continue
            parquet.require_new(files, gone)
            try:
                with kernel_errors():
                    rest = wanted._replace(after=cursor, upto=newest)
                    for batch in parquet.merged(self._data, files, columns, rest):
                        cursor = _last(batch)
                        yield batch
            except parquet.Replaced as replaced:
                gone.add(replaced.number)
                continue
            cursor = max(file.max_seq for file in files)


def _newest(connection: Connection) -> int:
    return max(journal.newest(connection), catalogue.newest(connection))


def _last(batch: pa.RecordBatch) -> int:
    last: int = batch.column("seq")[-1].as_py()
    return last
