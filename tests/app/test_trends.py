"""A node counts once, keeps its counts, and rings for a rise of conduct."""

from datetime import timedelta

import msgspec
import numpy as np
import pytest

from tests.fixtures import Made
from tocsin.app.trends import Trends
from tocsin.correlate.trends import ALL, DAY, HOUR
from tocsin.kernel import Event, Kind, Signal, Warning, WarningKind, micros
from tocsin.store.interface import JournalRow

DAY_US = DAY * 1_000_000


def rows(
    made: Made,
    counts: list[int],
    *,
    category: str = "fraud.scam",
    name: str = "e",
    lang: str = "en",
    source: str = "forum",
) -> list[JournalRow]:
    """So many events a day, the last day being today; each heard of on its own day."""
    today = micros(made.now) // DAY_US
    made_up = []
    for back, number in enumerate(reversed(counts)):
        start = (today - back) * DAY_US
        for at in range(number):
            moment = start + at * 60_000_000
            event = Event(
                id=f"{name}-{category}-{back}-{at}",
                time=moment,
                received=moment,
                source=source,
                kind=Kind.POST,
                actor=f"{name}-{at}",
                seal_day="2026-11-20",
                lang=lang,
            )
            made_up.append(JournalRow(event, (Signal("phrases", "1", category, 1.0, "p/en/1"),), b"", None))
    return made_up


def quiet(days: int = 100, mean: float = 6.0, seed: int = 1) -> list[int]:
    return [int(one) for one in np.random.default_rng(seed).poisson(mean, days)]


def trends(made: Made, **changed: object) -> Trends:
    settings = msgspec.structs.replace(made.node.settings, **changed)
    return Trends(made.node.store, settings, made.node.telemetry, made.clock)


def ring(made: Made, **changed: object) -> tuple[Warning, ...]:
    one = trends(made, **changed)
    try:
        return one.tick()
    finally:
        one.release()


def test_each_event_is_counted_once_over_restarts_and_processes(made: Made) -> None:
    store = made.node.store
    store.events.append(rows(made, [4, 5, 6]))
    first, second = trends(made), trends(made)
    first.tick()
    second.tick()  # another process: the lease is held
    first.release()
    second.tick()
    second.release()
    store.events.append(rows(made, [1], name="later"))
    ring(made)
    cells = store.trends.cells(DAY).to_pylist()
    assert sum(one["count"] for one in cells if one["category"] == "fraud.scam") == 16
    assert sum(one["count"] for one in cells if one["category"] == ALL) == 16
    assert store.trends.read_to() == store.events.newest()


def test_counts_outlive_the_events_and_still_judge(made: Made) -> None:
    store = made.node.store
    store.events.append(rows(made, quiet()))
    ring(made)
    store.events.expire(events_before=micros(made.now) + DAY_US, sealed_days_before="2030-01-01")
    assert store.events.count() == 0
    store.events.append(rows(made, [45], name="burst"))
    (warning,) = ring(made)
    assert warning.category == "fraud.scam"
    assert warning.events > 45


def test_a_rise_rings_with_its_reasons_and_samples(made: Made) -> None:
    store = made.node.store
    store.events.append(rows(made, quiet()))
    assert ring(made) == ()
    store.events.append(rows(made, [40], name="burst"))
    (warning,) = ring(made)
    assert warning.kind is WarningKind.TREND
    assert warning.first_seen == micros(made.now) // DAY_US * DAY_US
    assert warning.last_seen <= micros(made.now)
    codes = [reason.code for reason in warning.reasons]
    assert codes[0] == "trend.risen"
    assert "trend.detectors" in codes
    # all traffic here is this conduct: it explains the rise, and the warning says so before anything else
    assert warning.refutations[0].code == "refute.trend-traffic"
    assert warning.confidence <= 20
    assert warning.actors >= 40
    assert 0 < len(warning.samples) <= 8
    known = store.events.facts(warning.samples)
    assert len({event.actor for event in known.values()}) == len(warning.samples)


def test_a_rise_beside_steady_traffic_is_surer(made: Made) -> None:
    store = made.node.store
    store.events.append(rows(made, quiet(mean=60), category="cyber.phishing", name="steady"))
    store.events.append(rows(made, quiet()))
    store.events.append(rows(made, [40], name="burst"))
    # the steady one may ring too: one false alarm a week is the set rate, and two series have two weeks here
    warning = {one.category: one for one in ring(made)}["fraud.scam"]
    assert warning.confidence > 20
    assert "refute.trend-traffic" not in [reason.code for reason in warning.refutations]


def test_the_same_rise_is_one_warning_while_it_lasts(made: Made) -> None:
    store = made.node.store
    store.events.append(rows(made, [*quiet(), 40]))
    (first,) = ring(made)
    for day in range(1, 4):
        made.now += timedelta(days=1)
        store.events.append(rows(made, [40], name=f"day-{day}"))
        assert ring(made) == ()
    (kept,) = store.warnings.list(kind=WarningKind.TREND)
    assert kept.id == first.id
    assert kept.first_seen == first.first_seen
    assert kept.events > first.events
    made.now += timedelta(days=60)  # and another rise later is another warning
    store.events.append(rows(made, [*quiet(59, seed=3), 60], name="much-later"))
    (second,) = ring(made)
    assert second.id != first.id


@pytest.mark.parametrize("category", ["political.protest", "petition"])
def test_what_is_no_conduct_never_rings(made: Made, category: str) -> None:
    made.node.store.events.append(rows(made, [*quiet(), 300], category=category))
    assert ring(made) == ()
    assert set(made.node.store.trends.cells(DAY).column("category").to_pylist()) == {ALL}


def test_at_a_rate_of_nothing_it_counts_and_is_silent(made: Made) -> None:
    made.node.store.events.append(rows(made, [*quiet(), 300]))
    assert ring(made, trend_alarms_per_week=0.0) == ()
    assert made.node.store.trends.cells(DAY).num_rows > 0


def test_languages_and_regions_are_series_of_their_own(made: Made) -> None:
    store = made.node.store
    store.events.append(rows(made, quiet(mean=30)))
    store.events.append(rows(made, [*quiet(99, mean=3), 40], name="zh", lang="zh-Hans", source="shop"))
    (warning,) = ring(made, regions={"shop": "asia"})
    where = {reason.code: reason.values for reason in warning.reasons}
    assert where["trend.language"] == {"language": "zh"}
    assert where["trend.region"] == {"region": "asia"}
    assert warning.actors >= 40


def test_hours_are_forgotten_and_days_stay(made: Made) -> None:
    made.node.store.events.append(rows(made, [3] * 60))
    ring(made)
    hours = made.node.store.trends.cells(HOUR).column("bin").to_numpy()
    assert hours.min() >= micros(made.now) // (HOUR * 1_000_000) - 36 * 24
    assert len(set(made.node.store.trends.cells(DAY).column("bin").to_pylist())) == 60
