"""Records: each version of each STIX object once, and whose it is."""

from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import Conflict, Origin, Record
from tocsin.store.dialect import among, insert_many, noun, reserve_moments
from tocsin.store.engine import Database
from tocsin.store.tables import records

_FIELDS = [records.c[name] for name in Record.__struct_fields__]


class SqlRecords:
    """Keeps interface.RecordStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, wanted: Sequence[Record]) -> tuple[bool, ...]:
        with self._database.writing() as connection:
            answers = _keep(connection, wanted)
            for answer in answers:
                if isinstance(answer, Conflict):
                    raise answer  # and the transaction keeps nothing
            return tuple(answer is True for answer in answers)

    def offer(self, wanted: Sequence[Record]) -> tuple[bool | Conflict, ...]:
        with self._database.writing() as connection:
            return _keep(connection, wanted)

    def get(self, record_id: str, version: int | None = None) -> Record | None:
        query = sa.select(*_FIELDS).where(records.c.id == record_id)
        query = query.where(records.c.latest == 1 if version is None else records.c.version == version)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return noun(row, Record) if row else None

    def digests(self, record_id: str) -> dict[int, bytes]:
        query = sa.select(records.c.version, records.c.digest).where(records.c.id == record_id)
        with self._database.reading() as connection:
            return {version: bytes(digest) for version, digest in connection.execute(query)}

    def latest(self, ids: Collection[str]) -> dict[str, Record]:
        if not ids:
            return {}
        with self._database.reading() as connection:
            # `+ 0`: SQLite would take the index on `latest` and read every record there is
            query = sa.select(*_FIELDS).where(among(connection, records.c.id, ids), records.c.latest + 0 == 1)
            rows = connection.execute(query).mappings().all()
        return {row["id"]: noun(row, Record) for row in rows}

    def list(
        self,
        *,
        types: Collection[str] = (),
        origin: Origin | None = None,
        warning: str | None = None,
        peer: str | None = None,
        after: int = 0,
        limit: int = 10_000,
    ) -> tuple[Record, ...]:
        query = sa.select(*_FIELDS).where(records.c.latest == 1, records.c.added > after)
        if types:
            query = query.where(records.c.type.in_(types))
        if origin is not None:
            query = query.where(records.c.origin == origin.value)
        if warning is not None:
            query = query.where(records.c.warning == warning)
        if peer is not None:
            query = query.where(records.c.peer == peer)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(records.c.added).limit(limit)).mappings().all()
        return tuple(noun(row, Record) for row in rows)


def _keep(connection: Connection, wanted: Sequence[Record]) -> tuple[bool | Conflict, ...]:
    if not wanted:
        return ()
    # Locks the counter first: what is read next cannot change before it is written.
    _, moments = reserve_moments(connection, "record", [record.added for record in wanted])
    known = _Known(connection, {record.id for record in wanted})
    answers: list[bool | Conflict] = []
    new: list[dict[str, Any]] = []
    for record, moment in zip(wanted, moments, strict=True):
        row = known.take(record, moment)
        answers.append(row if isinstance(row, Conflict) else row is not None)
        if isinstance(row, dict):
            new.append(row)
    if known.outdated:
        connection.execute(
            sa.update(records)
            .where(records.c.id == sa.bindparam("old_id"), records.c.version == sa.bindparam("old_version"))
            .values(latest=0),
            [{"old_id": key, "old_version": version} for key, version in known.outdated],
        )
    if new:
        insert_many(connection, records, new)
    return tuple(answers)


class _Known:
    """What is kept of some ids, brought up to date row by row while a batch is taken in."""

    def __init__(self, connection: Connection, ids: Collection[str]) -> None:
        self._author: dict[str, str] = {}
        self._digest: dict[tuple[str, int], bytes] = {}
        self._latest: dict[str, tuple[int, dict[str, Any] | None]] = {}
        """Id → newest version, and its row when it came in this batch."""
        self.outdated: list[tuple[str, int]] = []
        """Rows that were the latest and are no more."""
        columns = [records.c[name] for name in ("id", "version", "author", "digest", "latest")]
        query = sa.select(*columns).where(among(connection, records.c.id, ids))
        for key, version, author, digest, latest in connection.execute(query):
            self._author[key] = author
            self._digest[key, version] = bytes(digest)
            if latest:
                self._latest[key] = (version, None)

    def take(self, record: Record, added: int) -> dict[str, Any] | Conflict | None:
        """The row to insert; None when this version is kept already; or why it cannot be."""
        if self._author.setdefault(record.id, record.author) != record.author:
            return Conflict(f"{record.id} belongs to another author")
        digest = sha256(record.stix).digest()
        key = (record.id, record.version)
        if key in self._digest:
            if self._digest[key] != digest:
                return Conflict(f"{record.id} exists in this version with other content")
            return None
        self._digest[key] = digest
        row: dict[str, Any] = msgspec.structs.asdict(record)
        row |= {"origin": record.origin.value, "tlp": record.tlp.value, "added": added, "digest": digest}
        row["latest"] = self._becomes_latest(record, row)
        return row

    def _becomes_latest(self, record: Record, row: dict[str, Any]) -> int:
        version, rival = self._latest.get(record.id, (None, None))
        if version is not None and version > record.version:
            return 0
        if rival is not None:
            rival["latest"] = 0
        elif version is not None:
            self.outdated.append((record.id, version))
        self._latest[record.id] = (record.version, row)
        return 1
