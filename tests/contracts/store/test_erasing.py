"""One account is taken out: counts stay, and nothing of it can be found in any file."""

import signal
from collections import Counter

import msgspec
import pytest
import sqlalchemy as sa

from tests.contracts.store.places import Place
from tests.contracts.store.samples import DAY, START, as_read, row, rows_of, warning
from tests.contracts.store.worker import ANONYMOUS, VICTIM, victim_row
from tests.forks import Forks
from tocsin.store import Store, clearing
from tocsin.store.engine import Database
from tocsin.store.every_table import metadata
from tocsin.store.sealed_interface import Erased
from tocsin.store.tables import cursors


def names() -> str:
    return ANONYMOUS


def fill(store: Store) -> None:
    """Three days; every fifth event is the victim's; two thirds in Parquet, the rest journalled."""
    for part in range(3):
        store.events.append([victim_row(n) for n in range(part * 40, part * 40 + 40)])
        if part < 2:
            store.events.compact()


def counts(store: Store) -> Counter[tuple[object, ...]]:
    """Everything that is counted of events, and how many accounts there are on each day."""
    rows = rows_of(store)
    found: Counter[tuple[object, ...]] = Counter(
        (
            event["time"] // DAY,
            event["kind"],
            event["lang"],
            event["model"],
            event["source"],
            signal["category"],
        )
        for event in rows
        for signal in event["signals"] or [{"category": ""}]
    )
    found.update(("accounts", day) for day, _ in {(event["time"] // DAY, event["actor"]) for event in rows})
    return found


def test_counts_stay_and_the_account_is_gone(place: Place) -> None:
    store = place.open()
    fill(store)
    store.warnings.upsert(warning(1, key=VICTIM, samples=("event-0", "event-1")))
    before, rows = counts(store), rows_of(store)
    theirs = {event["id"] for event in rows if event["actor"] == VICTIM}
    assert store.events.accounts() == {event["actor"] for event in rows}
    texts = store.events.sealed([event["id"] for event in rows])
    erased = store.events.erase(VICTIM, names)
    assert erased == Erased(len(theirs), len(theirs), tuple(sorted({texts[name][0] for name in theirs})))
    assert counts(store) == before
    assert [event["seq"] for event in rows_of(store)] == [event["seq"] for event in rows]
    for old, new in zip(rows, rows_of(store), strict=True):
        if old["id"] not in theirs:
            assert new == old
            continue
        assert new["actor"] == ANONYMOUS
        assert new["observables"] == []
        assert new["actor_created"] is None
        assert (new["session"] is None) == (old["session"] is None)
        assert new["session"] != old["session"] or new["session"] is None
    assert set(store.events.sealed(list(texts))) == set(texts) - theirs
    prints = [name for batch in store.events.fingerprints() for name in batch.column("id").to_pylist()]
    assert not theirs & set(prints)
    assert {name: store.events.sealed([name])[name] for name in set(texts) - theirs} == {
        name: kept for name, kept in texts.items() if name not in theirs
    }
    (kept,) = store.warnings.list()
    assert (kept.key, kept.events, kept.actors, kept.samples) == (ANONYMOUS, 41, 5, ("event-0", "event-1"))
    assert store.events.append([victim_row(0)]).duplicates == 1  # sent again, it does not come back
    assert store.events.erase(VICTIM, names).events == 0


def test_nothing_of_it_is_left_in_any_file(place: Place) -> None:
    store = place.open()
    fill(store)
    store.warnings.upsert(warning(1, key=VICTIM))
    store.warnings.upsert(warning(1, key=VICTIM, events=50))  # an older form of the row, in a free page
    raw = [VICTIM.encode(), b"sealed 10", b"print 15"]
    assert all(any(value in content for content in contents(place)) for value in raw[:1])
    store.events.erase(VICTIM, names)
    place.close()
    for content in contents(place):
        assert VICTIM.encode() not in content
        for number in range(0, 120, 5):
            assert f"sealed text {number}.".encode() not in content


def contents(place: Place) -> list[bytes]:
    """Every file of the folder; of PostgreSQL, every row of every table (its own files are the server's)."""
    found = [path.read_bytes() for path in place.data.rglob("*") if path.is_file()]
    if place.url:
        database = Database(place.data, place.url)
        with database.reading() as connection:
            for table in metadata.sorted_tables:
                found += [
                    b"|".join(one if isinstance(one, bytes) else str(one).encode() for one in line)
                    for line in connection.execute(sa.select(table))
                ]
        database.close()
    return found


def test_a_reader_goes_on_beside_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.store import journal

    monkeypatch.setattr(journal, "PAGE_ROWS", 7)
    store, other = place.open(), place.open()
    fill(store)
    seen = []
    for turn, batch in enumerate(store.events.batches()):
        seen += batch.column("id").to_pylist()
        if turn == 1:
            other.events.erase(VICTIM, names)
    assert seen == [f"event-{n}" for n in range(120)]


def test_what_a_kill_left_of_the_free_space_is_cleared_at_the_next_start(place: Place) -> None:
    store = place.open()
    database = Database(place.data, place.url)
    with database.writing() as connection:
        clearing.ask(connection)
    store.migrate()
    with database.reading() as connection:
        assert connection.execute(sa.select(cursors).where(cursors.c.name == clearing.CLEAR)).all() == []
    assert store.events.clear_free_space() is False
    database.close()


@pytest.mark.slow
def test_killed_at_any_step_it_is_whole_or_not_at_all(place: Place, workers: Forks) -> None:
    """Each process dies at another sync or removal; what it left is one of the two, and the next run finishes it."""
    store = place.open()
    fill(store)
    before = counts(store)
    steps = 0
    while True:
        steps += 1
        process = workers.run("erase_account", str(place.data), place.url or "-", str(steps))
        again = place.open()
        again.migrate()
        assert counts(again) == before
        left = {event["actor"] for event in rows_of(again)} & {VICTIM, ANONYMOUS}
        assert len(left) == 1
        texts = len(again.events.sealed([f"event-{n}" for n in range(0, 120, 5)]))
        assert texts == (24 if left == {VICTIM} else 0)
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
        assert steps < 60
    assert steps > 5
    assert left == {ANONYMOUS}
    place.close()
    assert not any(VICTIM.encode() in content for content in contents(place))


def test_rows_of_others_are_written_as_they_were(place: Place) -> None:
    store = place.open()
    store.events.append([row(n) for n in range(30)] + [victim_row(100)])
    store.events.compact()
    store.events.erase(VICTIM, names)
    kept = [{name: value for name, value in event.items() if name != "seq"} for event in rows_of(store)]
    assert kept[:30] == [as_read(row(n)) for n in range(30)]
    assert msgspec.structs.asdict(store.events.facts(["event-3"])["event-3"])["received"] == START
