"""A page is found by ranges of an index: SQLite's own plan says so, for every filter."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tocsin.store import ReleaseFilter
from tocsin.store.engine import Database
from tocsin.store.migrate import migrate
from tocsin.store.records import SqlRecords
from tocsin.store.shelf import Shelf
from tocsin.store.tables import release_audiences, release_objects, release_views

IDS = tuple(f"indicator--{n}" for n in range(200))
BY_PLACE = "(view=? AND place=? AND added>?)"
BY_VERSION = "(view=? AND version=? AND type=? AND added>?)"


@pytest.mark.parametrize(
    ("wanted", "search"),
    [
        (ReleaseFilter(), BY_PLACE),
        (ReleaseFilter(versions=("all",)), "USING PRIMARY KEY (view=? AND added>?)"),
        (ReleaseFilter(versions=("first",)), BY_PLACE),
        (ReleaseFilter(types=("a", "b", "c")), "(view=? AND type=? AND place=? AND added>?)"),
        (ReleaseFilter(versions=(1, 2)), BY_VERSION),
        (ReleaseFilter(versions=(1, 2), types=("a", "b")), BY_VERSION),
        (ReleaseFilter(ids=IDS), "(view=? AND id=?"),
        (ReleaseFilter(ids=IDS, types=("a",), versions=("all",)), "(view=? AND id=?"),
    ],
)
def test_a_page_is_a_few_ranges(tmp_path: Path, wanted: ReleaseFilter, search: str) -> None:
    database = Database(tmp_path, None)
    migrate(database)
    shelf = Shelf("release", release_objects, release_views, release_audiences)
    query = shelf.query("lab", wanted, wanted.types or ("a", "b"))
    text = str(query.compile(database.engine, compile_kwargs={"literal_binds": True}))
    database.close()
    with closing(sqlite3.connect(tmp_path / "tocsin.db")) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")]
    reads = [step for step in plan if "release_views" in step]
    assert reads
    assert all(search in step for step in reads), reads
    (looked_up,) = [step for step in plan if "release_objects" in step]
    assert "INTEGER PRIMARY KEY (rowid=?)" in looked_up


def test_many_records_are_found_by_their_ids(tmp_path: Path) -> None:
    database = Database(tmp_path, None)
    migrate(database)
    asked: list[str] = []

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def note(_: object, __: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    SqlRecords(database).latest(IDS)
    database.close()
    (statement,) = [text for text in asked if "FROM records" in text]
    with closing(sqlite3.connect(tmp_path / "tocsin.db")) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", ("[]", 0, 1))]
    assert any("(id=?" in step for step in plan), plan
    assert not any("latest=?" in step for step in plan), plan
