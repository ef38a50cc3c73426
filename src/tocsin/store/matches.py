"""Private matching: terms, sessions, and what is spent of a week's budget."""

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict, NotAllowed, NotFound
from tocsin.kernel.clock import Clock, micros
from tocsin.store.dialect import insert_new, noun, upsert, written
from tocsin.store.engine import Database
from tocsin.store.match_interface import MatchEnd, MatchRole, MatchSession, MatchWish
from tocsin.store.match_run_tables import match_wishes
from tocsin.store.match_tables import match_sessions, match_spent, match_terms
from tocsin.trust.matching import Proposal, Spending, Terms


class SqlMatches:
    """Keeps match_interface.MatchStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def agree(self, terms: Terms, by: str, at: int) -> None:
        values = {"by": by, "at": at, "body": msgspec.msgpack.encode(terms)}
        with self._database.writing() as connection:
            upsert(connection, match_terms, {"peer": terms.peer, **values}, changed=values)

    def agreed(self, peer: str) -> Terms | None:
        query = sa.select(match_terms.c.body).where(match_terms.c.peer == peer)
        with self._database.reading() as connection:
            body = connection.execute(query).scalar_one_or_none()
        return None if body is None else msgspec.msgpack.decode(body, type=Terms)

    def all_agreed(self) -> tuple[Terms, ...]:
        query = sa.select(match_terms.c.body).order_by(match_terms.c.peer)
        with self._database.reading() as connection:
            return tuple(msgspec.msgpack.decode(body, type=Terms) for (body,) in connection.execute(query))

    def withdraw(self, peer: str) -> bool:
        with self._database.writing() as connection:
            connection.execute(sa.delete(match_wishes).where(match_wishes.c.peer == peer))
            return connection.execute(sa.delete(match_terms).where(match_terms.c.peer == peer)).rowcount > 0

    def wish(self, wish: MatchWish, most: int) -> bool:
        count = sa.select(sa.func.count()).where(
            match_wishes.c.peer == wish.peer, match_wishes.c.id != wish.id
        )
        with self._database.writing() as connection:
            if connection.execute(count).scalar_one() >= most:
                return False
            written(connection, insert_new(connection, match_wishes).values(msgspec.to_builtins(wish)))
            return True

    def wishes(self) -> tuple[MatchWish, ...]:
        query = sa.select(match_wishes).order_by(match_wishes.c.at, match_wishes.c.id)
        with self._database.reading() as connection:
            return tuple(noun(row, MatchWish) for row in connection.execute(query).mappings())

    def allow(self, wish: str, by: str, until: int) -> MatchWish:
        one = match_wishes.c.id == wish
        with self._database.writing() as connection:
            row = connection.execute(sa.select(match_wishes).where(one)).mappings().first()
            if row is None:
                raise NotFound(
                    "no such session waits for a yes: `tocsin share match sessions` shows what does"
                )
            if row["allowed_by"]:
                raise Conflict("this session was allowed before, and was not held yet")
            connection.execute(sa.update(match_wishes).where(one).values(allowed_by=by, until=until))
            return msgspec.structs.replace(noun(row, MatchWish), allowed_by=by, until=until)

    def use(self, wish: str, now: int) -> bool:
        allowed = match_wishes.c.allowed_by != "", match_wishes.c.until > now
        with self._database.writing() as connection:
            return (
                connection.execute(
                    sa.delete(match_wishes).where(match_wishes.c.id == wish, *allowed)
                ).rowcount
                > 0
            )

    def forget_wishes(self, *, before: int) -> int:
        with self._database.writing() as connection:
            return connection.execute(sa.delete(match_wishes).where(match_wishes.c.at < before)).rowcount

    def spending(self, role: MatchRole, clock: Clock) -> Spending:
        return _Spending(self._database, role, clock)

    def spent(self, peer: str, role: MatchRole, kind: str, epoch: int) -> int:
        of = match_spent.c
        query = sa.select(of.points).where(
            of.peer == peer, of.role == role.value, of.kind == kind, of.epoch == epoch
        )
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one_or_none() or 0

    def finish(self, session: str, outcome: MatchEnd, found: int | None = None) -> None:
        one = match_sessions.c.session == session
        begun = match_sessions.c.outcome == MatchEnd.BEGUN.value
        with self._database.writing() as connection:
            update = sa.update(match_sessions).where(one, begun).values(outcome=outcome.value, found=found)
            if connection.execute(update).rowcount:
                return
            if connection.execute(sa.select(match_sessions.c.session).where(one)).first() is None:
                raise NotFound("there is no such session of matching")
            raise Conflict("this session of matching ended before")

    def session(self, session: str) -> MatchSession | None:
        query = sa.select(match_sessions).where(match_sessions.c.session == session)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else noun(row, MatchSession)

    def sessions(
        self, *, peer: str | None = None, outcome: MatchEnd | None = None, limit: int = 100
    ) -> tuple[MatchSession, ...]:
        query = sa.select(match_sessions).order_by(match_sessions.c.at.desc(), match_sessions.c.session)
        if peer is not None:
            query = query.where(match_sessions.c.peer == peer)
        if outcome is not None:
            query = query.where(match_sessions.c.outcome == outcome.value)
        with self._database.reading() as connection:
            return tuple(noun(row, MatchSession) for row in connection.execute(query.limit(limit)).mappings())


class _Spending:
    """Keeps trust.matching.Spending."""

    def __init__(self, database: Database, role: MatchRole, clock: Clock) -> None:
        self._database, self._role, self._clock = database, role, clock

    def begin(self, proposal: Proposal, most: int) -> None:
        session = MatchSession(
            session=proposal.session.hex(),
            role=self._role,
            peer=proposal.server if self._role is MatchRole.ASKED else proposal.client,
            kind=proposal.kind.value,
            question=proposal.question.value,
            reveal=proposal.reveal.value,
            purpose=proposal.purpose,
            epoch=proposal.epoch,
            points=proposal.points,
            at=micros(self._clock()),
            outcome=MatchEnd.BEGUN,
        )
        row = msgspec.to_builtins(session)
        names = ("peer", "role", "kind", "epoch", "points")
        total = match_spent.c.points + proposal.points
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, match_sessions).values(row)):
                raise Conflict(
                    "this session of matching was begun before: it is replayed, or its answer was lost"
                )
            # The sum is compared where it is made, so that of two at once one is refused.
            if proposal.points > most or not upsert(
                connection,
                match_spent,
                {name: row[name] for name in names},
                changed={"points": total},
                where=total <= most,
            ):
                raise NotAllowed(
                    f"the week's budget for matching {proposal.kind.value} with this peer is {most} points, and this"
                    " session would go beyond it; wait for the next week, or match fewer"
                )
