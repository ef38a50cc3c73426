"""Alarms: each stage once, the gravest alone, none for what was sent."""

import msgspec

from tests.duty_incidents import at, incident
from tocsin.cases.duties import deadlines, duty_of, packaged
from tocsin.cases.duties.alarms import Alarm, Stage, alarms, stages
from tocsin.kernel.duties import ClockStart, Deadline

MINUTE = 60_000_000
START = at("2026-11-02T09:00:00+01:00")
NIS2 = duty_of(packaged(), "nis2")
CHINA = duty_of(packaged(), "china-cii-operator")


def running() -> tuple[Deadline, ...]:
    return deadlines(NIS2, incident({ClockStart.AWARENESS: START}, significant_incident=True), {}, START)


def told(found: tuple[Deadline, ...], minutes: int, before: set[str]) -> list[tuple[str, Stage]]:
    rung: tuple[Alarm, ...] = alarms(found, before, START + minutes * MINUTE)
    before |= {one.key for one in rung}
    return [(one.step, one.stage) for one in rung]


def test_each_stage_is_told_once_and_in_order() -> None:
    found = tuple(one for one in running() if one.step == "early-warning")
    before: set[str] = set()
    seen = [one for minute in range(0, 26 * 60, 10) for one in told(found, minute, before)]
    assert [stage for _, stage in seen] == [Stage.HALF, Stage.LAST_QUARTER, Stage.LAST_HOUR, Stage.PAST]


def test_a_node_that_slept_says_where_it_stands_and_nothing_else() -> None:
    before: set[str] = set()
    assert told(running(), 25 * 60, before) == [("early-warning", Stage.PAST)]
    assert told(running(), 25 * 60, before) == []


def test_at_its_last_moment_it_is_not_past() -> None:
    assert told(running(), 24 * 60, set())[0] == ("early-warning", Stage.LAST_HOUR)


def test_an_hour_has_no_last_hour_of_its_own() -> None:
    assert list(stages(0, 60 * MINUTE)) == [Stage.HALF, Stage.LAST_QUARTER, Stage.PAST]


def test_what_was_sent_rings_no_more_and_what_moved_rings_again() -> None:
    known = incident({ClockStart.AWARENESS: START}, significant_incident=True)
    sent = deadlines(NIS2, known, {"early-warning": START + MINUTE}, START)
    assert [step for step, _ in told(sent, 25 * 60, set())] == []
    (first, *_) = running()
    before = {one.key for one in alarms([first], (), START + 23 * 60 * MINUTE)}
    assert first.due is not None
    moved = msgspec.structs.replace(first, due=first.due - 30 * MINUTE)
    assert len(alarms([moved], before, START + 23 * 60 * MINUTE)) == 1
