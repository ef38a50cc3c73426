"""Records: each version of each STIX object once, and whose it is."""

from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import BadInput, Conflict, Equivocation, Origin, Record
from tocsin.store.dialect import among, insert_many, noun, reserve_moments
from tocsin.store.engine import Database
from tocsin.store.tables import records
from tocsin.trust.views import merge
from tocsin.wire.stix import canonical

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
    answers = tuple(known.take(record, moment) for record, moment in zip(wanted, moments, strict=True))
    for change, rows in (({"latest": 0}, known.outdated), (_JOINED, list(known.joined.values()))):
        if rows:
            connection.execute(
                sa.update(records)
                .where(
                    records.c.id == sa.bindparam("old_id"), records.c.version == sa.bindparam("old_version")
                )
                .values(change),
                rows,
            )
    insert_many(connection, records, list(known.new.values()))
    return answers


_JOINED: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in ("stix", "digest", "added")}


class _Known:
    """What is kept of some ids, brought up to date row by row while a batch is taken in."""

    def __init__(self, connection: Connection, ids: Collection[str]) -> None:
        self._connection = connection
        self._author: dict[str, str] = {}
        self._kept: dict[tuple[str, int], tuple[bytes, bytes | None]] = {}
        """Digest and root of each version."""
        self.new: dict[tuple[str, int], dict[str, Any]] = {}
        """Rows to insert."""
        self._latest: dict[str, tuple[int, dict[str, Any] | None]] = {}
        """Id → newest version, and its row when it came in this batch."""
        self.outdated: list[dict[str, Any]] = []
        """Rows that were the latest and are no more."""
        self.joined: dict[tuple[str, int], dict[str, Any]] = {}
        """Rows whose view grew."""
        columns = [records.c[name] for name in ("id", "version", "author", "digest", "root", "latest")]
        query = sa.select(*columns).where(among(connection, records.c.id, ids))
        for key, version, author, digest, root, latest in connection.execute(query):
            self._author[key] = author
            self._kept[key, version] = (bytes(digest), None if root is None else bytes(root))
            if latest:
                self._latest[key] = (version, None)

    def take(self, record: Record, added: int) -> bool | Conflict:
        """Whether there is something new in it; or why it cannot be kept."""
        if self._author.setdefault(record.id, record.author) != record.author:
            return Conflict(f"{record.id} belongs to another author")
        digest = sha256(record.stix).digest()
        key = (record.id, record.version)
        if key in self._kept:
            kept, root = self._kept[key]
            return kept != digest and self._join(key, root, record, added)
        self._kept[key] = (digest, record.root)
        row: dict[str, Any] = msgspec.structs.asdict(record)
        row |= {"origin": record.origin.value, "tlp": record.tlp.value, "added": added, "digest": digest}
        row["latest"] = self._becomes_latest(record, row)
        self.new[key] = row
        return True

    def _join(self, key: tuple[str, int], root: bytes | None, record: Record, added: int) -> bool | Conflict:
        """Other bytes of a version that is kept: a view of the same root joins it."""
        if root is None or record.root is None:
            return Conflict(f"{record.id} exists in this version with other content")
        stix = self._stix(key)
        try:
            joined = merge(msgspec.json.decode(stix), msgspec.json.decode(record.stix))
        except BadInput as error:
            return Conflict(f"{record.id}: {error.message}")
        if not isinstance(joined, dict):
            return Equivocation(record.id, joined.detail())
        grown = canonical(joined)
        if grown == stix:
            return False
        digest = sha256(grown).digest()
        self._kept[key] = (digest, root)
        if key in self.new:
            self.new[key] |= {"stix": grown, "digest": digest, "added": added}
        else:
            self.joined[key] = {"new_stix": grown, "new_digest": digest, "new_added": added}
            self.joined[key] |= {"old_id": key[0], "old_version": key[1]}
        return True

    def _stix(self, key: tuple[str, int]) -> bytes:
        if key in self.new:
            stix: bytes = self.new[key]["stix"]
            return stix
        if key in self.joined:
            grown: bytes = self.joined[key]["new_stix"]
            return grown
        query = sa.select(records.c.stix).where(records.c.id == key[0], records.c.version == key[1])
        return bytes(self._connection.execute(query).scalar_one())

    def _becomes_latest(self, record: Record, row: dict[str, Any]) -> int:
        version, rival = self._latest.get(record.id, (None, None))
        if version is not None and version > record.version:
            return 0
        if rival is not None:
            rival["latest"] = 0
        elif version is not None:
            self.outdated.append({"old_id": record.id, "old_version": version})
        self._latest[record.id] = (record.version, row)
        return 1
