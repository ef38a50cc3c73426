"""Events, step by step. What random sequences do is in test_events_model."""

import pyarrow as pa
import pytest

from tests.contracts.store.places import Place
from tests.contracts.store.samples import DAY, HOUR, START, as_read, day_of, ids_of, row, rows_of
from tocsin.kernel import BadInput
from tocsin.store import EVENT_SCHEMA, Appended, Store


def test_an_empty_store_says_so_everywhere(store: Store) -> None:
    assert store.events.append([]) == Appended(0, 0)
    assert store.events.count() == store.events.newest() == store.events.pending() == 0
    assert list(store.events.batches()) == list(store.events.fingerprints()) == []
    assert store.events.known([]) == store.events.known(["event-1"]) == frozenset()
    assert store.events.sealed(["event-1"]) == {}
    assert store.events.facts(["event-1"]) == {}
    assert store.events.seqs(["event-1"]) == {}
    assert store.events.ids([1]) == {}
    assert store.events.sketches([1]) == {}
    assert store.events.compact() == 0
    assert store.events.expire(events_before=START, sealed_days_before="2026-11-01") == 0


def test_a_batch_with_known_and_repeated_ids_keeps_the_first_of_each(store: Store) -> None:
    store.events.append([row(1)])
    twice = row(2, received=START + HOUR)
    assert store.events.append([row(1), row(2), twice, row(3)]) == Appended(accepted=2, duplicates=2)
    assert [as_read(row(n)) for n in (1, 2, 3)] == [
        {key: value for key, value in event.items() if key != "seq"} for event in rows_of(store)
    ]


@pytest.mark.parametrize("compacted", [False, True])
def test_an_event_comes_back_whole_from_journal_and_parquet(store: Store, compacted: bool) -> None:
    store.events.append([row(n) for n in range(12)])
    if compacted:
        assert store.events.compact() == 12
    assert store.events.pending() == (0 if compacted else 12)
    for batch in store.events.batches():
        assert batch.schema.equals(EVENT_SCHEMA)
    assert [{k: v for k, v in event.items() if k != "seq"} for event in rows_of(store)] == [
        as_read(row(n)) for n in range(12)
    ]
    assert store.events.facts(["event-3", "event-4", "other"]) == {f"event-{n}": row(n).event for n in (3, 4)}
    assert store.events.sealed(["event-3", "event-4", "other"]) == {
        f"event-{n}": ("2026-11-01", f"sealed {n}".encode()) for n in (3, 4)
    }
    prints = pa.Table.from_batches(store.events.fingerprints())
    assert prints.column_names == ["seq", "id", "seal_day", "fingerprint"]
    assert prints.column("fingerprint").to_pylist() == [f"print {n}".encode() for n in (0, 3, 6, 9)]
    assert prints.column("seq").to_pylist() == [1, 4, 7, 10]
    assert store.events.ids([1, 4, 99]) == {1: "event-0", 4: "event-3"}
    assert store.events.seqs(["event-3", "other"]) == {"event-3": 4}
    assert store.events.sketches([1, 2, 4, 99]) == {
        n + 1: ("2026-11-01", f"event-{n}", f"print {n}".encode()) for n in (0, 3)
    }
    assert store.events.append([row(3)]) == Appended(accepted=0, duplicates=1)
    assert store.events.known(["event-3", "other"]) == {"event-3"}


def test_filters_hold_across_journal_and_parquet(store: Store) -> None:
    moments = [START + n * HOUR for n in range(20)]
    for n, moment in enumerate(moments):
        store.events.append([row(n, received=moment, time=moment)])
        if n % 4 == 3:
            store.events.compact(keep_rows=2)
    assert store.events.count() == 20
    assert ids_of(store, since=moments[5]) == [f"event-{n}" for n in range(5, 20)]
    assert ids_of(store, until=moments[5]) == [f"event-{n}" for n in range(5)]
    assert ids_of(store, since=moments[5], until=moments[6]) == ["event-5"]
    seqs = [event["seq"] for event in rows_of(store)]
    assert ids_of(store, after=seqs[16], since=moments[3]) == [f"event-{n}" for n in range(17, 20)]
    assert ids_of(store, after=store.events.newest()) == []


def test_keep_rows_leaves_the_newest_in_the_journal(store: Store) -> None:
    store.events.append([row(n) for n in range(10)])
    assert store.events.compact(keep_rows=4) == 6
    assert store.events.pending() == 4
    assert store.events.compact(keep_rows=4) == 0
    assert store.events.compact() == 4


def test_expiry_is_exact_in_journal_and_parquet(store: Store) -> None:
    """Six hours a step, forty steps: ten days. Half in Parquet, half in the journal."""
    moments = [START + n * 6 * HOUR for n in range(40)]
    store.events.append([row(n, received=moment) for n, moment in enumerate(moments)])
    store.events.compact(keep_rows=20)
    assert store.events.expire(events_before=moments[7], sealed_days_before=day_of(moments[12])) == 7 + 12
    assert ids_of(store) == [f"event-{n}" for n in range(7, 40)]
    every = [f"event-{n}" for n in range(40)]
    assert set(store.events.sealed(every)) == {f"event-{n}" for n in range(12, 40)}
    # In the journal too, and in the middle of a day.
    assert (
        store.events.expire(events_before=moments[31], sealed_days_before=day_of(moments[36])) == 24 + 19 + 5
    )
    assert ids_of(store) == [f"event-{n}" for n in range(31, 40)]
    assert set(store.events.sealed(every)) == {f"event-{n}" for n in range(36, 40)}
    assert store.events.known(every) == {f"event-{n}" for n in range(31, 40)}
    assert [event["seq"] for event in rows_of(store)] == list(range(32, 41))


def test_a_seq_is_never_used_again(store: Store) -> None:
    store.events.append([row(n) for n in range(5)])
    last = store.events.newest()
    store.events.expire(events_before=START + DAY, sealed_days_before="2026-11-01")
    assert store.events.newest() == 0
    assert store.events.append([row(0)]) == Appended(1, 0)
    assert store.events.newest() > last


def test_expiry_removes_the_files_of_a_day(place: Place) -> None:
    store = place.open()
    for day in range(3):
        store.events.append([row(n, received=START + day * DAY) for n in range(day * 5, day * 5 + 5)])
        store.events.compact()
    sealed = place.data / "sealed"
    assert sorted(path.name for path in sealed.iterdir()) == ["2026-11-01", "2026-11-02", "2026-11-03"]
    store.events.expire(events_before=0, sealed_days_before="2026-11-03")
    assert [path.name for path in sealed.iterdir()] == ["2026-11-03"]
    assert len(ids_of(store)) == 15


def test_a_seal_day_that_is_no_day_is_refused(store: Store) -> None:
    import msgspec

    wrong = row(1)
    for day in ("../../x", "2026-1-1", "", "2026-11-01/"):
        event = msgspec.structs.replace(wrong.event, seal_day=day)
        with pytest.raises(BadInput):
            store.events.append([row(0), msgspec.structs.replace(wrong, event=event)])
    assert store.events.count() == 0


def test_many_rounds_leave_few_files(place: Place) -> None:
    store = place.open()
    for n in range(60):
        store.events.append([row(2 * n), row(2 * n + 1)])
        store.events.compact()
    files = list(place.data.rglob("*.parquet"))
    assert len(files) < 2 * 16
    assert ids_of(store) == [f"event-{n}" for n in range(120)]
    # A day that is over becomes one file.
    store.events.append([row(1000, received=START + DAY)])
    store.events.compact()
    assert len(list((place.data / "sealed" / "2026-11-01").iterdir())) == 1


def test_files_that_no_entry_names_are_removed_at_the_next_start(place: Place) -> None:
    store = place.open()
    store.events.append([row(n) for n in range(5)])
    store.events.compact()
    kept = set(place.data.rglob("*.parquet"))
    orphans = [
        place.data / "events" / "000000000099.parquet",
        place.data / "events" / "000000000098.parquet.tmp",
        place.data / "sealed" / "2026-10-01" / "000000000097.parquet",
    ]
    for orphan in orphans:
        orphan.parent.mkdir(exist_ok=True)
        orphan.write_bytes(b"half a file")
    place.open().migrate()
    assert set(place.data.rglob("*.parquet*")) == kept
    assert not orphans[-1].parent.exists()
    assert len(ids_of(store)) == 5
