"""Looking along shared identifiers: the same answer from the journal, from Parquet and from both, in any order."""

import random

import pytest

from tests.contracts.store.places import Place
from tests.contracts.store.samples import DAY, HOUR, START
from tocsin.kernel import Event, Kind, Observable, ObservableType, Signal, Unavailable
from tocsin.store import JournalRow, Store, links
from tocsin.store.links_interface import ACT_COLUMNS

SPAN = {"since": START - DAY, "until": START + 400 * DAY}
DEVICE, PAYMENT = ObservableType.DEVICE, ObservableType.PAYMENT


def event(number: int, actor: str, *seen: tuple[ObservableType, str], time: int | None = None) -> JournalRow:
    return JournalRow(
        Event(
            id=f"event-{number:03d}",
            time=START + number * HOUR if time is None else time,
            received=START,
            source="platform",
            kind=Kind.POST,
            actor=actor,
            seal_day="2026-11-01",
            lang="zh",
            actor_created=START - DAY,
            observables=tuple(Observable(kind, value) for kind, value in seen),
        ),
        (Signal("phrases", "1", "fraud.scam", 1.0, "pack/rule"),),
        b"sealed",
        None,
    )


def some() -> list[JournalRow]:
    """Three accounts on one device, two of them paying alike, and a fourth that shares nothing."""
    return [
        event(1, "a", (DEVICE, "d1"), (PAYMENT, "p1")),
        event(2, "a", (DEVICE, "d1")),
        event(3, "b", (DEVICE, "d1"), (DEVICE, "d1"), (PAYMENT, "p1")),
        event(4, "c", (DEVICE, "d1")),
        event(5, "d", (DEVICE, "o'; DROP TABLE x")),
        event(6, "e"),
    ]


@pytest.mark.parametrize("compacted", [0, 3, 6])
def test_who_holds_what_is_the_same_from_journal_and_parquet(store: Store, compacted: int) -> None:
    store.events.append(some())
    if compacted:
        store.events.compact(keep_rows=6 - compacted)
    wanted = [("device", "d1"), ("payment", "p1"), ("payment", "d1"), ("device", "o'; DROP TABLE x")]
    found = store.links.holders(wanted, **SPAN, most=10)
    assert [one.holders for one in found] == [3, 2, 0, 1]
    assert [dict(one.named) for one in found] == [
        {"a": 2, "b": 2, "c": 1},
        {"a": 1, "b": 1},
        {},
        {"d": 1},
    ]
    assert store.links.accounts(**SPAN) == {"": 5, "device": 4, "payment": 2}
    acts = store.links.acts(["b", "a", "nobody"], **SPAN, limit=10)
    assert acts.column_names == list(ACT_COLUMNS)
    assert acts.column("id").to_pylist() == ["event-001", "event-002", "event-003"]
    assert acts.column("observables")[0].as_py() == [
        {"type": "device", "value": "d1"},
        {"type": "payment", "value": "p1"},
    ]


def test_too_many_holders_are_counted_and_not_named(store: Store) -> None:
    store.events.append([event(n, f"account-{n}", (DEVICE, "cafe")) for n in range(9)])
    (few,) = store.links.holders([("device", "cafe")], **SPAN, most=9)
    (many,) = store.links.holders([("device", "cafe")], **SPAN, most=8)
    assert (few.holders, len(few.named)) == (9, 9)
    assert (many.holders, dict(many.named)) == (9, {})


def test_time_and_limit_bound_the_answer(store: Store) -> None:
    store.events.append(some())
    acts = store.links.acts(["a", "b", "c"], since=START + 2 * HOUR, until=START + 4 * HOUR, limit=10)
    assert acts.column("id").to_pylist() == ["event-002", "event-003"]
    newest = store.links.acts(["a", "b", "c"], **SPAN, limit=2)
    assert newest.column("id").to_pylist() == ["event-003", "event-004"]
    assert store.links.accounts(since=0, until=1) == {"": 0}


def test_any_order_of_arrival_gives_the_same(place: Place) -> None:
    store, rows = place.open(), some()
    random.Random(7).shuffle(rows)
    for number, row in enumerate(rows):
        store.events.append([row])
        if number % 2:
            store.events.compact()
    assert store.links.accounts(**SPAN) == {"": 5, "device": 4, "payment": 2}
    acts = store.links.acts("abcde", **SPAN, limit=100)
    assert acts.column("id").to_pylist() == [f"event-00{n}" for n in range(1, 7)]


def test_a_deleted_event_is_in_no_answer(store: Store) -> None:
    store.events.append(some())
    store.events.compact()
    store.events.expire(events_before=START + 1, sealed_days_before="2026-11-02")
    assert store.links.accounts(**SPAN) == {"": 0}
    assert store.links.holders([("device", "d1")], **SPAN, most=10)[0].holders == 0


def test_no_answer_tells_a_language_a_place_or_a_source(store: Store) -> None:
    store.events.append(some())
    told = set(store.links.acts(["a"], **SPAN, limit=10).column_names)
    assert told.isdisjoint({"lang", "source", "session", "model", "seal_day", "tool"})


def test_files_that_stay_away_are_told_in_words(place: Place) -> None:
    store = place.open()
    store.events.append(some())
    store.events.compact()
    for file in place.data.glob("events/**/*.parquet"):
        file.unlink()
    with pytest.raises(Unavailable, match="went away"):
        store.links.accounts(**SPAN)


def test_of_very_many_accounts_each_types_are_counted_in_a_part(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [event(n, f"account-{n}", (DEVICE, f"d{n}"), time=START + n) for n in range(800)]
    store.events.append(rows)
    monkeypatch.setattr(links, "MANY_ACCOUNTS", 799)
    counted = store.links.accounts(**SPAN)
    assert counted[""] == 800
    assert counted["device"] % links.PART == 0
    assert 400 < counted["device"] < 1_200
    store.events.compact()
    assert store.links.accounts(**SPAN) == counted
