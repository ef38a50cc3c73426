"""Acts of conversations: rows of their own, deleted when their days are over."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel.acts import Act
from tocsin.store.dialect import chunks, insert_many, insert_new_rows
from tocsin.store.engine import Database
from tocsin.store.tables import acts

MAX_READ = 2_000
"""Acts of one session that are read, newest."""

THOUSANDTHS = 1_000
_COLUMNS = ("seq", "session", "received", "weight", "aim", "body")
_ENCODER = msgspec.msgpack.Encoder()
_ACT = msgspec.msgpack.Decoder(Act)


def keep(connection: Connection, rows: Sequence[tuple[int, Act]]) -> None:
    """Keep acts under the seq of their events, in the transaction that keeps those."""
    if rows:
        insert_many(connection, acts, [dict(zip(_COLUMNS, _values(*row), strict=True)) for row in rows])


def _values(seq: int, act: Act) -> tuple[Any, ...]:
    weight = round(act.weight * THOUSANDTHS)
    return seq, act.session, act.received, weight, int(act.aim), _ENCODER.encode(act)


class SqlConversations:
    """Keeps interface_conversations.ConversationStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def candidates(self, *, since: int, limit: int = 1_000) -> tuple[str, ...]:
        heaviest = sa.func.sum(acts.c.weight)
        query = (
            sa.select(acts.c.session)
            .where(acts.c.received >= since)
            .group_by(acts.c.session)
            .having(sa.func.max(acts.c.aim) == 1, heaviest > 0)
            .order_by(heaviest.desc(), acts.c.session)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return tuple(connection.scalars(query).all())

    def acts(self, session: str, *, since: int) -> tuple[Act, ...]:
        query = (
            sa.select(acts.c.body)
            .where(acts.c.session == session, acts.c.received >= since)
            .order_by(acts.c.seq.desc())
            .limit(MAX_READ)
        )
        with self._database.reading() as connection:
            return tuple(map(_ACT.decode, connection.scalars(query).all()))[::-1]

    def add(self, wanted: Mapping[int, Act]) -> None:
        with self._database.writing() as connection:
            insert_new_rows(connection, acts, _COLUMNS, [_values(*row) for row in sorted(wanted.items())])

    def sessions(self, seqs: Collection[int], *, since: int) -> frozenset[str]:
        found: set[str] = set()
        with self._database.reading() as connection:
            for some in chunks(seqs):
                query = sa.select(acts.c.session).where(acts.c.seq.in_(some), acts.c.received >= since)
                found.update(connection.scalars(query))
        return frozenset(found)

    def expire(self, *, before: int) -> int:
        with self._database.writing() as connection:
            return connection.execute(sa.delete(acts).where(acts.c.received < before)).rowcount

    def count(self) -> int:
        with self._database.reading() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(acts)).scalar_one()
