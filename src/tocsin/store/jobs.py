"""Who does which job now, and how far each has come."""

import sqlalchemy as sa

from tocsin.store.dialect import upsert
from tocsin.store.engine import Database
from tocsin.store.tables import cursors, leases


class SqlJobs:
    """Keeps interface.JobStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lease(self, name: str, holder: str, *, now: int, ttl: int) -> bool:
        wanted = {"holder": holder, "until": now + ttl}
        free = sa.or_(leases.c.holder == holder, leases.c.until <= now)
        with self._database.writing() as connection:
            return upsert(connection, leases, {"name": name} | wanted, changed=wanted, where=free) > 0

    def release_lease(self, name: str, holder: str) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.delete(leases).where(leases.c.name == name, leases.c.holder == holder))

    def cursor(self, name: str) -> str | None:
        with self._database.reading() as connection:
            return connection.execute(sa.select(cursors.c.value).where(cursors.c.name == name)).scalar()

    def set_cursor(self, name: str, value: str) -> None:
        with self._database.writing() as connection:
            upsert(connection, cursors, {"name": name, "value": value}, changed={"value": value})
