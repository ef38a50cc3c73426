"""How people arranged warnings: merged, split, snoozed."""

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Handling
from tocsin.store.dialect import upsert
from tocsin.store.engine import Database
from tocsin.store.tables import handlings

_ENCODER = msgspec.msgpack.Encoder()
_HANDLING = msgspec.msgpack.Decoder(Handling)


class SqlHandlings:
    """Keeps interface.HandlingStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, warning: str) -> Handling | None:
        with self._database.reading() as connection:
            return of_warning(connection, warning)

    def put(self, handling: Handling) -> None:
        body = {"body": _ENCODER.encode(handling)}
        with self._database.writing() as connection:
            upsert(connection, handlings, {"warning": handling.warning} | body, changed=body)

    def every(self) -> dict[str, Handling]:
        with self._database.reading() as connection:
            bodies = connection.scalars(sa.select(handlings.c.body)).all()
        return {one.warning: one for one in map(_HANDLING.decode, bodies)}


def of_warning(connection: sa.Connection, warning: str) -> Handling | None:
    """The handling of one warning, inside a transaction of the caller's."""
    body = connection.execute(sa.select(handlings.c.body).where(handlings.c.warning == warning)).scalar()
    return None if body is None else _HANDLING.decode(body)
