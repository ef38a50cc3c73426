"""Finding records by words, fields and references: FTS5 on SQLite, a GIN index over tsvector on PostgreSQL.

The index is derived and may be dropped: it holds one row of tokens for each version, under its `added`. It follows
the records by that number, in short transactions of its own, so that a bulk post pays nothing for it and kill -9
loses nothing: what it has not read yet it reads next. A search first takes in what is missing, up to a bound, and
says how much is left. It is not in `tables` nor in a snapshot, because its form differs and it is made again.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from tocsin.kernel import BadInput, Record
from tocsin.store.dialect import noun
from tocsin.store.engine import Database
from tocsin.store.finding import Found, Wanted
from tocsin.store.tables import records
from tocsin.store.words import asked, field, tokens_of

INDEX = "record_words"
CHUNK = 2_000
"""Versions indexed in one transaction: other writers wait a tenth of a second."""

CATCH_UP = 10_000
"""Versions that a search takes in by itself before it answers: under a second."""

MANY = 20_000
"""Versions indexed at once from which the planner's old statistics mislead it."""

COMMON = 2_000
"""Versions that fit from which on PostgreSQL finds a page soonest by walking from the newest."""

MAX_FOUND = 200

_FIELDS = [records.c[name] for name in Record.__struct_fields__]


class SqlSearch:
    """Keeps finding.SearchStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def index(self, limit: int = 1_000_000) -> int:
        done = 0
        while done < limit:
            with self._database.writing() as connection:
                taken = _index(connection, min(CHUNK, limit - done))
            done += taken
            if taken < CHUNK:
                break
        if done >= MANY:
            self._count_words()
        return done

    def find(self, wanted: Wanted) -> Found:
        if not 1 <= wanted.limit <= MAX_FOUND:
            raise BadInput(f"a search gives 1 to {MAX_FOUND} records at a time")
        if self._behind():
            self.index(CATCH_UP)
        tokens = _tokens(wanted)
        with self._database.reading() as connection:
            query = _query(connection, tokens, wanted)
            rows = connection.execute(query.limit(wanted.limit + 1)).mappings().all()
            behind = _missing(connection)
        found = tuple(noun(row, Record) for row in rows[: wanted.limit])
        return Found(records=found, more=len(rows) > wanted.limit, behind=behind)

    def _count_words(self) -> None:
        """Tell PostgreSQL's planner now which words are rare; its own housekeeping would in a minute or so."""
        with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text(f"ANALYZE {INDEX}"))

    def _behind(self) -> bool:
        with self._database.reading() as connection:
            newest = connection.execute(sa.select(sa.func.max(records.c.added))).scalar()
            return newest is not None and newest > _read_to(connection)


def _query(
    connection: Connection, tokens: Sequence[tuple[str, bool]], wanted: Wanted
) -> sa.Select[tuple[object, ...]]:
    query: sa.Select[tuple[object, ...]] = sa.select(*_FIELDS).where(records.c.latest == 1)
    if wanted.before is not None:
        query = query.where(records.c.added < wanted.before)
    if wanted.since is not None:
        query = query.where(records.c.added >= wanted.since)
    if wanted.without:
        query = query.where(records.c.type.not_in(wanted.without))
    if wanted.ids:
        query = query.where(records.c.id.in_(wanted.ids[:MAX_FOUND]))
    if not tokens:
        return query.order_by(records.c.added.desc())
    if connection.dialect.name == "sqlite":
        index = sa.table(INDEX, sa.column("rowid"))
        said = " AND ".join(f'"{token}"{"*" if begins else ""}' for token, begins in tokens)
        match = sa.literal_column(INDEX).op("MATCH")(said)
        joined = records.join(index, records.c.added == index.c.rowid)
        if wanted.before is not None:  # FTS5 steps by rowid, and stops there
            query = query.where(index.c.rowid < wanted.before)
        return query.select_from(joined).where(match).order_by(index.c.rowid.desc())
    index = sa.table(INDEX, sa.column("added"), sa.column("words"))
    said = " & ".join(f"'{token}'{':*' if begins else ''}" for token, begins in tokens)
    match = index.c.words.op("@@")(sa.cast(said, postgresql.TSQUERY))
    # The planner cannot tell a rare word from a fairly rare one, and would walk all records for it, newest first.
    few = connection.scalars(sa.select(index.c.added).where(match).limit(COMMON)).all()
    if len(few) < COMMON:
        listed = sa.cast(list(few), postgresql.ARRAY(sa.BigInteger))
        return query.where(records.c.added == sa.any_(listed)).order_by(records.c.added.desc())
    joined = records.join(index, records.c.added == index.c.added)
    return query.select_from(joined).where(match).order_by(records.c.added.desc())


def _tokens(wanted: Wanted) -> list[tuple[str, bool]]:
    named = (
        ("type", wanted.type),
        ("origin", wanted.origin.value if wanted.origin else ""),
        ("author", wanted.author),
        ("tlp", wanted.tlp.value if wanted.tlp else ""),
        ("category", wanted.category),
        ("peer", wanted.peer),
        ("ref", wanted.refers_to),
        ("key", wanted.content),
    )
    return [(field(name, value), False) for name, value in named if value] + asked(wanted.words)


def _index(connection: Connection, limit: int) -> int:
    """Take the next versions in; returns how many."""
    query = sa.select(*_FIELDS).where(records.c.added > _read_to(connection))
    rows = connection.execute(query.order_by(records.c.added).limit(limit)).mappings().all()
    entries = [(row["added"], tokens_of(noun(row, Record))) for row in rows]
    if not entries:
        return 0
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            f"INSERT INTO {INDEX} (rowid, words) VALUES (?, ?)",  # noqa: S608  # a constant of ours
            [(added, " ".join(tokens)) for added, tokens in entries],
        )
    else:
        connection.execute(
            sa.text(
                f"INSERT INTO {INDEX} (added, words) VALUES (:added, array_to_tsvector(:words)) "  # noqa: S608
                "ON CONFLICT DO NOTHING"
            ),
            [{"added": added, "words": tokens} for added, tokens in entries],
        )
    return len(entries)


def _read_to(connection: Connection) -> int:
    """`added` of the newest version that the index holds."""
    key = "id FROM record_words_docsize" if connection.dialect.name == "sqlite" else f"added FROM {INDEX}"
    newest: int | None = connection.execute(
        sa.text(f"SELECT {key} ORDER BY 1 DESC LIMIT 1")  # constants of ours
    ).scalar()
    return newest or 0


def _missing(connection: Connection) -> int:
    query = sa.select(sa.func.count()).where(records.c.added > _read_to(connection))
    return connection.execute(query).scalar_one()
