"""The history of keys: what each said of its successor, ours and our peers'."""

import msgspec
import sqlalchemy as sa

from tocsin.kernel import KeyStatement
from tocsin.store.dialect import insert_new
from tocsin.store.engine import Database
from tocsin.store.tables import key_statements

_ENCODER = msgspec.msgpack.Encoder()
_STATEMENT = msgspec.msgpack.Decoder(KeyStatement)


class SqlKeys:
    """Keeps interface.KeyStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, statement: KeyStatement, digest: str, *, received: int) -> None:
        with self._database.writing() as connection:
            connection.execute(
                insert_new(connection, key_statements).values(
                    identity=statement.identity,
                    digest=digest,
                    seq=statement.seq,
                    received=received,
                    body=_ENCODER.encode(statement),
                )
            )

    def statements(self, identity: str) -> tuple[KeyStatement, ...]:
        wanted = (
            sa.select(key_statements.c.body)
            .where(key_statements.c.identity == identity)
            .order_by(key_statements.c.seq, key_statements.c.received, key_statements.c.digest)
        )
        with self._database.reading() as connection:
            bodies = connection.scalars(wanted).all()
        return tuple(map(_STATEMENT.decode, bodies))
