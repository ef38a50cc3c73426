"""What callers posted over TAXII, and what became of each post."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from tocsin.kernel import TLP, Release
from tocsin.store.engine import Database
from tocsin.store.interface import ReleaseFilter, TaxiiPage, TaxiiStatus
from tocsin.store.shelf import OPERATOR, Shelf, view_of
from tocsin.store.tables import inbox_audiences, inbox_objects, inbox_views, statuses

_ENCODER = msgspec.msgpack.Encoder()
_STATUS = msgspec.msgpack.Decoder(TaxiiStatus)


class SqlInbox:
    """Keeps interface.InboxStore."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shelf = Shelf("inbox", inbox_objects, inbox_views, inbox_audiences)

    def post(self, owner: str | None, rows: Sequence[Release], status: TaxiiStatus) -> None:
        view = OPERATOR if owner is None else owner
        with self._database.writing() as connection:
            self._shelf.add(connection, [(view, row) for row in rows])
            connection.execute(
                sa.insert(statuses).values(id=status.id, owner=status.owner, body=_ENCODER.encode(status))
            )

    def page(self, owner: str | None, wanted: ReleaseFilter, *, ceiling: TLP | None = None) -> TaxiiPage:
        owner = OPERATOR if owner is None else owner
        return self._shelf.page(self._database, view_of(owner, ceiling), owner, wanted, ceiling)

    def delete(self, record_id: str, versions: tuple[str | int, ...] | None, *, owner: str | None) -> int:
        with self._database.writing() as connection:
            return self._shelf.take_off(connection, record_id, versions, owner=owner, keep=False)

    def status(self, status_id: str, owner: str | None) -> TaxiiStatus | None:
        query = sa.select(statuses.c.body).where(statuses.c.id == status_id)
        if owner is not None:
            query = query.where(statuses.c.owner == owner)
        with self._database.reading() as connection:
            body = connection.execute(query).scalar()
        return _STATUS.decode(body) if body is not None else None
