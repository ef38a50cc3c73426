"""Bring a database to the newest schema, once, whoever starts first."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import Unavailable
from tocsin.store.engine import OLDEST_POSTGRESQL, Database

HEAD = "0038"
"""The newest revision in `migrations/versions`; spelt out so that a start need not load Alembic."""

MIGRATION_LOCK = 0x746F6373696E
"""Key of the advisory lock (PostgreSQL): `tocsin` in ASCII."""

_FOLDER = Path(__file__).parent / "migrations"


def revision(connection: Connection) -> str | None:
    """The revision this database is at; None when it is empty."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return found


def migrate(database: Database, to: str = HEAD) -> None:
    """Upgrade to revision `to`, in one transaction; a second process that starts meanwhile waits.

    Raises Unavailable when the database is newer than this program, or the server too old.
    """
    with database.reading() as connection:
        _check_server(connection)
        if revision(connection) == to:
            return
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        _upgrade(connection, to)


def _check_server(connection: Connection) -> None:
    version = connection.dialect.server_version_info or ()
    if connection.dialect.name == "postgresql" and version < OLDEST_POSTGRESQL:
        raise Unavailable(f"PostgreSQL {OLDEST_POSTGRESQL[0]} or newer is needed; this server is older")


def _upgrade(connection: Connection, to: str) -> None:
    from alembic import command  # costs a third of a second, and is needed once
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = revision(connection)
    if current is not None and current not in known:
        raise Unavailable("this database was written by a newer Tocsin; update this program")
    config.attributes["connection"] = connection
    command.upgrade(config, to)
