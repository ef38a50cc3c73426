"""Shared identifiers, looked up in the Parquet files of the catalogue and the journal's tail by DuckDB.

Nothing is kept: an event that was deleted is in no answer from that moment. DuckDB reads the listed files and nothing
else; values are bound or joined, never part of a statement.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import duckdb
import pyarrow as pa

from tocsin.kernel import Unavailable
from tocsin.store import catalogue, journal
from tocsin.store.catalogue import DataFile, FileKind
from tocsin.store.engine import Database, kernel_errors
from tocsin.store.links_interface import ACT_COLUMNS, Held, Identifier
from tocsin.store.schemas import EVENT_SCHEMA

MEMORY = "1GB"
"""Of one question. docs/actors.md says what ten million events take."""

THREADS = 2
"""A question beside a serving node takes no more cores than a small machine has."""

MAX_TRIES = 5
"""Compaction swaps files under a reader; a question that lost its files this often in a row says so."""

_TAIL = pa.schema([EVENT_SCHEMA.field(name) for name in ACT_COLUMNS])

_ACTS = """
SELECT seen.* FROM seen SEMI JOIN asked USING (actor)
WHERE time >= $since AND time < $until ORDER BY time DESC, id DESC LIMIT $most
"""
_HOLDERS = """
WITH links AS (
  SELECT actor, unnest(observables) AS o FROM seen WHERE time >= $since AND time < $until
), held AS (
  SELECT number, actor, count(*) AS events
  FROM links JOIN asked ON o.type = asked.type AND o.value = asked.value GROUP BY ALL
), sizes AS (SELECT number, count(*) AS holders FROM held GROUP BY number)
SELECT sizes.number, holders, actor, events
FROM sizes LEFT JOIN held ON held.number = sizes.number AND holders <= $most ORDER BY ALL
"""
_ACCOUNTS = "SELECT count(DISTINCT hash(actor)) AS number FROM seen WHERE time >= $since AND time < $until"
_OF_TYPE = """
WITH chosen AS (
  SELECT hash(actor) AS who, unnest(observables) AS o
  FROM seen WHERE time >= $since AND time < $until AND hash(actor) % $part = 0
)
SELECT o.type AS type, count(DISTINCT who) * $part AS number FROM chosen GROUP BY ALL
"""
"""Accounts are counted by 64 bits of hash: of a million, two fall together once in thirty million countings."""

MANY_ACCOUNTS, PART = 100_000, 16
"""With more accounts those of each type are counted in one of PART by hash: an error of a hundredth or so, and the same
whatever came first."""


class SqlLinks:
    """Keeps links_interface.LinkStore."""

    def __init__(self, database: Database, data: Path) -> None:
        self._database = database
        self._data = data

    def acts(self, accounts: Collection[str], *, since: int, until: int, limit: int) -> pa.Table:
        asked = pa.table({"actor": pa.array(sorted(set(accounts)), pa.string())})
        found = self._ask(_ACTS, since, until, asked, most=limit)
        return found.select(list(ACT_COLUMNS)).sort_by([("time", "ascending"), ("id", "ascending")])

    def holders(
        self, identifiers: Sequence[Identifier], *, since: int, until: int, most: int
    ) -> tuple[Held, ...]:
        asked = pa.table(
            {
                "number": pa.array(range(len(identifiers)), pa.int32()),
                "type": pa.array([kind for kind, _ in identifiers], pa.string()),
                "value": pa.array([value for _, value in identifiers], pa.string()),
            }
        )
        sizes = [0] * len(identifiers)
        named: list[dict[str, int]] = [{} for _ in identifiers]
        for row in self._ask(_HOLDERS, since, until, asked, most=most).to_pylist():
            sizes[row["number"]] = row["holders"]
            if row["actor"] is not None:
                named[row["number"]][row["actor"]] = row["events"]
        return tuple(Held(holders, names) for holders, names in zip(sizes, named, strict=True))

    def accounts(self, *, since: int, until: int) -> Mapping[str, int]:
        total = int(self._ask(_ACCOUNTS, since, until, None).column("number")[0].as_py())
        part = 1 if total <= MANY_ACCOUNTS else PART
        found = self._ask(_OF_TYPE, since, until, None, part=part).to_pylist()
        return {"": total, **{row["type"]: row["number"] for row in found}}

    def _ask(self, statement: str, since: int, until: int, asked: pa.Table | None, **values: int) -> pa.Table:
        """The answer over one snapshot of the catalogue and the journal; again when a file was swapped away."""
        bound = {"since": since, "until": until, **values}
        for _ in range(MAX_TRIES):
            files, tail = self._snapshot(since, until)
            try:
                with _connection(self._data) as connection:
                    connection.register("tail", tail)
                    if asked is not None:
                        connection.register("asked", asked)
                    connection.execute(f"CREATE TEMP VIEW seen AS {_source(self._data, files)}")
                    return cast("pa.Table", connection.sql(statement, params=bound).to_arrow_table())
            except duckdb.IOException:
                continue
            except duckdb.OutOfMemoryException as error:
                raise Unavailable(
                    f"this look needs more than {MEMORY} of memory: ask for fewer days"
                ) from error
        raise Unavailable("event files went away while they were read; try again, or restore a backup")

    def _snapshot(self, since: int, until: int) -> tuple[tuple[DataFile, ...], pa.Table]:
        """Files and journal rows of one moment: together they hold each event once."""
        pages = []
        with self._database.reading() as connection:
            files = catalogue.live(connection, FileKind.EVENTS, since=since, until=until)
            newest, cursor = journal.newest(connection), 0
            while cursor < newest:
                page = journal.event_page(connection, after=cursor, upto=newest, since=since, until=until)
                if not page.num_rows:
                    break
                cursor = int(page.column("seq")[-1].as_py())
                pages.append(page.select(list(ACT_COLUMNS)))
        return files, pa.Table.from_batches(pages, _TAIL)


def _source(data: Path, files: Sequence[DataFile]) -> str:
    """SQL that names our own files (numbers that the catalogue gave) and the journal's tail."""
    columns = ", ".join(ACT_COLUMNS)
    if not files:
        return f"SELECT {columns} FROM tail"  # noqa: S608  # constants only
    listed = ", ".join(_quoted(str(data / file.path)) for file in files)
    return (
        f"SELECT {columns} FROM read_parquet([{listed}], union_by_name = true) "  # noqa: S608  # our own paths
        f"UNION ALL SELECT {columns} FROM tail"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def _connection(data: Path) -> Iterator["duckdb.DuckDBPyConnection"]:
    """DuckDB in memory, shut in: it reads the events' folder, writes nothing, loads nothing, and stays so."""
    config: dict[str, Any] = {
        "threads": THREADS,
        "memory_limit": MEMORY,
        "temp_directory": "",
        "preserve_insertion_order": False,  # every answer is ordered by its statement or by who asked
    }
    with kernel_errors(), duckdb.connect(":memory:", config=config) as connection:
        connection.execute("SET enable_progress_bar = false")  # a slow look would draw on standard error
        connection.execute("SET allowed_directories = [" + _quoted(str(data / "events")) + "]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
