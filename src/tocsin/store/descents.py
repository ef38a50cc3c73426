"""What was measured of where artefacts come from: every comparison stays, for another draw may see what one missed."""

import msgspec
import sqlalchemy as sa

from tocsin.kernel.models import MeasuredDescent
from tocsin.store.dialect import insert_new
from tocsin.store.engine import Database
from tocsin.store.model_tables import descents

_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(MeasuredDescent).decode


class SqlDescents:
    """Keeps artefact_interface.DescentStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, descent: MeasuredDescent) -> None:
        row = {
            "derived": descent.derived,
            "base": descent.base,
            "at": descent.at,
            "body": _ENCODE(descent),
        }
        with self._database.writing() as connection:
            connection.execute(insert_new(connection, descents).values(row))

    def of(self, derived: str, *, limit: int = 100) -> tuple[MeasuredDescent, ...]:
        with self._database.reading() as connection:
            query = (
                sa.select(descents.c.body)
                .where(descents.c.derived == derived)
                .order_by(descents.c.at.desc(), descents.c.base)
                .limit(limit)
            )
            return tuple(map(_DECODE, connection.scalars(query).all()))
