"""Counts: added once, whoever counts and however often; they outlive what they count."""

import threading

import pyarrow as pa
import pytest

from tests.contracts.store.places import Place
from tests.contracts.store.samples import DAY, START, row
from tocsin.kernel import NotFound, Peer
from tocsin.store import Store
from tocsin.store.schemas import TREND_SCHEMA

WIDTH = 86_400


def cell(number: int = 0, count: int = 1, **changed: object) -> dict[str, object]:
    return {
        "width": WIDTH,
        "bin": 20_000 + number,
        "category": "fraud.scam",
        "language": "en",
        "region": "-",
        "delay": 0,
        "count": count,
        **changed,
    }


def batch(*cells: dict[str, object]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(list(cells), schema=TREND_SCHEMA)


def test_counts_add_up_and_are_read_by_bin(store: Store) -> None:
    assert store.trends.read_to() == 0
    assert store.trends.cells(WIDTH).num_rows == 0
    assert store.trends.add(batch(cell(1, 3), cell(0, 2), cell(0, 9, width=3_600)), after=0, upto=14)
    assert store.trends.add(
        batch(cell(1, 4), cell(1, 1, delay=2), cell(1, 1, language="zh")), after=14, upto=20
    )
    assert store.trends.read_to() == 20
    read = store.trends.cells(WIDTH).to_pylist()
    assert [(one["bin"], one["language"], one["delay"], one["count"]) for one in read] == [
        (20_000, "en", 0, 2),
        (20_001, "en", 0, 7),
        (20_001, "en", 2, 1),
        (20_001, "zh", 0, 1),
    ]
    assert store.trends.cells(WIDTH, since=20_001).num_rows == 3
    assert store.trends.forget(3_600, before=30_000) == 1
    assert store.trends.cells(3_600).num_rows == 0
    assert store.trends.cells(WIDTH).num_rows == 4


def test_what_was_counted_is_not_counted_again(store: Store) -> None:
    assert store.trends.add(batch(cell(0, 5)), after=0, upto=9)
    assert not store.trends.add(batch(cell(0, 5)), after=0, upto=9)
    assert not store.trends.add(batch(cell(0, 5)), after=12, upto=15)
    assert store.trends.cells(WIDTH).column("count").to_pylist() == [5]


def test_of_many_that_counted_the_same_one_adds(place: Place) -> None:
    stores = [place.open() for _ in range(4)]
    barrier = threading.Barrier(len(stores))
    added: list[bool] = []

    def add(store: Store) -> None:
        barrier.wait()
        added.append(store.trends.add(batch(cell(0, 5)), after=0, upto=9))

    threads = [threading.Thread(target=add, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == [False] * 3 + [True]
    assert stores[0].trends.cells(WIDTH).column("count").to_pylist() == [5]


def test_counts_stay_when_events_expire(place: Place) -> None:
    store = place.open()
    store.events.append([row(n) for n in range(5)])
    store.trends.add(batch(cell(0, 5)), after=0, upto=store.events.newest())
    store.events.expire(events_before=START + 900 * DAY, sealed_days_before="2099-01-01")
    assert store.events.count() == 0
    again = place.open()
    assert again.trends.cells(WIDTH).column("count").to_pylist() == [5]
    assert again.trends.read_to() > 0


def test_a_fault_leaves_neither_counts_nor_the_mark(store: Store) -> None:
    def broken_off() -> None:
        with store.together():
            store.trends.add(batch(cell(0, 5)), after=0, upto=9)
            store.peers.replace(Peer("nobody", "https://lab.example"))

    with pytest.raises(NotFound):
        broken_off()
    assert store.trends.read_to() == 0
    assert store.trends.cells(WIDTH).num_rows == 0
