"""Accountable matching: auditors, quotas, days of records, pledges."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict, NotFound
from tocsin.store.accountable_interface import (
    MatchAuditor,
    MatchDay,
    MatchPledge,
    MatchQuota,
    MatchSaid,
)
from tocsin.store.accountable_tables import match_auditors, match_days, match_pledges, match_quotas
from tocsin.store.dialect import insert_new, noun, upsert, written
from tocsin.store.engine import Database


class SqlAccountable:
    """Keeps accountable_interface.AccountableStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def name_auditor(self, auditor: MatchAuditor) -> None:
        values = msgspec.structs.asdict(auditor)
        with self._database.writing() as connection:
            upsert(connection, match_auditors, values, changed={**values})

    def auditors(self) -> tuple[MatchAuditor, ...]:
        query = sa.select(match_auditors).order_by(match_auditors.c.name)
        with self._database.reading() as connection:
            return tuple(noun(row, MatchAuditor) for row in connection.execute(query).mappings())

    def forget_auditor(self, name: str) -> bool:
        with self._database.writing() as connection:
            gone = connection.execute(sa.delete(match_auditors).where(match_auditors.c.name == name))
            return gone.rowcount > 0

    def add_quota(self, quota: MatchQuota) -> None:
        with self._database.writing() as connection:
            row = insert_new(connection, match_quotas).values(msgspec.structs.asdict(quota))
            if not written(connection, row):
                raise Conflict("this quota was logged before")

    def quotas(self, kind: str, *, limit: int = 8) -> tuple[MatchQuota, ...]:
        of = match_quotas.c
        query = sa.select(match_quotas).where(of.kind == kind).order_by(of.at.desc(), of.digest).limit(limit)
        with self._database.reading() as connection:
            return tuple(noun(row, MatchQuota) for row in connection.execute(query).mappings())

    def add_day(self, day: MatchDay) -> None:
        with self._database.writing() as connection:
            row = insert_new(connection, match_days).values(msgspec.structs.asdict(day))
            if not written(connection, row):
                raise Conflict("records of this kind were taken up meanwhile: take these up again")

    def days(self, kind: str, *, limit: int = 400) -> tuple[MatchDay, ...]:
        of = match_days.c
        query = sa.select(match_days).where(of.kind == kind).order_by(of.number.desc()).limit(limit)
        with self._database.reading() as connection:
            return tuple(noun(row, MatchDay) for row in connection.execute(query).mappings())

    def pledge(self, pledge: MatchPledge) -> None:
        with self._database.writing() as connection:
            row = insert_new(connection, match_pledges).values(msgspec.structs.asdict(pledge))
            if not written(connection, row):
                raise Conflict("this side of this session was pledged before, or another session meanwhile")

    def pledges(self, side: str, kind: str, epoch: int) -> tuple[MatchPledge, ...]:
        of = match_pledges.c
        query = (
            sa.select(match_pledges)
            .where(of.side == side, of.kind == kind, of.epoch == epoch)
            .order_by(of.number.desc())
        )
        with self._database.reading() as connection:
            return tuple(noun(row, MatchPledge) for row in connection.execute(query).mappings())

    def pledged(self, session: str, side: str) -> MatchPledge | None:
        query = sa.select(match_pledges).where(_one(session, side))
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else noun(row, MatchPledge)

    def which_pledged(self, sessions: Sequence[str]) -> frozenset[str]:
        query = sa.select(match_pledges.c.session).where(match_pledges.c.session.in_(sessions))
        with self._database.reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def said(self, session: str, side: str, said: MatchSaid) -> None:
        first = sa.and_(_one(session, side), match_pledges.c.proposal == b"")
        with self._database.writing() as connection:
            change = sa.update(match_pledges).where(first).values(msgspec.structs.asdict(said))
            if connection.execute(change).rowcount:
                return
        self._there(session, side)
        raise Conflict("what was said in this session is kept already")

    def challenge(self, session: str, side: str, note: bytes) -> None:
        free = sa.or_(match_pledges.c.challenge == b"", match_pledges.c.challenge == note)
        with self._database.writing() as connection:
            change = sa.update(match_pledges).where(_one(session, side), free).values(challenge=note)
            if connection.execute(change).rowcount:
                return
        self._there(session, side)
        raise Conflict("this session was challenged before, and a side answers one challenge alone")

    def _there(self, session: str, side: str) -> None:
        if self.pledged(session, side) is None:
            raise NotFound("this node pledged nothing for this side of this session")


def _one(session: str, side: str) -> sa.ColumnElement[bool]:
    return sa.and_(match_pledges.c.session == session, match_pledges.c.side == side)
