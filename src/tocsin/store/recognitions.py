"""Recognitions and the draws behind them: added, moved on from state to state, never deleted."""

import hashlib

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict, NotFound
from tocsin.kernel.recognition import Draw, DrawState, Recognition
from tocsin.store.dialect import insert_new, reserve
from tocsin.store.engine import Database
from tocsin.store.model_tables import recognition_draws, recognitions

COUNTER = "recognition"
_ENCODE = msgspec.msgpack.Encoder().encode
_RECOGNITION = msgspec.msgpack.Decoder(Recognition)
_DRAW = msgspec.msgpack.Decoder(Draw)


class SqlRecognitions:
    """Keeps recognition_interface.RecognitionStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, recognition: Recognition) -> None:
        body = _ENCODE(recognition)
        with self._database.writing() as connection:
            row = {
                "id": hashlib.sha256(recognition.statement or body).hexdigest(),
                "seq": reserve(connection, COUNTER, 1) + 1,
                "evaluation": recognition.evaluation,
                "at": recognition.at,
                "body": body,
            }
            connection.execute(insert_new(connection, recognitions).values(row))

    def listed(
        self, *, evaluation: str | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[tuple[int, Recognition], ...]:
        query = sa.select(recognitions.c.seq, recognitions.c.body)
        if evaluation is not None:
            query = query.where(recognitions.c.evaluation == evaluation)
        if before is not None:
            query = query.where(recognitions.c.seq < before)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(recognitions.c.seq.desc()).limit(limit)).all()
        return tuple((seq, _RECOGNITION.decode(body)) for seq, body in rows)

    def begin(self, draw: Draw) -> None:
        table = recognition_draws.c
        with self._database.writing() as connection:
            seq = reserve(connection, COUNTER, 1) + 1  # holds the counter's row: who counts next waits here
            query = sa.select(sa.func.count()).where(
                table.challenger == draw.challenger,
                table.evaluation == draw.evaluation,
                table.sheet == draw.sheet,
            )
            before: int = connection.execute(query).scalar_one()
            known = connection.execute(sa.select(table.id).where(table.id == draw.id)).first()
            if known is not None or draw.number != before + 1:
                raise Conflict(
                    f"{before} draws of {draw.sheet} are kept of this evaluation: the next is number {before + 1}"
                )
            row = {
                "id": draw.id,
                "seq": seq,
                "challenger": draw.challenger,
                "evaluation": draw.evaluation,
                "sheet": draw.sheet,
                "state": draw.state.value,
                "body": _ENCODE(draw),
            }
            connection.execute(sa.insert(recognition_draws).values(row))

    def advance(self, draw: Draw, *, before: DrawState) -> None:
        table = recognition_draws.c
        with self._database.writing() as connection:
            changed = connection.execute(
                sa.update(recognition_draws)
                .where(table.id == draw.id, table.state == before.value)
                .values(state=draw.state.value, body=_ENCODE(draw))
            ).rowcount
            if changed:
                return
            known = connection.execute(sa.select(table.state).where(table.id == draw.id)).scalar()
        if known is None:
            raise NotFound("this draw is not kept here")
        raise Conflict(f"this draw is {known} by now, and was {before.value}: somebody was quicker")

    def draw(self, draw_id: str) -> Draw | None:
        query = sa.select(recognition_draws.c.body).where(recognition_draws.c.id == draw_id)
        with self._database.reading() as connection:
            body = connection.execute(query).scalar()
        return None if body is None else _DRAW.decode(body)

    def draws(
        self, *, challenger: str | None = None, evaluation: str | None = None, sheet: str | None = None
    ) -> tuple[Draw, ...]:
        table = recognition_draws.c
        query = sa.select(table.body)
        for column, wanted in (
            (table.challenger, challenger),
            (table.evaluation, evaluation),
            (table.sheet, sheet),
        ):
            if wanted is not None:
                query = query.where(column == wanted)
        with self._database.reading() as connection:
            return tuple(map(_DRAW.decode, connection.scalars(query.order_by(table.seq)).all()))
