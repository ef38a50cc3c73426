"""Every duty and step in the packs against a table reckoned by hand. A step without rows fails."""

from datetime import datetime

import pytest

from tests.cases.duties.clock_table import NO_CLOCK, TABLES, Row, Table
from tests.duty_incidents import at, incident
from tocsin.cases.duties import Duty, deadlines, duties_of, grade, packaged
from tocsin.cases.duties.zones import zone_of
from tocsin.kernel.duties import ClockStart

DUTIES = duties_of(packaged())
ROWS = [(table, row) for table in TABLES for row in table.rows]


def clocks_change(duty: Duty) -> bool:
    zone = zone_of(duty.zone)
    offsets = [datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    return offsets[0] != offsets[1]


@pytest.mark.parametrize(
    ("table", "row"), ROWS, ids=[f"{t.duty}/{t.step}/{t.clock or 'any'}-{r[0]}" for t, r in ROWS]
)
def test_the_deadline_is_the_one_reckoned_by_hand(table: Table, row: Row) -> None:
    _, start, due, latest = row
    duty = DUTIES[table.duty]
    step = duty.step(table.step)
    moments: dict[ClockStart, int] = {}
    sent: dict[str, int] = {}
    if step.start.moment is ClockStart.PREVIOUS:
        sent = {step.start.after: at(start)}
    else:
        moments = {step.start.moment: at(start)}
    known = incident(moments, **table.facts)
    graded = grade(duty, known)
    assert graded.grade == table.grade
    assert graded.reportable is True
    (found,) = [one for one in deadlines(duty, known, sent, at(start)) if one.step == step.id]
    assert found.started == at(start)
    assert found.due == at(due)
    assert found.latest == (at(latest) if latest else None)
    assert not found.past
    assert found.certain or step.from_grade == "grave"
    assert not found.verified
    assert found.why[0].startswith("unverified")
    assert found.confirmed
    assert found.source


def test_no_clock_of_any_pack_is_without_rows() -> None:
    wanted = {
        (duty.id, step.id, clock.grade)
        for duty in DUTIES.values()
        for step in duty.steps
        for clock in step.clocks
    }
    assert {(one.duty, one.step, one.clock) for one in TABLES} == wanted
    assert tuple(sorted(one.id for one in DUTIES.values() if not one.steps)) == NO_CLOCK


@pytest.mark.parametrize("table", TABLES, ids=lambda one: f"{one.duty}/{one.step}/{one.clock or 'any'}")
def test_each_clock_is_tried_over_a_leap_day_and_where_clocks_change_or_in_another_zone(table: Table) -> None:
    tried = {row[0] for row in table.rows}
    assert tried >= ({"leap", "spring", "autumn"} if clocks_change(DUTIES[table.duty]) else {"leap", "zone"})


def test_a_duty_without_a_clock_says_what_is_known() -> None:
    for name in NO_CLOCK:
        assert set(DUTIES[name].no_clock) >= {"en", "zh"}
        assert deadlines(DUTIES[name], incident(training_compute=2e26), {}, 0) == ()
