"""Counts over several nodes: consent, and each count."""

from typing import Any

import msgspec
import sqlalchemy as sa

from tocsin.store.dialect import insert_new, upsert, written
from tocsin.store.distinct_interface import OPEN, DistinctCount, DistinctState, DistinctTerms
from tocsin.store.distinct_tables import distinct_counts, distinct_terms
from tocsin.store.engine import Database

_ENCODE = msgspec.msgpack.encode


class SqlDistinct:
    """Keeps distinct_interface.DistinctStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def agree(self, terms: DistinctTerms) -> None:
        row = {"peer": terms.peer, "at": terms.at, "body": _ENCODE(terms)}
        with self._database.writing() as connection:
            upsert(connection, distinct_terms, row, changed=row)

    def withdraw(self, peer: str) -> bool:
        with self._database.writing() as connection:
            gone = connection.execute(sa.delete(distinct_terms).where(distinct_terms.c.peer == peer))
            return gone.rowcount > 0

    def agreed(self) -> tuple[DistinctTerms, ...]:
        query = sa.select(distinct_terms.c.body).order_by(distinct_terms.c.peer)
        with self._database.reading() as connection:
            return tuple(
                msgspec.msgpack.decode(body, type=DistinctTerms)
                for body in connection.execute(query).scalars()
            )

    def propose(self, count: DistinctCount) -> bool:
        with self._database.writing() as connection:
            return written(connection, insert_new(connection, distinct_counts).values(_row(count))) > 0

    def change(self, count: DistinctCount, before: DistinctState) -> bool:
        of = distinct_counts.c
        held = sa.update(distinct_counts).where(of.session == count.session, of.state == before.value)
        with self._database.writing() as connection:
            return connection.execute(held.values(_row(count))).rowcount > 0

    def count(self, session: str) -> DistinctCount | None:
        query = sa.select(distinct_counts.c.body).where(distinct_counts.c.session == session)
        with self._database.reading() as connection:
            body = connection.execute(query).scalar_one_or_none()
        return None if body is None else msgspec.msgpack.decode(body, type=DistinctCount)

    def counts(self, *, open_only: bool = False, limit: int = 100) -> tuple[DistinctCount, ...]:
        of = distinct_counts.c
        query = sa.select(of.body).order_by(of.at.desc(), of.session).limit(limit)
        if open_only:
            query = query.where(of.state.in_([one.value for one in OPEN]))
        with self._database.reading() as connection:
            return tuple(
                msgspec.msgpack.decode(body, type=DistinctCount)
                for body in connection.execute(query).scalars()
            )

    def cost(self, proposer: str, since: int) -> int:
        of = distinct_counts.c
        query = sa.select(sa.func.coalesce(sa.func.sum(of.cost), 0)).where(
            of.proposer == proposer, of.begun > 0, of.begun >= since
        )
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())


def _row(count: DistinctCount) -> dict[str, Any]:
    return {
        "session": count.session,
        "state": count.state.value,
        "proposer": count.proposer,
        "at": count.at,
        "begun": count.begun,
        "cost": count.roster.cost,
        "body": _ENCODE(count),
    }
