"""The few statements that SQLite and PostgreSQL both have, and SQLAlchemy spells once for each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.store.tables import counters

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

IN_CHUNK = 500
"""Values in one IN list: well under SQLite's 32,766 bound variables, and long enough."""

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Pieces short enough for one IN list."""
    rest = iter(values)
    while piece := list(islice(rest, IN_CHUNK)):
        yield piece


def among(
    connection: Connection, column: sa.ColumnElement[str], values: Iterable[str]
) -> sa.ColumnElement[bool]:
    """`column` is one of many texts, as one bound value: an IN list is compiled anew for each of its values."""
    if connection.dialect.name != "sqlite":
        return column == sa.any_(sa.cast(list(values), sa.ARRAY(sa.Text)))
    listed = sa.func.json_each(msgspec.json.encode(list(values)).decode()).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def noun(row: sa.RowMapping, kind: type[S]) -> S:
    """A row as the struct whose fields are named like its columns."""
    return msgspec.convert({name: row[name] for name in kind.__struct_fields__}, kind)


def insert_many(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """INSERT many rows with the same columns.

    On SQLite past SQLAlchemy's compiler, which copies and converts every row once more: a third of the time of
    a bulk insert. Column types here need no conversion (text, whole numbers, bytes), and a test holds that.
    """
    if rows:
        names = tuple(rows[0])
        insert_rows(connection, table, names, [tuple([row[name] for name in names]) for row in rows])


def insert_rows(
    connection: Connection, table: sa.Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """`insert_many` for values that lie as tuples already, in the order of `names`."""
    if rows:
        _insert_rows(connection, sa.insert(table), names, rows)


def insert_new_rows(
    connection: Connection, table: sa.Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """`insert_rows` that passes over rows whose key exists."""
    if rows:
        _insert_rows(connection, insert_new(connection, table), names, rows, " ON CONFLICT DO NOTHING")


def _insert_rows(
    connection: Connection,
    statement: sa.Insert,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    ending: str = "",
) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])
        return
    values = ", ".join("?" * len(names))
    connection.exec_driver_sql(
        f"INSERT INTO {statement.table.name} ({', '.join(names)}) VALUES ({values}){ending}",  # noqa: S608  # ours
        list(rows),
    )


def pairs_of(
    connection: Connection, table: sa.Table, names: tuple[str, str], values: Iterable[bytes]
) -> Iterator[tuple[bytes, int]]:
    """Of the rows whose first named column is one of many values: that, and the second.

    On SQLite past SQLAlchemy's compiler, which writes each list anew and converts every value: most of the time.
    """
    if connection.dialect.name != "sqlite":
        wanted, beside = (table.c[name] for name in names)
        listed = sa.cast(list(values), sa.ARRAY(sa.LargeBinary))
        for key, value in connection.execute(sa.select(wanted, beside).where(wanted == sa.any_(listed))):
            yield key, value
        return
    for chunk in chunks(values):
        query = f"SELECT {names[0]}, {names[1]} FROM {table.name} WHERE {names[0]} IN "  # noqa: S608  # names are ours
        places = ", ".join("?" * len(chunk))
        for key, value in connection.exec_driver_sql(f"{query}({places})", tuple(chunk)):
            yield key, value


def by_index(query: sa.Select[Any], table: sa.Table, index: str) -> sa.Select[Any]:
    """SQLite, without statistics, takes any `view = ?` for a handful of rows and would read the whole view."""
    return query.with_hint(table, f"INDEXED BY ix_{table.name}_{index}", "sqlite")


def insert_new(connection: Connection, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
    """INSERT that passes over rows whose key exists."""
    return _insert(connection, table).on_conflict_do_nothing()


def upsert(
    connection: Connection,
    table: sa.Table,
    values: Mapping[str, Any],
    *,
    changed: Mapping[str, Any],
    where: sa.ColumnElement[bool] | None = None,
) -> int:
    """Insert `values`, or set `changed` on the row with the same primary key where `where` holds.

    Returns the number of rows written: 0 when `where` did not hold.
    """
    insert = _insert(connection, table).values(values)
    return written(
        connection, insert.on_conflict_do_update(table.primary_key, set_=dict(changed), where=where)
    )


def add_up(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], column: str) -> None:
    """INSERT rows with the same columns; where a row has the same primary key, `column` is added to it."""
    if rows:
        insert = _insert(connection, table)
        total = {column: table.c[column] + insert.excluded[column]}
        connection.execute(insert.on_conflict_do_update(table.primary_key, set_=total), list(rows))


def written(connection: Connection, statement: sa.Insert) -> int:
    """Rows that an INSERT of one row wrote: 0 or 1. SQLAlchemy forgets it for an INSERT unless told."""
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _insert(connection: Connection, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
    # The two have the same methods, and no base that has them. Only the one that is spoken is loaded.
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def reserve(connection: Connection, name: str, count: int) -> int:
    """Take `count` numbers of a counter; they are the returned number + 1 and up.

    The counter's row stays locked until the transaction ends. So writers of one counter queue, and a number
    is never seen before all smaller ones: who has read up to N has missed nothing. Never reused.
    """
    row = counters.c.name == name
    connection.execute(sa.update(counters).where(row).values(value=counters.c.value + count))
    value: int = connection.execute(sa.select(counters.c.value).where(row)).scalar_one()
    return value - count


def reserve_moments(connection: Connection, name: str, wanted: Sequence[int]) -> tuple[int, list[int]]:
    """Like `reserve`, with moments that strictly increase with the numbers, none before the wanted one.

    A client that asks for what was added after the last moment it saw misses nothing, whatever the clocks did.
    """
    base = reserve(connection, name, len(wanted))
    row = counters.c.name == name
    last: int = connection.execute(sa.select(counters.c.moment).where(row)).scalar_one()
    moments = []
    for moment in wanted:
        last = max(moment, last + 1)
        moments.append(last)
    connection.execute(sa.update(counters).where(row).values(moment=last))
    return base, moments
