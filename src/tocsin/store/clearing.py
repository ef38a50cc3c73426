"""What deleted rows leave behind: pages that nothing refers to, and the write-ahead log.

A deletion in a database forgets where the bytes were, not the bytes. After an erasure the database is written again
without them. SQLite: VACUUM, then the log is emptied. PostgreSQL: the tables are rewritten; its own log and the
server's backups are the server's (docs/sealed-text.md).
"""

import sqlite3
from contextlib import closing

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import Unavailable
from tocsin.store.dialect import upsert
from tocsin.store.engine import BUSY_SECONDS, Database
from tocsin.store.tables import acts, cursors, journal, looks, verdicts, warnings

CLEAR = "clear-free-space"
"""Cursor: an erasure was carried out and its free space is not cleared yet. A kill in between is made good."""


def ask(connection: Connection) -> None:
    """Note, in the erasure's own transaction, that free space is to be cleared."""
    upsert(connection, cursors, {"name": CLEAR, "value": "asked"}, changed={"value": "asked"})


def clear(database: Database) -> bool:
    """Clear it if that was asked; whether it was. Raises Unavailable while readers keep the log from being emptied."""
    with database.reading() as connection:
        asked = connection.execute(sa.select(cursors.c.value).where(cursors.c.name == CLEAR)).scalar()
    if asked is None:
        return False
    if database.sqlite_file:
        _sqlite(str(database.sqlite_file))
    else:
        free = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with free.connect() as connection:
            for table in (journal, warnings, acts, verdicts, looks):
                connection.execute(sa.text(f"VACUUM FULL {table.name}"))  # names are ours
    with database.writing() as connection:
        connection.execute(sa.delete(cursors).where(cursors.c.name == CLEAR))
    return True


def _sqlite(file: str) -> None:
    try:
        with closing(sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        raise sa.exc.OperationalError("vacuum", None, error) from error
    if busy:
        raise Unavailable(
            "the erasure is done, and its old pages wait for readers of the database: run it again soon"
        )
