"""What is gone for good, as the database keeps it: the copy of the key store's log, receipts, holds."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Erasure, Hold
from tocsin.store.dialect import noun, upsert
from tocsin.store.engine import Database
from tocsin.store.tables import erasures, gone, holds
from tocsin.trust.day_keys import Gone, What

_ENCODER = msgspec.msgpack.Encoder()
_HOLD = msgspec.msgpack.Decoder(Hold)
_ERASURE = msgspec.msgpack.Decoder(Erasure)


class SqlGone:
    """Keeps sealed_interface.GoneStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> tuple[Gone, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(gone).order_by(gone.c.seq)).mappings()
            return tuple(map(_line, rows))

    def add(self, lines: Sequence[Gone]) -> None:
        if lines:
            with self._database.writing() as connection:
                connection.execute(sa.insert(gone), [msgspec.to_builtins(line) for line in lines])

    def replace(self, lines: Sequence[Gone]) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.delete(gone))
            if lines:
                connection.execute(sa.insert(gone), [msgspec.to_builtins(line) for line in lines])


def _line(row: sa.RowMapping) -> Gone:
    """A row as it was written; one that cannot have been is a line that no check passes."""
    try:
        return noun(row, Gone)
    except msgspec.ValidationError:
        return Gone(0, What.DAY, row["name"], 0, "")


class SqlErasures:
    """Keeps sealed_interface.ErasureStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hold(self, hold: Hold) -> None:
        values = {"id": hold.id, "account": hold.account, "at": hold.at, "body": _ENCODER.encode(hold)}
        with self._database.writing() as connection:
            upsert(connection, holds, values, changed={"account": hold.account, "body": values["body"]})

    def holds(self, account: str | None = None) -> tuple[Hold, ...]:
        query = sa.select(holds.c.body).order_by(holds.c.at, holds.c.id)
        if account is not None:
            query = query.where(holds.c.account == account)
        with self._database.reading() as connection:
            return tuple(map(_HOLD.decode, connection.scalars(query).all()))

    def add(self, erasure: Erasure) -> None:
        values = {"ticket": erasure.ticket, "at": erasure.at, "body": _ENCODER.encode(erasure)}
        with self._database.writing() as connection:
            connection.execute(sa.insert(erasures).values(values))

    def list(self, limit: int = 1000) -> tuple[Erasure, ...]:
        query = sa.select(erasures.c.body).order_by(erasures.c.at.desc(), erasures.c.ticket).limit(limit)
        with self._database.reading() as connection:
            return tuple(map(_ERASURE.decode, connection.scalars(query).all()))
