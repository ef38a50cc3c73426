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
from tocsin.store.tables import release_objects, release_views

IDS = tuple(f"indicator--{n}" for n in range(200))


@pytest.mark.parametrize(
    ("wanted", "search"),
    [
        (ReleaseFilter(), "(view=? AND place=? AND seq>?)"),
        (ReleaseFilter(versions=("all",)), "(view=? AND place=? AND seq>?)"),
        (ReleaseFilter(versions=("first",)), "(view=? AND place=? AND seq>?)"),
        (ReleaseFilter(types=("a", "b", "c")), "(view=? AND type=? AND place=? AND seq>?)"),
        (ReleaseFilter(versions=(1, 2)), "(view=? AND version=? AND seq>?)"),
        (ReleaseFilter(versions=(1, 2), types=("a", "b")), "(view=? AND version=? AND seq>?)"),
        (ReleaseFilter(spec_versions=("2.1",)), "(view=? AND place=? AND seq>?)"),
        (ReleaseFilter(ids=IDS), "(id=? AND view=?"),
        (ReleaseFilter(ids=IDS, types=("a",), versions=("all",)), "(id=? AND view=?"),
    ],
)
def test_a_page_is_a_few_ranges(tmp_path: Path, wanted: ReleaseFilter, search: str) -> None:
    database = Database(tmp_path, None)
    migrate(database)
    query = Shelf("release", release_objects, release_views)._seqs("lab", wanted, 5)
    text = str(query.compile(database.engine, compile_kwargs={"literal_binds": True}))
    database.close()
    with closing(sqlite3.connect(tmp_path / "tocsin.db")) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")]
    reads = [step for step in plan if "release_views" in step]
    assert reads
    assert all(search in step for step in reads), reads


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
