"""The trail of acts: appended, never changed."""

import msgspec
import sqlalchemy as sa

from tocsin.store.dialect import reserve
from tocsin.store.engine import Database
from tocsin.store.interface import AuditRow
from tocsin.store.tables import audit


class SqlAudit:
    """Keeps interface.AuditStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, row: AuditRow) -> None:
        values = msgspec.structs.asdict(row) | {"detail": msgspec.json.encode(row.detail)}
        with self._database.writing() as connection:
            values["seq"] = reserve(connection, "audit", 1) + 1
            connection.execute(sa.insert(audit).values(values))

    def read(
        self, *, who: str | None = None, act: str | None = None, since: int = 0, limit: int = 1000
    ) -> tuple[AuditRow, ...]:
        query = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
        if who is not None:
            query = query.where(audit.c.who == who)
        if act is not None:
            query = query.where(audit.c.act == act)
        if since:
            query = query.where(audit.c.at >= since)
        with self._database.reading() as connection:
            rows = [row._asdict() for row in connection.execute(query)]
        return tuple(AuditRow(**row | {"detail": msgspec.json.decode(row["detail"])}) for row in rows)
