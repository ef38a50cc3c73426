"""Trust groups: this node's own list of who agreed on what."""

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Group, NotFound
from tocsin.store.engine import Database
from tocsin.store.tables import groups

_ENCODER = msgspec.msgpack.Encoder()
_GROUP = msgspec.msgpack.Decoder(Group)


class SqlGroups:
    """Keeps interface.GroupStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, group: Group) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.insert(groups).values(name=group.name, body=_ENCODER.encode(group)))

    def get(self, name: str) -> Group | None:
        with self._database.reading() as connection:
            body = connection.execute(sa.select(groups.c.body).where(groups.c.name == name)).scalar()
        return _GROUP.decode(body) if body is not None else None

    def list(self) -> tuple[Group, ...]:
        with self._database.reading() as connection:
            bodies = connection.scalars(sa.select(groups.c.body).order_by(groups.c.name)).all()
        return tuple(map(_GROUP.decode, bodies))

    def replace(self, group: Group) -> None:
        with self._database.writing() as connection:
            change = sa.update(groups).where(groups.c.name == group.name).values(body=_ENCODER.encode(group))
            if not connection.execute(change).rowcount:
                raise NotFound("there is no such group")
