import shutil
from pathlib import Path

import pytest

from tests.contracts.store.places import Place, Places
from tests.contracts.store.samples import DAY, START, ids_of, manifest, record, release, row, rows_of, warning
from tests.postgres import PostgreSQL
from tocsin.kernel import BadInput, Conflict, Role, Token, Unavailable, User
from tocsin.store import AuditRow, ReleaseFilter, Session, Store, load_snapshot


def fill(store: Store) -> None:
    store.events.append([row(n, received=START + n * DAY // 10) for n in range(40)])
    store.events.compact(keep_rows=15)
    store.people.add_user(User("u1", "ana", (Role.ADMIN,), START))
    store.people.add_token(Token("t1", "u1", b"\x00\xff", "laptop", START))
    store.people.open_session(Session(b"\x01", "u1", "csrf", START, START + DAY))
    store.audit.write(AuditRow(START, "u1", "act", "subject", "purpose", "done", {"n": 1}))
    store.warnings.upsert(warning(1))
    store.records.put([record(1), record(1, START + 1)])
    store.releases.log_manifest(manifest(), by="u1", at=START)
    store.releases.release([release(1), release(2)])
    store.jobs.set_cursor("pull", "7")


def assert_same(first: Store, second: Store) -> None:
    assert rows_of(first) == rows_of(second)
    every = [f"event-{n}" for n in range(40)]
    assert first.events.sealed(every) == second.events.sealed(every)
    assert first.events.known(every) == second.events.known(every)
    assert first.people.users() == second.people.users()
    assert first.people.tokens() == second.people.tokens()
    assert first.people.session(b"\x01") == second.people.session(b"\x01")
    assert first.audit.read() == second.audit.read()
    assert first.warnings.list() == second.warnings.list()
    assert first.records.list() == second.records.list()
    assert first.releases.page(None, ReleaseFilter()) == second.releases.page(None, ReleaseFilter())
    assert first.jobs.cursor("pull") == second.jobs.cursor("pull")


def test_a_snapshot_comes_back_whole_and_goes_on(places: Places, tmp_path: Path) -> None:
    store = places.fresh().open()
    fill(store)
    store.snapshot(tmp_path / "copy")
    other = places.empty()
    load_snapshot(tmp_path / "copy", other.data, other.url)
    restored = other.open()
    restored.migrate()
    assert_same(store, restored)
    newest = restored.events.newest()
    restored.events.append([row(100)])
    assert restored.events.newest() > newest
    assert ids_of(store) == ids_of(restored)[:-1]


def test_a_snapshot_stands_still_while_the_store_goes_on(place: Place, tmp_path: Path) -> None:
    store = place.open()
    fill(store)
    store.snapshot(tmp_path / "copy")
    store.events.append([row(n) for n in range(500, 520)])
    store.events.compact()
    store.events.expire(events_before=START + 2 * DAY, sealed_days_before="2026-11-03")
    for path in (tmp_path / "copy").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.postgres
@pytest.mark.parametrize("towards", ["postgresql", "sqlite"])
def test_a_node_moves_to_the_other_backend(towards: str, postgresql: PostgreSQL, tmp_path: Path) -> None:
    here, there = (None, postgresql.database()) if towards == "postgresql" else (postgresql.database(), None)
    old, new = Place(tmp_path / "old", here), Place(tmp_path / "new", there)
    try:
        store = old.open()
        store.migrate()
        fill(store)
        store.snapshot(tmp_path / "copy")
        load_snapshot(tmp_path / "copy", new.data, there)
        moved = new.open()
        assert_same(store, moved)
        assert moved.events.append([row(3), row(100)]).accepted == 1
    finally:
        old.close()
        new.close()


def test_nothing_is_written_over(place: Place, places: Places, tmp_path: Path) -> None:
    store = place.open()
    fill(store)
    copy = tmp_path / "copy"
    store.snapshot(copy)
    with pytest.raises(Conflict):
        store.snapshot(copy)
    with pytest.raises(Conflict):
        load_snapshot(copy, place.data, place.url)
    if place.url:
        with pytest.raises(Conflict, match="tables"):
            load_snapshot(copy, tmp_path / "empty", place.url)
    with pytest.raises(BadInput):
        load_snapshot(tmp_path / "nowhere", tmp_path / "empty2", None)
    assert len(ids_of(store)) == 40


def test_a_snapshot_that_lacks_a_file_is_refused(places: Places, tmp_path: Path) -> None:
    store = places.fresh().open()
    fill(store)
    store.snapshot(tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "events")
    other = places.empty()
    with pytest.raises(Unavailable, match="missing"):
        load_snapshot(tmp_path / "copy", other.data, other.url)
