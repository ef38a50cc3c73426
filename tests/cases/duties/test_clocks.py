"""Deadlines: from the right moment, in the right unit, at the gravest while facts are missing."""

from tests.duty_incidents import at, incident
from tocsin.cases.duties import deadlines, duty_of, next_due, packaged
from tocsin.kernel.duties import ClockStart, Deadline

CHINA = duty_of(packaged(), "china-cii-operator")
NIS2 = duty_of(packaged(), "nis2")
NOTICED = {ClockStart.NOTICING: at("2026-03-28T17:15:00+08:00")}


def by_step(found: tuple[Deadline, ...]) -> dict[str, Deadline]:
    return {one.step: one for one in found}


def test_a_report_of_the_gravest_is_passed_on_and_others_are_not() -> None:
    grave = by_step(
        deadlines(
            CHINA, incident(NOTICED, people_leaked=10_000_000), {"first": NOTICED[ClockStart.NOTICING]}, 0
        )
    )
    assert grave["onward"].due == at("2026-03-28T17:45:00+08:00")
    assert grave["onward"].certain
    zero = {rule.fact: 0 for one in CHINA.grades for rule in one.rules}
    larger = by_step(deadlines(CHINA, incident(NOTICED, **{**zero, "people_leaked": 1_000_000}), {}, 0))
    assert "onward" not in larger
    assert deadlines(CHINA, incident(NOTICED, **zero), {}, 0) == ()


def test_a_clock_without_its_moment_says_what_it_waits_for() -> None:
    summary = by_step(deadlines(CHINA, incident(NOTICED, people_leaked=10_000_000), {}, 0))["summary"]
    assert summary.due is None
    assert any("handled" in line and "say when" in line for line in summary.why)


def test_hours_pass_whatever_clocks_are_set_to() -> None:
    aware = incident({ClockStart.AWARENESS: at("2026-03-28T10:15:00+01:00")}, significant_incident=True)
    found = by_step(deadlines(NIS2, aware, {}, 0))
    assert found["notification"].due == at("2026-03-31T11:15:00+02:00")


def test_both_readings_of_a_month_are_shown_and_the_earlier_is_due() -> None:
    sent = {"notification": at("2026-01-31T10:15:00+01:00")}
    final = by_step(deadlines(NIS2, incident(significant_incident=True), sent, 0))["final"]
    assert final.due == at("2026-02-28T10:15:00+01:00")
    assert final.latest == at("2026-03-03T00:00:00+01:00")  # 28 February 2026 is a Saturday
    assert any("Article 3(4)" in line for line in final.why)


def test_an_unverified_pack_says_so_first() -> None:
    for duty in (CHINA, NIS2):
        found = deadlines(duty, incident(NOTICED, significant_incident=True, people_leaked=10**8), {}, 0)
        assert found
        assert all(not one.verified and one.why[0].startswith("unverified") for one in found)


def test_what_began_before_the_law_is_not_under_it() -> None:
    early = incident({ClockStart.NOTICING: at("2025-10-31T23:59:00+08:00")}, people_leaked=10**8)
    found = by_step(deadlines(CHINA, early, {}, 0))
    assert not found["first"].applies
    assert found["first"].due is None
    assert any("2025-11-01" in line for line in found["first"].why)
    onward = incident({ClockStart.NOTICING: at("2025-11-01T00:00:00+08:00")}, people_leaked=10**8)
    assert by_step(deadlines(CHINA, onward, {}, 0))["first"].applies


def test_a_deadline_that_passed_unsent_says_so() -> None:
    now = at("2026-03-28T18:15:01+08:00")
    known = incident(NOTICED, people_leaked=10**8)
    assert by_step(deadlines(CHINA, known, {}, now))["first"].past
    assert not by_step(deadlines(CHINA, known, {"first": now}, now))["first"].past


def test_an_update_repeats_from_the_last_one_sent_until_the_final_report() -> None:
    code = duty_of(packaged(), "eu-gpai-code")
    known = incident({ClockStart.AWARENESS: at("2026-05-04T09:00:00+02:00")}, serious_incident=True)
    sent = {"report": at("2026-05-05T09:00:00+02:00")}
    update = by_step(deadlines(code, known, sent, 0))["update"]
    assert update.due == at("2026-06-02T09:00:00+02:00")
    sent["update"] = at("2026-05-20T09:00:00+02:00")
    again = by_step(deadlines(code, known, sent, 0))["update"]
    assert again.due == at("2026-06-17T09:00:00+02:00")
    assert not again.over
    assert next_due(deadlines(code, known, sent, 0)) == again
    sent["final"] = at("2026-06-01T09:00:00+02:00")
    ended = by_step(deadlines(code, known, sent, at("2026-12-01T09:00:00+01:00")))
    assert (ended["update"].due, ended["update"].over, ended["update"].past) == (None, True, False)
    assert next_due(tuple(ended.values())) is None


def test_a_step_that_hangs_on_a_fact_is_asked_for_once_it_may_be_so() -> None:
    circia = duty_of(packaged(), "circia")
    paid = {ClockStart.PAYMENT: at("2026-05-04T09:00:00-04:00")}
    unpaid = incident(covered_cyber_incident=True, ransom_paid=False)
    assert "ransom" not in by_step(deadlines(circia, unpaid, {}, 0))
    unknown = by_step(deadlines(circia, incident(covered_cyber_incident=True), {}, 0))["ransom"]
    assert (unknown.certain, unknown.due, unknown.doubt) == (False, None, ("ransom_paid",))
    known = by_step(deadlines(circia, incident(paid, covered_cyber_incident=True), {}, 0))["ransom"]
    assert (known.certain, known.due) == (True, at("2026-05-05T09:00:00-04:00"))


def test_at_its_last_moment_it_is_not_past() -> None:
    known = incident(NOTICED, people_leaked=10**8)
    assert not by_step(deadlines(CHINA, known, {}, at("2026-03-28T18:15:00+08:00")))["first"].past


def test_how_it_was_reckoned_is_said_in_chinese_too() -> None:
    aware = incident({ClockStart.AWARENESS: at("2026-03-28T10:15:00+01:00")}, significant_incident=True)
    sent = {"notification": at("2026-01-31T10:15:00+01:00")}
    english, chinese = deadlines(NIS2, aware, sent, 0), deadlines(NIS2, aware, sent, 0, "zh")
    for one, other in zip(english, chinese, strict=True):
        assert (one.due, one.latest, len(one.why)) == (other.due, other.latest, len(other.why))
        assert other.why[0].startswith("未经核实")
        assert set(one.why).isdisjoint(other.why)
        assert other.to == ("成员国 CSIRT 或主管机构",)
