"""Copies of everything: written whole, and put back into an empty store of either backend.

A snapshot is a folder: `tocsin.db` (SQLite's own online copy) or `tables/NAME.parquet` (PostgreSQL), and beside it the
files of the catalogue as it is in that copy. Put back into the other backend, the rows are copied one by one.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import BadInput, Conflict, Unavailable
from tocsin.store import catalogue
from tocsin.store.catalogue import DataFile, FileKind
from tocsin.store.engine import DATABASE_FILE, Database, kernel_errors
from tocsin.store.every_table import metadata
from tocsin.store.migrate import migrate, revision
from tocsin.store.parquet import by_group, private_folder, sync_folder
from tocsin.store.tables import counters, files

TABLES = "tables"
CHUNK_ROWS = 2_000

Rows = list[dict[str, Any]]


class Content(NamedTuple):
    """What a snapshot holds."""

    revision: str
    listed: list[DataFile]
    tables: list[tuple[str, Iterator[Rows]]]
    """Name and rows in pieces; tables that others refer to come first."""


def write_snapshot(database: Database, data: Path, target: Path) -> None:
    """Write the snapshot. The caller keeps compaction still, so that no listed file vanishes meanwhile.

    Raises Conflict when `target` is not empty.
    """
    with kernel_errors():
        _require_empty(target)
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        if database.sqlite_file:
            _copy_sqlite(database.sqlite_file.absolute().as_uri(), target / DATABASE_FILE)
            with _still(target / DATABASE_FILE) as connection:
                listed = _listed(connection)
        else:
            with database.reading() as connection:
                _dump(connection, target)
                listed = _listed(connection)
        _copy_files(data, target, listed)
        sync_folder(target)


def load_snapshot(source: Path, data: Path, url: str | None = None) -> None:
    """Put a snapshot back into an empty data folder, and an empty database when `url` names one.

    Raises BadInput when `source` is no snapshot, Conflict when there is something already.
    """
    with kernel_errors():
        from_sqlite = (source / DATABASE_FILE).is_file()
        if not from_sqlite and not (source / TABLES).is_dir():
            raise BadInput("this folder holds no snapshot: neither tocsin.db nor tables")
        if (data / DATABASE_FILE).exists() or any((data / kind.value).exists() for kind in FileKind):
            raise Conflict("the data folder holds events or a database already; name an empty one")
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _sqlite_rows(source) if from_sqlite else _dumped_rows(source) as content:
            if url is not None:
                _require_no_tables(data, url)
            _copy_files(source, data, content.listed)
            if from_sqlite and url is None:
                _copy_sqlite(_still_uri(source / DATABASE_FILE), data / DATABASE_FILE)
            database = Database(data, url)
            try:
                if url is not None or not from_sqlite:
                    _fill(database, content)
                migrate(database)
            finally:
                database.close()


def _copy_sqlite(source_uri: str, target: Path) -> None:
    """SQLite's backup API: consistent while others write."""
    target.touch(mode=0o600)
    try:
        with (
            closing(sqlite3.connect(source_uri, uri=True)) as original,
            closing(sqlite3.connect(target)) as copy,
        ):
            original.backup(copy)
    except sqlite3.Error as error:
        raise sa.exc.OperationalError("backup", None, error) from error
    _sync_file(target)


def _still_uri(file: Path) -> str:
    """A finished copy never changes; so it may lie on a medium that cannot be written."""
    return f"{file.absolute().as_uri()}?mode=ro&immutable=1"


@contextmanager
def _still(file: Path) -> Iterator[Connection]:
    engine = sa.create_engine(
        "sqlite+pysqlite://",
        creator=lambda: sqlite3.connect(_still_uri(file), uri=True),
        poolclass=sa.NullPool,
    )
    with engine.connect() as connection:
        yield connection


@contextmanager
def _sqlite_rows(source: Path) -> Iterator[Content]:
    with _still(source / DATABASE_FILE) as connection:
        present = set(sa.inspect(connection).get_table_names())
        tables = [table for table in metadata.sorted_tables if table.name in present]
        rows = [(table.name, _selected(connection, table)) for table in tables]
        yield Content(_known_revision(revision(connection)), _listed(connection), rows)


@contextmanager
def _dumped_rows(source: Path) -> Iterator[Content]:
    named = [source / TABLES / f"{table.name}.parquet" for table in metadata.sorted_tables]
    paths = [path for path in named if path.is_file()]
    stamps = {pq.read_schema(path).metadata[b"revision"].decode() for path in paths}
    listed = [
        msgspec.convert(row, DataFile)
        for path in paths
        if path.stem == files.name
        for rows in _read(path)
        for row in rows
    ]
    yield Content(
        _known_revision(min(stamps, default=None)), listed, [(path.stem, _read(path)) for path in paths]
    )


def _known_revision(at: str | None) -> str:
    if not at:
        raise BadInput("this snapshot is damaged: its schema has no revision")
    return at


def _selected(connection: Connection, table: sa.Table) -> Iterator[Rows]:
    names = [column["name"] for column in sa.inspect(connection).get_columns(table.name)]
    query = sa.table(table.name, *(sa.column(name) for name in names)).select()
    result = connection.execute(query)
    for part in result.mappings().partitions(CHUNK_ROWS):
        yield [dict(row) for row in part]


def _read(path: Path) -> Iterator[Rows]:
    with by_group(path) as file:
        for batch in file.iter_batches(CHUNK_ROWS):
            yield batch.to_pylist()


def _dump(connection: Connection, target: Path) -> None:
    folder = target / TABLES
    folder.mkdir(mode=0o700)
    at = revision(connection) or ""
    for table in metadata.sorted_tables:
        result: sa.CursorResult[Any] = connection.execution_options(yield_per=CHUNK_ROWS).execute(
            sa.select(table)
        )
        schema = _schema(table, at)
        path = folder / f"{table.name}.parquet"
        path.touch(mode=0o600)
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for part in result.mappings().partitions():
                writer.write_batch(pa.RecordBatch.from_pylist([dict(row) for row in part], schema))
        _sync_file(path)
    sync_folder(folder)


def _schema(table: sa.Table, at: str) -> pa.Schema:
    kinds: dict[type, pa.DataType] = {str: pa.string(), int: pa.int64(), bytes: pa.binary()}
    fields: list[tuple[str, pa.DataType]] = [
        (column.name, kinds[column.type.python_type]) for column in table.columns
    ]
    return pa.schema(fields, metadata={"revision": at})


def _require_no_tables(data: Path, url: str) -> None:
    database = Database(data, url)
    try:
        with database.reading() as connection:
            if revision(connection) is not None:
                raise Conflict("the database has tables already; name an empty one")
    finally:
        database.close()


def _fill(database: Database, content: Content) -> None:
    """Rows into a schema as old as they are, all or none; the caller migrates on from there."""
    migrate(database, content.revision)
    with database.writing() as connection:
        connection.execute(sa.delete(counters))  # the first migration puts zeroes there
        for name, parts in content.tables:
            for rows in parts:
                table = sa.table(name, *(sa.column(column) for column in rows[0]))
                connection.execute(sa.insert(table), rows)


def _listed(connection: Connection) -> list[DataFile]:
    return [file for kind in FileKind for file in catalogue.live(connection, kind)]


def _copy_files(source: Path, target: Path, listed: Iterable[DataFile]) -> None:
    for file in listed:
        copy = target / file.path
        private_folder(copy.parent, target)
        if not (source / file.path).is_file():
            raise Unavailable(f"{file.path} is missing; this copy would not be whole")
        shutil.copyfile(source / file.path, copy)
        copy.chmod(0o600)
        _sync_file(copy)
        sync_folder(copy.parent)


def _require_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise Conflict("the target folder is not empty")


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
