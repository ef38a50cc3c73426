"""The way in to the database: one engine, `reading()` and `writing()`, and foreign errors mapped at this edge.

What differs between SQLite and PostgreSQL is here and in `dialect`, and nowhere else.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL, Connection, Engine, make_url

from tocsin.kernel import BadInput, Conflict, NotFound, TocsinError, Unavailable

DATABASE_FILE = "tocsin.db"
BUSY_SECONDS = 30
"""How long a writer waits for another process's transaction; the longest of ours (a merge) is under a second."""
CONNECT_SECONDS = 10
OLDEST_POSTGRESQL = (15,)

PAGE_BYTES = 8 << 10
"""Of a new SQLite file; an older one keeps its own. What is kept of a text of 300 characters has 2.1 KB: a page of 4 KB
held one, and was half empty (ADR 74)."""

LOG_BYTES = 32 << 20
"""SQLite's log, before its pages are copied back: those of busy indexes are then copied once, not once a batch."""

_DRIVERS = {"postgres", "postgresql", "postgresql+psycopg"}
_FOREIGN_KEY = {"SQLITE_CONSTRAINT_FOREIGNKEY", "23503"}
_UNDEFINED = {"42P01"}
_FULL = {"SQLITE_FULL", "53100"}
_BUSY = {"SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40P01"}


class _Joined(threading.local):
    """The transaction that this thread's calls join, while `together` lasts."""

    connection: Connection | None = None


class Database:
    """One engine over SQLite (a file in the data folder) or PostgreSQL (by URL)."""

    def __init__(self, data: Path, url: str | None) -> None:
        """Prepares, and connects to nothing yet. Raises BadInput for a URL that is none of ours."""
        self._joined = _Joined()
        self.sqlite_file = None if url else data / DATABASE_FILE
        # SQLite's own waiting is by growing sleeps and unfair; threads of this process queue here instead.
        self._turn: AbstractContextManager[object] = threading.Lock() if self.sqlite_file else nullcontext()
        with kernel_errors():
            self.engine = _postgresql(url) if url else _sqlite(data / DATABASE_FILE)
        if self.sqlite_file:
            self._reads = self.engine
            self._writes = self.engine.execution_options(tocsin_begin="BEGIN IMMEDIATE")
        else:
            self._reads = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._writes = self.engine.execution_options(isolation_level="READ COMMITTED")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot: every statement inside sees the same moment."""
        if self._joined.connection is not None:
            yield self._joined.connection
            return
        with kernel_errors(), self._reads.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, durable when the block has ended, undone when it raises."""
        if self._joined.connection is not None:
            yield self._joined.connection
            return
        with kernel_errors(), self._turn, self._writes.begin() as connection:
            yield connection

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that this thread reads and writes inside is one transaction: all of it is kept, or none."""
        if self._joined.connection is not None:
            yield
            return
        with kernel_errors(), self._turn, self._writes.begin() as connection:
            self._joined.connection = connection
            try:
                yield
            finally:
                self._joined.connection = None

    def close(self) -> None:
        self.engine.dispose()


class SQLiteHints(SQLiteCompiler):
    """SQLAlchemy has hints for each FROM, and no spelling of them for SQLite: INDEXED BY stands as it is."""

    def get_from_hint_text(self, table: sa.FromClause, text: str | None) -> str | None:
        return text


def _sqlite(file: Path) -> Engine:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Created before SQLite does it, so that it never exists with another mode; -wal and -shm inherit it.
    file.touch(mode=0o600, exist_ok=True)
    engine = sa.create_engine(
        URL.create("sqlite+pysqlite", database=str(file)),
        connect_args={"timeout": BUSY_SECONDS},
        hide_parameters=True,
        pool_use_lifo=True,  # the connection used last has the pages that are wanted next
    )

    engine.dialect.statement_compiler = SQLiteHints

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # or pysqlite begins by itself, and only before some statements
        for pragma in (
            f"page_size={PAGE_BYTES}",  # before the file is a database: afterwards it says nothing
            "journal_mode=WAL",
            "synchronous=FULL",  # in WAL mode only FULL makes a commit wait for fsync
            "foreign_keys=ON",
            "cache_size=-8192",  # for each connection: fifteen at once stay small; the system keeps the file's pages
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        (page,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute(f"PRAGMA wal_autocheckpoint={LOG_BYTES // page}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns to writing fails at once when another writer came between.
        connection.exec_driver_sql(connection.get_execution_options().get("tocsin_begin", "BEGIN"))

    return engine


def _postgresql(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise BadInput(
            "the database URL cannot be read; it looks like postgresql://user@host/database"
        ) from None
    if parsed.drivername not in _DRIVERS:
        raise BadInput(f"the database URL names {parsed.drivername}; only postgresql is supported")
    # A server set to lazy commits would make an acknowledgement a guess.
    options = [*parsed.normalized_query.get("options", ()), "-c synchronous_commit=on -c timezone=UTC"]
    try:
        return sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,  # a server that went away and came back is found out before use
            hide_parameters=True,
            connect_args={"connect_timeout": CONNECT_SECONDS, "options": " ".join(options)},
        )
    except ImportError:
        raise BadInput("PostgreSQL needs its driver: pip install 'tocsin[postgres]'") from None


@contextmanager
def kernel_errors() -> Iterator[None]:
    """Foreign exceptions inside become ours. No message holds SQL, a value, a path or a URL."""
    try:
        yield
    except TocsinError:
        raise
    except sa.exc.IntegrityError as error:
        if _code(error) in _FOREIGN_KEY:
            raise NotFound("what this refers to does not exist") from error
        raise Conflict("there is one with this name or id already") from error
    except (sa.exc.DataError, OverflowError, UnicodeEncodeError) as error:
        raise BadInput("a value holds a character or number that cannot be kept") from error
    except sa.exc.ProgrammingError as error:
        if _code(error) not in _UNDEFINED:
            raise
        raise Unavailable("the database has no tables yet; start the node once to make them") from error
    except sa.exc.DBAPIError as error:
        raise Unavailable(_away(_code(error))) from error
    except sa.exc.TimeoutError as error:
        raise Unavailable("too many requests wait for the database; try again") from error
    except OSError as error:
        raise Unavailable(_storage(error)) from error


def _away(code: str) -> str:
    if code in _FULL:
        return "the database has no space left; free some, what was acknowledged is safe"
    if code in _BUSY:
        return "the database is busy with another writer; try again"
    if code.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")):
        return f"the database file cannot be read or written ({code}); look at the disk and its permissions"
    if code in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:
        return f"the database file is damaged ({code}); restore a backup"
    if code == "SQLITE_ERROR":
        return "the database refused (SQLITE_ERROR); has the node been started once to make its tables?"
    return f"the database cannot be reached or refused ({code}); try again"


def _storage(error: OSError) -> str:
    return f"the data folder cannot be read or written ({error.strerror or type(error).__name__}); look at the disk"


def _code(error: sa.exc.DBAPIError) -> str:
    original: Any = error.orig
    return (
        getattr(original, "sqlite_errorname", None)
        or getattr(original, "sqlstate", None)
        or type(original).__name__
    )
