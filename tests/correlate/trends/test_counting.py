"""Counting: each event once for each conduct, day and delay, and nothing of a person."""

from collections import Counter

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tocsin.correlate.trends.counting import ALL, DAY, HOUR, LATE, NOWHERE, UNKNOWN, count
from tocsin.store.schemas import EVENT_SCHEMA, TREND_SCHEMA
from tocsin.taxonomy import categories

DAY_US = DAY * 1_000_000
KNOWN = [entry.id for entry in categories()][:3]


def signal(category: str) -> dict[str, object]:
    return {"detector": "d", "version": "1", "category": category, "strength": 1.0, "evidence": "e"}


def event(
    number: int = 0, *, time: int = 0, received: int | None = None, **more: object
) -> dict[str, object]:
    blank: dict[str, object] = dict.fromkeys(EVENT_SCHEMA.names)
    return {
        **blank,
        "seq": number + 1,
        "id": f"e{number}",
        "time": time,
        "received": time if received is None else received,
        "source": "forum",
        "kind": "content.post",
        "actor": f"a{number}",
        "seal_day": "2026-11-20",
        "observables": [],
        "signals": [],
        **more,
    }


def counted(*events: dict[str, object], regions: dict[str, str] | None = None) -> pa.RecordBatch:
    return count(pa.RecordBatch.from_pylist(list(events), schema=EVENT_SCHEMA), regions or {})


def days(cells: pa.RecordBatch, category: str) -> list[tuple[object, ...]]:
    return [
        (one["bin"], one["language"], one["region"], one["delay"], one["count"])
        for one in cells.to_pylist()
        if one["width"] == DAY and one["category"] == category
    ]


def test_an_event_counts_once_for_each_conduct_and_once_as_traffic() -> None:
    twice = [signal("fraud.scam"), signal("fraud.scam"), signal("cyber.phishing")]
    cells = counted(event(0, signals=twice, lang="en"), event(1, lang="en"))
    assert cells.schema == TREND_SCHEMA
    assert days(cells, "fraud.scam") == [(0, "en", NOWHERE, 0, 1)]
    assert days(cells, "cyber.phishing") == [(0, "en", NOWHERE, 0, 1)]
    assert days(cells, ALL) == [(0, "en", NOWHERE, 0, 2)]


def test_speech_belief_and_organising_are_not_counted() -> None:
    cells = counted(
        event(0, signals=[signal("political.protest"), signal("petition"), signal(""), signal("religious")])
    )
    assert set(cells.column("category").to_pylist()) == {ALL}


def test_a_language_is_one_of_a_closed_list_and_a_region_the_operators_word() -> None:
    said = ["zh-Hant-TW", "EN_gb", "xq", "not a language", None, "xx" * 90, "mn"]
    cells = counted(*(event(n, lang=lang) for n, lang in enumerate(said)), regions={"forum": "europe"})
    assert Counter({one[1]: one[4] for one in days(cells, ALL)}) == Counter(
        {"zh": 1, "en": 1, "mn": 1, UNKNOWN: 4}
    )
    assert {one[2] for one in days(cells, ALL)} == {"europe"}


def test_days_are_told_apart_by_how_late_they_were_heard_of() -> None:
    cells = counted(
        event(0, time=5 * DAY_US, received=5 * DAY_US + 1),
        event(1, time=5 * DAY_US + 9, received=7 * DAY_US),
        event(2, time=5 * DAY_US, received=400 * DAY_US),
        event(3, time=5 * DAY_US + 60_000_000, received=5 * DAY_US),
    )
    assert days(cells, ALL) == [
        (5, UNKNOWN, NOWHERE, 0, 2),
        (5, UNKNOWN, NOWHERE, 2, 1),
        (5, UNKNOWN, NOWHERE, LATE, 1),
    ]
    early = counted(event(0, time=5 * DAY_US, received=5 * DAY_US - 60_000_000))
    assert days(early, ALL) == [(5, UNKNOWN, NOWHERE, 0, 1)]


def test_an_empty_batch_counts_nothing() -> None:
    assert counted().num_rows == 0


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 3 * DAY_US),
        st.integers(0, 20 * DAY_US),
        st.sampled_from(["en", "zh", None, "??"]),
        st.sampled_from(["forum", "shop"]),
        st.lists(st.sampled_from([*KNOWN, "political"]), max_size=3),
    ),
    max_size=40,
)


@given(EVENTS, st.integers(0, 40))
def test_counting_in_pieces_is_counting_at_once(
    drawn: list[tuple[int, int, str | None, str, list[str]]], cut: int
) -> None:
    events = [
        event(n, time=time, received=time + late, lang=lang, source=source, signals=[*map(signal, said)])
        for n, (time, late, lang, source, said) in enumerate(drawn)
    ]

    def total(*batches: pa.RecordBatch) -> Counter[tuple[object, ...]]:
        found: Counter[tuple[object, ...]] = Counter()
        for batch in batches:
            for one in batch.to_pylist():
                number = one.pop("count")
                assert number > 0
                found[tuple(one.values())] += number
        return found

    regions = {"shop": "asia"}
    whole = total(counted(*events, regions=regions))
    assert whole == total(counted(*events[:cut], regions=regions), counted(*events[cut:], regions=regions))
    for width in (HOUR, DAY):
        assert sum(n for key, n in whole.items() if key[0] == width and key[2] == ALL) == len(events)
        for category in KNOWN:
            said = sum(category in one[4] for one in drawn)
            assert sum(n for key, n in whole.items() if key[0] == width and key[2] == category) == said
