"""Counts of conduct: added once, together with how far the events were counted."""

import pyarrow as pa
import sqlalchemy as sa

from tocsin.store.dialect import add_up, insert_new
from tocsin.store.engine import Database
from tocsin.store.schemas import TREND_SCHEMA
from tocsin.store.tables import cursors, trends

CURSOR = "trends"


class SqlTrends:
    """Keeps trend_interface.TrendStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read_to(self) -> int:
        with self._database.reading() as connection:
            value = connection.execute(sa.select(cursors.c.value).where(cursors.c.name == CURSOR)).scalar()
        return int(value or 0)

    def add(self, cells: pa.RecordBatch, *, after: int, upto: int) -> bool:
        with self._database.writing() as connection:
            connection.execute(insert_new(connection, cursors).values(name=CURSOR, value="0"))
            # the row stays locked until the end, so that two that counted the same events cannot both add
            held = sa.select(cursors.c.value).where(cursors.c.name == CURSOR).with_for_update()
            if int(connection.execute(held).scalar_one()) != after:
                return False
            add_up(connection, trends, cells.to_pylist(), "count")
            connection.execute(sa.update(cursors).where(cursors.c.name == CURSOR).values(value=str(upto)))
            return True

    def cells(self, width: int, *, since: int = 0) -> pa.Table:
        query = (
            sa.select(*(trends.c[name] for name in TREND_SCHEMA.names))
            .where(trends.c.width == width, trends.c.bin >= since)
            .order_by(trends.c.bin)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        columns = zip(*rows, strict=True) if rows else [()] * len(TREND_SCHEMA)
        return pa.table(
            [pa.array(list(values), field.type) for values, field in zip(columns, TREND_SCHEMA, strict=True)],
            schema=TREND_SCHEMA,
        )

    def forget(self, width: int, *, before: int) -> int:
        with self._database.writing() as connection:
            old = sa.delete(trends).where(trends.c.width == width, trends.c.bin < before)
            return connection.execute(old).rowcount
