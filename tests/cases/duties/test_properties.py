"""What holds for every duty, whatever is known: graver is never later, and to learn more never shortens a clock."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.duty_incidents import incident
from tocsin.cases.duties import Duty, deadlines, duties_of, facts, grade, packaged
from tocsin.cases.duties.models import Confirmed, Holidays, Period, Reading
from tocsin.cases.duties.spans import ended
from tocsin.kernel import at_micros, micros
from tocsin.kernel.duties import ClockStart, Deadline, FactKind, FactValue, Incident, Span, Unit

DUTIES = list(duties_of(packaged()).values())
HUGE = 1e30
MOMENTS = st.integers(1_577_836_800_000_000, 2_051_222_400_000_000)
"""From 2020 to 2035, in microseconds."""


def asked(duty: Duty) -> list[str]:
    """Every fact that a duty compares."""
    rules = chain(duty.scope, *(one.rules for one in duty.grades))
    return sorted({rule.fact for rule in rules} | {step.only_if for step in duty.steps if step.only_if})


def values(fact: str) -> st.SearchStrategy[FactValue]:
    if facts()[fact].kind is FactKind.YES_NO:
        return st.booleans()
    return st.integers(0, 3).flatmap(lambda power: st.sampled_from([0, 1, 40, 2_000, 3e7 ** max(power, 1)]))


@st.composite
def situations(draw: st.DrawFn) -> tuple[Duty, Incident, dict[str, int]]:
    duty = draw(st.sampled_from(DUTIES))
    known = {name: draw(values(name)) for name in asked(duty) if draw(st.booleans())}
    moments: dict[ClockStart, int] = {
        step.start.moment: draw(MOMENTS)
        for step in duty.steps
        if step.start.moment is not ClockStart.PREVIOUS and draw(st.booleans())
    }
    sent = {step.id: draw(MOMENTS) for step in duty.steps if draw(st.integers(0, 3)) == 0}
    return duty, incident(moments, **known), sent


def due(found: tuple[Deadline, ...]) -> dict[str, int | None]:
    return {one.step: one.due for one in found}


def graver(known: FactValue | None, fact: str) -> FactValue:
    if facts()[fact].kind is FactKind.YES_NO:
        return True
    return HUGE if known is None or isinstance(known, str) else max(float(known) * 10, 1.0)


@settings(max_examples=60, deadline=None)
@given(situations(), st.data())
def test_a_graver_fact_never_makes_a_deadline_later(
    situation: tuple[Duty, Incident, dict[str, int]], data: st.DataObject
) -> None:
    duty, known, sent = situation
    if not asked(duty):
        return
    fact = data.draw(st.sampled_from(asked(duty)))
    worse = incident(known.moments, **{**known.facts, fact: graver(known.facts.get(fact), fact)})
    before, after = due(deadlines(duty, known, sent, 0)), due(deadlines(duty, worse, sent, 0))
    for step, was in before.items():
        assert step in after
        now = after[step]
        assert (was is None) == (now is None)
        assert was is None or (now is not None and now <= was)


@settings(max_examples=60, deadline=None)
@given(situations(), st.data())
def test_to_learn_a_fact_never_brings_a_deadline_forward(
    situation: tuple[Duty, Incident, dict[str, int]], data: st.DataObject
) -> None:
    duty, known, sent = situation
    open_facts = [name for name in asked(duty) if name not in known.facts]
    if not open_facts:
        return
    fact = data.draw(st.sampled_from(open_facts))
    learnt = incident(known.moments, **{**known.facts, fact: data.draw(values(fact))})
    before, after = due(deadlines(duty, known, sent, 0)), due(deadlines(duty, learnt, sent, 0))
    assert set(after) <= set(before)
    for step, now in after.items():
        was = before[step]
        assert was is None or now is None or now >= was


@settings(max_examples=40, deadline=None)
@given(situations())
def test_a_grade_is_shown_with_every_comparison_and_never_guessed(
    situation: tuple[Duty, Incident, dict[str, int]],
) -> None:
    duty, known, _ = situation
    found = grade(duty, known)
    assert len(found.thresholds) == sum(len(one.rules) for one in duty.grades)
    for row in (*found.thresholds, *found.scope):
        assert row.confirmed
        assert row.source
        if row.value is None:
            assert row.met is None
    if found.grade:
        assert any(row.met for row in found.thresholds if row.grade == found.grade)
    if found.reportable is not None and not found.unknown:
        assert found.grade == found.possible


@pytest.fixture
def _zones() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("_zones")
def test_the_answer_is_the_same_in_any_zone_of_the_process() -> None:
    start = micros(datetime(2026, 3, 28, 9, 15, tzinfo=UTC))
    moments: dict[ClockStart, int] = {
        moment: start for moment in ClockStart if moment is not ClockStart.PREVIOUS
    }
    sent = {step.id: start for duty in DUTIES for step in duty.steps}
    answers = []
    for zone in ("UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"):
        os.environ["TZ"] = zone
        time.tzset()
        answers.append([deadlines(duty, incident(moments), sent, start) for duty in DUTIES])
    assert all(one == answers[0] for one in answers)


@settings(max_examples=40, deadline=None)
@given(
    MOMENTS,
    st.sampled_from(list(Unit)),
    st.integers(1, 60),
    st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Chatham"]),
    st.sampled_from(list(Reading)),
)
def test_the_later_reading_is_later_and_hours_are_time_that_passes(
    start: int, unit: Unit, value: int, zone: str, reading: Reading
) -> None:
    begun = at_micros(start)
    known = Period(reading=reading, confirmed=Confirmed.UNCONFIRMED, source="a test")
    found = ended(begun, Span(value, unit), known, zone, Holidays(country="DE", subdivision="BE"))
    assert found.due > begun
    assert found.latest is None or found.latest > found.due
    if unit in (Unit.HOURS, Unit.MINUTES):
        assert found.due - begun == timedelta(**{unit.value: value})
