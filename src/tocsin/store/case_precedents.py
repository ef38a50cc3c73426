"""The register of key cases of decisions on people's reports and warnings."""

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict
from tocsin.kernel.precedents import CasePrecedent
from tocsin.store.dialect import insert_new, written
from tocsin.store.engine import Database
from tocsin.store.request_tables import case_precedents

_ENCODE = msgspec.msgpack.Encoder().encode
_PRECEDENT = msgspec.msgpack.Decoder(CasePrecedent)


class SqlCasePrecedents:
    """Keeps request_interface.CasePrecedentStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, precedent: CasePrecedent) -> None:
        row = {
            "case": precedent.case,
            "category": precedent.category,
            "at": precedent.at,
            "body": _ENCODE(precedent),
        }
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, case_precedents).values(row)):
                raise Conflict("this case is in the register already")

    def remove(self, case: str) -> bool:
        with self._database.writing() as connection:
            gone = sa.delete(case_precedents).where(case_precedents.c.case == case)
            return bool(connection.execute(gone).rowcount)

    def find(self, *, category: str = "", limit: int = 50) -> tuple[CasePrecedent, ...]:
        table = case_precedents.c
        query = sa.select(table.body).order_by(table.at.desc(), table.case).limit(limit)
        if category:
            query = query.where(table.category == category)
        with self._database.reading() as connection:
            return tuple(map(_PRECEDENT.decode, connection.scalars(query).all()))
