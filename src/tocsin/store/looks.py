"""What was drawn from the unflagged, and what people found in it."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Look, NotFound
from tocsin.store.dialect import chunks, insert_new
from tocsin.store.engine import Database
from tocsin.store.tables import looks

_ENCODER = msgspec.msgpack.Encoder()
_LOOK = msgspec.msgpack.Decoder(Look)


class SqlLooks:
    """Keeps interface.LookStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def draw(self, drawn: Sequence[Look], *, a_day: int) -> None:
        with self._database.writing() as connection:
            for look in drawn:
                connection.execute(insert_new(connection, looks).values(_row(look)))
            for day in {look.day for look in drawn}:
                ranked = connection.execute(
                    sa.select(looks.c.event, looks.c.outcome).where(looks.c.day == day).order_by(looks.c.rank)
                ).all()
                surplus = [event for event, outcome in ranked[a_day:] if outcome is None]
                for some in chunks(surplus):
                    connection.execute(sa.delete(looks).where(looks.c.event.in_(some)))

    def get(self, event: str) -> Look | None:
        with self._database.reading() as connection:
            body = connection.execute(sa.select(looks.c.body).where(looks.c.event == event)).scalar()
        return None if body is None else _LOOK.decode(body)

    def replace(self, look: Look) -> None:
        with self._database.writing() as connection:
            change = sa.update(looks).where(looks.c.event == look.event).values(_row(look))
            if not connection.execute(change).rowcount:
                raise NotFound("this event was not drawn for a look: `tocsin watch sampling list` shows them")

    def waiting(self, *, limit: int = 100) -> tuple[Look, ...]:
        query = sa.select(looks.c.body).where(looks.c.outcome.is_(None))
        return self._all(query.order_by(looks.c.day, looks.c.rank).limit(limit))

    def judged(self) -> tuple[Look, ...]:
        query = sa.select(looks.c.body).where(looks.c.outcome.is_not(None))
        return self._all(query.order_by(looks.c.day, looks.c.rank))

    def expire(self, *, before_day: str) -> int:
        old = sa.and_(looks.c.day < before_day, looks.c.outcome.is_(None))
        with self._database.writing() as connection:
            return connection.execute(sa.delete(looks).where(old)).rowcount

    def _all(self, query: sa.Select[Any]) -> tuple[Look, ...]:
        with self._database.reading() as connection:
            return tuple(map(_LOOK.decode, connection.scalars(query).all()))


def _row(look: Look) -> dict[str, Any]:
    return {
        "event": look.event,
        "day": look.day,
        "rank": look.rank,
        "outcome": None if look.outcome is None else look.outcome.value,
        "body": _ENCODER.encode(look),
    }
