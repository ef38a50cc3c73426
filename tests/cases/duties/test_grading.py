"""Grades: each comparison is shown; unknown is never unmet; zero reaches nothing."""

import pytest
from msgspec.structs import replace

from tests.duty_incidents import incident
from tocsin.cases.duties import duty_of, grade, packaged
from tocsin.cases.duties.models import Confirmed
from tocsin.kernel.duties import FactValue, Graded

CHINA = duty_of(packaged(), "china-cii-operator")
NONE = {rule.fact: 0 for one in CHINA.grades for rule in one.rules}


def graded(**facts: FactValue) -> Graded:
    return grade(CHINA, incident(**facts))


@pytest.mark.parametrize(
    ("facts", "reached"),
    [
        ({"people_leaked": 999_999}, ""),
        ({"people_leaked": 1_000_000}, "larger"),
        ({"people_leaked": 10_000_000}, "grave"),
        ({"people_leaked": 100_000_000}, "especially-grave"),
        ({"loss_cny": 20_000_000.0}, "grave"),
        ({"cii_outage_whole_minutes": 10}, "larger"),
        ({"cii_outage_main_minutes": 29}, ""),
        ({"prefecture_share": 30}, "larger"),
        ({"reposts": 100_000}, "especially-grave"),
    ],
)
def test_a_figure_is_reached_from_itself_on(facts: dict[str, FactValue], reached: str) -> None:
    assert graded(**facts).grade == reached


def test_every_comparison_is_shown_with_how_far_it_is_known() -> None:
    found = graded(people_leaked=12_000_000)
    assert len(found.thresholds) == sum(len(one.rules) for one in CHINA.grades)
    rows = {row.grade: row for row in found.thresholds if row.fact == "people_leaked"}
    assert {name: row.met for name, row in rows.items()} == {
        "especially-grave": False,
        "grave": True,
        "larger": True,
    }
    assert {(row.at_least, row.confirmed, row.unit) for row in rows.values()} == {
        (100_000_000, "S", "people"),
        (10_000_000, "S", "people"),
        (1_000_000, "S", "people"),
    }
    assert all(row.source for row in found.thresholds)


def test_what_is_not_known_leaves_it_open() -> None:
    assert graded().reportable is None
    assert graded(people_leaked=5).reportable is None
    assert "loss_cny" in graded(people_leaked=5).unknown
    assert grade(CHINA, incident(**NONE)).reportable is False
    assert graded(people_leaked=1_000_000).reportable is True


def test_a_figure_that_no_source_gives_is_unknown_and_never_unmet() -> None:
    found = grade(CHINA, incident(**{**NONE, "reposts": 50_000}))
    (grave,) = [row for row in found.thresholds if row.fact == "reposts" and row.grade == "grave"]
    assert grave.met is None
    assert grave.at_least is None
    assert (found.grade, found.possible, found.reportable) == ("", "grave", None)
    assert found.unknown == ("reposts",)


def test_a_missing_figure_lies_between_those_beside_it() -> None:
    """Five minutes are under the figure of the lesser grade; seven hours are over that of the graver one."""
    for minutes, met in ((9, False), (10, None), (359, None), (360, True)):
        found = graded(cii_outage_whole_minutes=minutes)
        (row,) = [
            row for row in found.thresholds if row.fact == "cii_outage_whole_minutes" and row.at_least is None
        ]
        assert row.met is met
        assert row.why


def test_a_scope_figure_that_nobody_read_shuts_nobody_out() -> None:
    law = duty_of(packaged(), "california-sb53")
    small = grade(law, incident(critical_safety_incident=True, training_compute=1e20))
    assert small.scope[0].met is False
    assert small.reportable is None
    read = replace(law, scope=tuple(replace(one, confirmed=Confirmed.SECONDARY) for one in law.scope))
    assert grade(read, incident(critical_safety_incident=True, training_compute=1e20)).reportable is False
    assert grade(read, incident(critical_safety_incident=True, training_compute=1e26)).reportable is True
    assert grade(read, incident(critical_safety_incident=True)).unknown == (
        "serious_injury_imminent",
        "training_compute",
    )


def test_a_presumption_is_shown_and_shuts_nobody_out() -> None:
    code = duty_of(packaged(), "eu-gpai-code")
    found = grade(code, incident(serious_incident=True, training_compute=1e20))
    assert found.scope[0].met is False
    assert found.reportable is True
