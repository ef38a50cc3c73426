"""One incident under six regimes: what is due first stands first, and what is missing is named."""

from tests.duty_incidents import at, incident
from tocsin.cases.duties import duties_of, packaged
from tocsin.cases.duties.side_by_side import side_by_side
from tocsin.kernel.duties import ClockStart

SIX = ("china-cii-operator", "nis2", "eu-gpai-code", "california-sb53", "new-york-raise", "india-cert-in")
START = at("2026-11-20T09:00:00+00:00")


def test_six_regimes_in_the_order_in_which_they_are_due() -> None:
    duties = duties_of(packaged())
    moments: dict[ClockStart, int] = {
        moment: START for moment in ClockStart if moment is not ClockStart.PREVIOUS
    }
    known = incident(
        moments,
        people_leaked=2_000_000,
        significant_incident=True,
        covered_cyber_incident=True,
        weights_exfiltrated=True,
        critical_safety_incident=True,
        serious_injury_imminent=False,
    )
    rows = side_by_side((duties[name] for name in SIX), known, {}, START, "zh")
    assert [row.duty for row in rows] == [
        "china-cii-operator",
        "india-cert-in",
        "nis2",
        "eu-gpai-code",
        "california-sb53",
        "new-york-raise",
    ]
    by_duty = {row.duty: row for row in rows}
    assert by_duty["china-cii-operator"].grade == "较大"
    assert by_duty["china-cii-operator"].to == ("保护工作部门", "公安机关")
    assert by_duty["eu-gpai-code"].missing == ("critical_infrastructure",)
    upcoming = by_duty["eu-gpai-code"].next
    assert upcoming is not None
    assert upcoming.due == at(
        "2026-11-22T10:00:00+01:00"
    )  # two days, while nobody said it is not infrastructure
    assert upcoming.otherwise == at("2026-11-25T10:00:00+01:00")
    assert "training_compute" in by_duty["california-sb53"].missing
    assert by_duty["california-sb53"].graded.reportable is None
    assert not by_duty["new-york-raise"].applies
    assert by_duty["new-york-raise"].next is None
    assert not any(row.verified for row in rows)


def test_a_clock_that_waits_for_a_moment_names_it() -> None:
    (row,) = side_by_side([duties_of(packaged())["nis2"]], incident(significant_incident=True), {}, START)
    assert row.next is None
    assert row.moments == (ClockStart.AWARENESS,)
    (korea,) = side_by_side([duties_of(packaged())["korea"]], incident(), {}, START)
    assert "No clock in hours was found" in korea.no_clock


def test_a_fact_on_which_a_step_alone_hangs_is_missing_too() -> None:
    known = incident(covered_cyber_incident=True)
    (row,) = side_by_side([duties_of(packaged())["circia"]], known, {}, START)
    assert row.graded.unknown == ()
    assert row.missing == ("ransom_paid",)
