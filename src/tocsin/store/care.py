"""A reviewer's own limits and counts."""

import msgspec
import sqlalchemy as sa

from tocsin.store.care_interface import CareDay, Chosen
from tocsin.store.case_key_tables import care_days, care_limits
from tocsin.store.dialect import noun, upsert
from tocsin.store.engine import Database

_ENCODE = msgspec.msgpack.Encoder().encode
_CHOSEN = msgspec.msgpack.Decoder(Chosen)


class SqlCare:
    """Keeps care_interface.CareStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def chosen(self, user: str) -> Chosen | None:
        query = sa.select(care_limits.c.body).where(care_limits.c.user == user)
        with self._database.reading() as connection:
            body = connection.execute(query).scalar()
        return None if body is None else _CHOSEN.decode(body)

    def choose(self, user: str, chosen: Chosen) -> None:
        body = _ENCODE(chosen)
        with self._database.writing() as connection:
            upsert(connection, care_limits, {"user": user, "body": body}, changed={"body": body})

    def day(self, user: str, day: str) -> CareDay:
        query = sa.select(care_days).where(care_days.c.user == user, care_days.c.day == day)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return CareDay() if row is None else noun(row, CareDay)

    def note(self, user: str, day: str, at: int) -> CareDay:
        values = {"user": user, "day": day, "opened": 1, "last": at}
        one_more = {"opened": care_days.c.opened + 1, "last": at}
        query = sa.select(care_days).where(care_days.c.user == user, care_days.c.day == day)
        with self._database.writing() as connection:
            upsert(connection, care_days, values, changed=one_more)
            return noun(connection.execute(query).mappings().one(), CareDay)

    def forget_before(self, day: str) -> int:
        with self._database.writing() as connection:
            return connection.execute(sa.delete(care_days).where(care_days.c.day < day)).rowcount
