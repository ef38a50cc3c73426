"""The log in tables: entries wait, then get their places in one transaction with tiles, size and root."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import Conflict, Unavailable
from tocsin.store.dialect import chunks, insert_many, insert_new, noun, upsert, written
from tocsin.store.engine import Database
from tocsin.store.log_interface import (
    MAX_TOGETHER,
    KeptCheckpoint,
    LogEntry,
    LogFork,
    LogHead,
    Witnessed,
)
from tocsin.store.log_tables import (
    log_checkpoints,
    log_entries,
    log_forks,
    log_head,
    log_pending,
    log_tiles,
    log_witnessed,
)
from tocsin.trust.merkle import leaf_hash
from tocsin.trust.tlog import EMPTY_ROOT, Tree, grow

OWN = "own"
"""The one row of `log_head`."""


class SqlLog:
    """Keeps log_interface.LogStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entries: Sequence[LogEntry]) -> None:
        rows = []
        for one in entries:
            row = msgspec.structs.asdict(one)
            del row["place"]
            rows.append({"id": one.entry.hex(), **row})
        with self._database.writing() as connection:
            insert_many(connection, log_pending, rows)

    def waiting(self) -> int:
        with self._database.reading() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(log_pending)).scalar_one()

    def grow(self, *, most: int = MAX_TOGETHER) -> LogHead:
        with self._database.writing() as connection:
            head = _turn(connection)
            if head.stopped:
                raise Conflict(f"the log was stopped: {head.stopped}")
            first = sa.select(log_pending).order_by(log_pending.c.at, log_pending.c.id).limit(most)
            found = connection.execute(first).mappings().all()
            if not found:
                return head

            def read(level: int, index: int) -> bytes:
                return _tile(connection, level, index)

            if Tree(head.size, read).root() != head.root:
                raise Unavailable("the log's tiles do not give the root that is kept: restore a backup")
            grown = grow(head.size, read, [leaf_hash(row["entry"]) for row in found])
            _move(connection, head.size, found)
            for (level, index), hashes in grown.tiles.items():
                tile = {"level": level, "number": index, "hashes": hashes}
                upsert(connection, log_tiles, tile, changed={"hashes": hashes})
            connection.execute(sa.update(log_head).values(size=grown.size, root=grown.root))
            return LogHead(grown.size, grown.root)

    def head(self) -> LogHead:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(log_head)).mappings().one_or_none()
        return LogHead(0, EMPTY_ROOT) if row is None else noun(row, LogHead)

    def stop(self, why: str) -> None:
        self._stopped(why)

    def go_on(self) -> None:
        self._stopped("")

    def tile(self, level: int, index: int) -> bytes:
        with self._database.reading() as connection:
            return _tile(connection, level, index)

    def entries(self, *, start: int = 0, limit: int = 256) -> tuple[LogEntry, ...]:
        query = sa.select(log_entries).where(log_entries.c.place >= start).order_by(log_entries.c.place)
        with self._database.reading() as connection:
            return tuple(noun(row, LogEntry) for row in connection.execute(query.limit(limit)).mappings())

    def about(self, subject: str, *, limit: int = 1000) -> tuple[LogEntry, ...]:
        placed = sa.select(log_entries).where(log_entries.c.subject == subject)
        waiting = sa.select(log_pending, sa.literal(-1).label("place")).where(
            log_pending.c.subject == subject
        )
        with self._database.reading() as connection:
            found = connection.execute(placed.order_by(log_entries.c.place).limit(limit)).mappings().all()
            late = connection.execute(waiting.order_by(log_pending.c.at).limit(limit)).mappings().all()
        return tuple(noun(row, LogEntry) for row in (*found, *late))[:limit]

    def put_checkpoint(self, kept: KeptCheckpoint) -> None:
        values = msgspec.structs.asdict(kept)
        same = log_checkpoints.c.root == kept.root
        with self._database.writing() as connection:
            if not upsert(connection, log_checkpoints, values, changed={"note": kept.note}, where=same):
                raise Conflict("another root was signed at this size: this node's log has forked")

    def checkpoint(self, size: int | None = None) -> KeptCheckpoint | None:
        query = sa.select(log_checkpoints).order_by(log_checkpoints.c.size.desc()).limit(1)
        if size is not None:
            query = query.where(log_checkpoints.c.size == size)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else noun(row, KeptCheckpoint)

    def checkpoints(self, *, limit: int = 100) -> tuple[KeptCheckpoint, ...]:
        query = sa.select(log_checkpoints).order_by(log_checkpoints.c.size.desc()).limit(limit)
        with self._database.reading() as connection:
            return tuple(noun(row, KeptCheckpoint) for row in connection.execute(query).mappings())

    def checkpoints_over(self, size: int, *, limit: int = 100) -> tuple[KeptCheckpoint, ...]:
        of = log_checkpoints.c
        query = sa.select(log_checkpoints).where(of.size > size).order_by(of.size).limit(limit)
        with self._database.reading() as connection:
            return tuple(noun(row, KeptCheckpoint) for row in connection.execute(query).mappings())

    def witnessed(self, origin: str) -> Witnessed | None:
        query = sa.select(log_witnessed).where(log_witnessed.c.origin == origin)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else noun(row, Witnessed)

    def all_witnessed(self) -> tuple[Witnessed, ...]:
        with self._database.reading() as connection:
            found = connection.execute(sa.select(log_witnessed).order_by(log_witnessed.c.origin)).mappings()
            return tuple(noun(row, Witnessed) for row in found)

    def see(self, seen: Witnessed, *, before: int) -> None:
        values = msgspec.structs.asdict(seen)
        row = sa.and_(log_witnessed.c.origin == seen.origin, log_witnessed.c.size == before)
        with self._database.writing() as connection:
            done = connection.execute(sa.update(log_witnessed).where(row).values(values)).rowcount
            if not done and not (
                before == 0 and written(connection, insert_new(connection, log_witnessed).values(values))
            ):
                raise Conflict("this log was looked at meanwhile: look again")

    def add_fork(self, fork: LogFork) -> bool:
        with self._database.writing() as connection:
            row = insert_new(connection, log_forks).values(msgspec.structs.asdict(fork))
            return bool(written(connection, row))

    def settle(self, origin: str, *, at: int) -> int:
        still = sa.and_(log_forks.c.origin == origin, log_forks.c.settled == 0)
        with self._database.writing() as connection:
            count: int = connection.execute(sa.update(log_forks).where(still).values(settled=at)).rowcount
            if count:
                connection.execute(sa.delete(log_witnessed).where(log_witnessed.c.origin == origin))
        return count

    def forks(self) -> tuple[LogFork, ...]:
        query = sa.select(log_forks).order_by(log_forks.c.at, log_forks.c.id)
        with self._database.reading() as connection:
            return tuple(noun(row, LogFork) for row in connection.execute(query).mappings())

    def _stopped(self, why: str) -> None:
        with self._database.writing() as connection:
            _turn(connection)
            connection.execute(sa.update(log_head).values(stopped=why))


def _turn(connection: Connection) -> LogHead:
    """The head, locked until the transaction ends: whoever appends next waits, and then sees what this one wrote."""
    row = {"log": OWN, "size": 0, "root": EMPTY_ROOT, "stopped": ""}
    connection.execute(insert_new(connection, log_head).values(row))
    connection.execute(sa.update(log_head).values(size=log_head.c.size))
    return noun(connection.execute(sa.select(log_head)).mappings().one(), LogHead)


def _move(connection: Connection, size: int, found: Sequence[sa.RowMapping]) -> None:
    placed: list[dict[str, Any]] = []
    for place, row in enumerate(found, size):
        values = {"place": place, **row}
        del values["id"]
        placed.append(values)
    insert_many(connection, log_entries, placed)
    for ids in chunks(row["id"] for row in found):
        connection.execute(sa.delete(log_pending).where(log_pending.c.id.in_(ids)))


def _tile(connection: Connection, level: int, index: int) -> bytes:
    row = sa.and_(log_tiles.c.level == level, log_tiles.c.number == index)
    found: bytes | None = connection.execute(sa.select(log_tiles.c.hashes).where(row)).scalar_one_or_none()
    return found or b""
