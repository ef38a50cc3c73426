"""What breaks under a store: it says so in a sentence without secrets, and keeps what it acknowledged."""

import os
import stat
from pathlib import Path

import pytest

from tests.contracts.store.places import Place
from tests.contracts.store.samples import START, row
from tests.contracts.store.test_crashes import assert_kept, events_of, said, start
from tests.postgres import PostgreSQL
from tocsin.kernel import BadInput, Unavailable
from tocsin.store import open_store


def test_a_full_disk_is_unavailable_and_loses_nothing(tmp_path: Path) -> None:
    """Real EFBIG from the kernel, which SQLite treats as it treats ENOSPC."""
    place = Place(tmp_path / "data", None)
    place.open().migrate()
    largest = max(file.stat().st_size for file in place.data.rglob("*"))
    process = start(place, "fill_up", largest + 400_000)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    lines = dict(line.split(maxsplit=1) for line in output.splitlines() if not line.startswith("kept"))
    acknowledged = events_of([line.split()[1] for line in output.splitlines() if line.startswith("kept")])
    assert lines["full"]
    assert str(tmp_path) not in lines["full"]
    assert lines["ready"]
    assert int(lines["read"]) == len(acknowledged) > 0
    assert_kept(place, acknowledged)
    place.close()


def test_a_data_folder_that_is_away_is_not_ready(place: Place) -> None:
    store = place.open()
    assert store.ready() is None
    store.events.append([row(n) for n in range(5)])
    store.events.compact()
    (next((place.data / "events").iterdir())).unlink()
    with pytest.raises(Unavailable, match="missing; restore"):
        list(store.events.batches())


def test_a_damaged_file_is_named(place: Place) -> None:
    store = place.open()
    store.events.append([row(n) for n in range(5)])
    store.events.compact()
    path = next((place.data / "events").iterdir())
    whole = path.read_bytes()
    for broken in (b"", b"PAR1", whole[: len(whole) // 2], whole[:8] + bytes(len(whole) - 8)):
        path.write_bytes(broken)
        with pytest.raises(Unavailable, match=f"{path.name} is damaged"):
            list(store.events.batches())
        with pytest.raises(Unavailable, match="damaged"):
            store.events.facts(["event-1"])


def test_a_damaged_database_is_unavailable(tmp_path: Path) -> None:
    place = Place(tmp_path / "data", None)
    store = place.open()
    (tmp_path / "data" / "tocsin.db").write_bytes(b"no database at all, but long enough to be looked at" * 9)
    with pytest.raises(Unavailable, match="damaged"):
        store.events.count()
    assert "damaged" in (store.ready() or "")
    place.close()


def test_the_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = open_store(tmp_path / "data")
        store.migrate()
        store.events.append([row(1)])
        store.events.compact()
        for path in [tmp_path / "data", *(tmp_path / "data").rglob("*")]:
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    finally:
        os.umask(before)
        store.close()


def test_a_server_that_is_away_says_no_secret(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    store = open_store(tmp_path, f"postgresql://ana:hunter2@/tocsin?host={tmp_path}/nowhere")
    with pytest.raises(Unavailable) as caught:
        store.events.count()
    said_to_people = f"{caught.value.message} {store.ready()} {store!r}"
    assert "reached" in caught.value.message
    for secret in ("hunter2", "ana", str(tmp_path), "nowhere"):
        assert secret not in said_to_people
    store.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:///x", "nonsense", "postgresql+asyncpg://x/y", "://"])
def test_a_url_of_another_kind_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadInput):
        open_store(tmp_path, url)


@pytest.mark.postgres
def test_a_full_data_folder_leaves_no_half_file(postgresql: PostgreSQL, tmp_path: Path) -> None:
    place = Place(tmp_path / "data", postgresql.database())
    place.open().migrate()
    (message,) = said(start(place, "compact_without_room", 2_000), "full")
    assert "File too large" in message
    assert not [path for path in place.data.rglob("*") if path.suffix in {".parquet", ".tmp"}]
    assert place.open().events.compact() == 500
    assert_kept(place, [f"event-{n}" for n in range(500)])
    place.close()


@pytest.mark.postgres
def test_a_server_that_dropped_its_connections_is_used_again(postgresql: PostgreSQL, tmp_path: Path) -> None:
    place = Place(tmp_path, postgresql.database())
    store = place.open()
    store.migrate()
    store.events.append([row(1)])
    postgresql.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname LIKE 'test%'"
    )
    assert store.events.count() == 1
    assert store.events.append([row(2, received=START)]).accepted == 1
    place.close()
