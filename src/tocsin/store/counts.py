"""Payments for counts, and the counts."""

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict
from tocsin.kernel.counts import CountList, NoisyCount, Spend
from tocsin.store.count_tables import count_spends, noisy_counts
from tocsin.store.dialect import insert_new, noun, written
from tocsin.store.engine import Database

_ENCODER = msgspec.msgpack.Encoder()
_BODY = msgspec.msgpack.Decoder(NoisyCount)


class SqlCounts:
    """Keeps count_interface.CountStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pay(self, spend: Spend) -> None:
        row = {"name": spend.name, **msgspec.structs.asdict(spend)}
        with self._database.writing() as connection:
            connection.execute(insert_new(connection, count_spends).values(row))

    def spends(self) -> tuple[Spend, ...]:
        columns = [count_spends.c[name] for name in Spend.__struct_fields__]
        query = sa.select(*columns).order_by(count_spends.c.at, count_spends.c.name)
        with self._database.reading() as connection:
            return tuple(noun(row, Spend) for row in connection.execute(query).mappings())

    def keep(self, count: NoisyCount) -> None:
        row = {"week": count.week, "list": count.list.value, "body": _ENCODER.encode(count)}
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, noisy_counts).values(row)):
                raise Conflict("this list of this week was counted already: what was said then is said again")

    def said(self, week: str, which: CountList) -> NoisyCount | None:
        query = sa.select(noisy_counts.c.body).where(
            noisy_counts.c.week == week, noisy_counts.c.list == which.value
        )
        with self._database.reading() as connection:
            body = connection.execute(query).scalar()
        return None if body is None else _BODY.decode(body)

    def every(self, week: str = "") -> tuple[NoisyCount, ...]:
        query = sa.select(noisy_counts.c.body).order_by(noisy_counts.c.week.desc(), noisy_counts.c.list)
        if week:
            query = query.where(noisy_counts.c.week == week)
        with self._database.reading() as connection:
            return tuple(map(_BODY.decode, connection.execute(query).scalars()))
