"""An incident is what people said of it, with its whole history; who may not see its case sees none."""

import pytest

from tests.cases_made_up import person
from tests.fixtures import Made
from tests.incidents import CHINA, HOUR, NIS2, a_case, an_incident, hidden, officer
from tocsin.kernel import BadInput, Conflict, NotAllowed, NotFound, Role, micros
from tocsin.kernel.duties import ClockStart
from tocsin.kernel.incidents import ChangeKind


def test_a_fact_is_of_the_closed_list_and_what_is_unknown_is_left_out(copied: Made) -> None:
    by, incidents = officer(copied), copied.node.incidents
    made = an_incident(copied, by)
    with pytest.raises(BadInput, match="closed"):
        incidents.set_facts(by, made.id, {"suspect_name": "somebody"})
    with pytest.raises(BadInput, match="number"):
        incidents.set_facts(by, made.id, {"people_leaked": "many"})
    incidents.set_facts(by, made.id, {"people_leaked": None})
    kept = incidents.get(by, made.id)
    assert "people_leaked" not in kept.facts
    last = incidents.history(by, made.id)[-1]
    assert (last.kind, last.name, last.before, last.after) == (
        ChangeKind.FACT,
        "people_leaked",
        "1200000",
        "",
    )
    assert incidents.set_facts(by, made.id, {"malicious": True}).version == kept.version


def test_a_moment_is_said_once_and_corrected_with_a_reason(copied: Made) -> None:
    by, incidents = officer(copied), copied.node.incidents
    made = an_incident(copied, by)
    earlier = made.moments[ClockStart.AWARENESS] - HOUR
    with pytest.raises(BadInput, match="reason"):
        incidents.set_moment(by, made.id, ClockStart.AWARENESS, earlier)
    incidents.set_moment(by, made.id, ClockStart.AWARENESS, earlier, reason="the mail came an hour before")
    last = incidents.history(by, made.id)[-1]
    assert (last.before, last.after) == ("2026-11-20T10:00:00Z", "2026-11-20T09:00:00Z")
    assert last.reason == "the mail came an hour before"
    with pytest.raises(BadInput, match="past"):
        incidents.set_moment(by, made.id, ClockStart.DISCOVERY, micros(copied.now) + HOUR)
    with pytest.raises(BadInput, match="report"):
        incidents.set_moment(by, made.id, ClockStart.PREVIOUS, earlier)


def test_each_duty_grades_it_and_its_clocks_run_from_their_own_moments(copied: Made) -> None:
    by, incidents = officer(copied), copied.node.incidents
    made = an_incident(copied, by)
    nis2, china = incidents.standings(made)
    assert (nis2.duty.id, china.duty.id) == (NIS2, CHINA)
    assert china.graded.grade == "larger"
    assert any(one.fact == "people_leaked" and one.met for one in china.graded.thresholds)
    early = next(one for one in nis2.deadlines if one.step == "early-warning")
    assert early.due == made.moments[ClockStart.AWARENESS] + 24 * HOUR
    first = next(one for one in china.deadlines if one.step == "first")
    assert first.due == made.moments[ClockStart.NOTICING] + 4 * HOUR
    assert [one.deadline.step for one in incidents.clocks(by)][:2] == ["first", "early-warning"]


def test_a_case_has_one_incident_and_a_closed_one_is_not_changed(copied: Made) -> None:
    by, incidents = officer(copied), copied.node.incidents
    case = a_case(copied, by)
    made = incidents.open(by, case.id)
    with pytest.raises(Conflict):
        incidents.open(by, case.id)
    assert incidents.of_case(by, case.id) == made
    incidents.set_tags(by, made.id, {"failure": ["model", "misuse"]})
    assert incidents.get(by, made.id).tags == {"failure": ("misuse", "model")}
    with pytest.raises(BadInput, match="characters"):
        incidents.close(by, made.id, reason="over")
    incidents.close(by, made.id, reason="the service was mended")
    with pytest.raises(BadInput, match="reopen"):
        incidents.set_facts(by, made.id, {"malicious": True})
    assert incidents.clocks(by) == ()
    incidents.reopen(by, made.id, reason="it came back at noon")
    kinds = [one.kind for one in incidents.history(by, made.id)]
    assert kinds == [ChangeKind.OPENED, ChangeKind.TAGS, ChangeKind.CLOSED, ChangeKind.REOPENED]


def test_who_may_not_see_the_case_gets_the_answer_of_one_that_is_not_there(copied: Made) -> None:
    by, incidents = officer(copied), copied.node.incidents
    made = an_incident(copied, by)
    hidden(copied, made)
    audited = len(copied.node.store.audit.read())
    said = []
    for asked in (made.id, "incident_0000000000000000"):
        for act in (
            lambda one: incidents.get(by, one),
            lambda one: incidents.history(by, one),
            lambda one: incidents.set_facts(by, one, {"malicious": False}),
            lambda one: copied.node.duty_reports.draft(by, one, NIS2, "early-warning"),
        ):
            with pytest.raises(NotFound) as refused:
                act(asked)
            said.append(refused.value.message.replace(asked, "ID"))
    assert len(set(said)) == 1
    assert incidents.listed(by) == ()
    assert incidents.clocks(by) == ()
    assert copied.node.duty_clocks.nearest(by) == ()
    assert len(copied.node.store.audit.read()) == audited


def test_roles_are_held(copied: Made) -> None:
    by = officer(copied)
    made = an_incident(copied, by)
    auditor, source = person(copied, "ada", Role.AUDITOR), person(copied, "feed", Role.SOURCE)
    assert copied.node.incidents.get(auditor, made.id) == made
    with pytest.raises(NotAllowed):
        copied.node.incidents.set_facts(auditor, made.id, {"malicious": False})
    with pytest.raises(NotAllowed):
        copied.node.incidents.listed(source)
    with pytest.raises(NotAllowed):
        copied.node.duty_packs.verify(auditor, NIS2, "read in the Official Journal")


def test_a_pack_is_unverified_until_a_named_person_stands_for_this_text_of_it(copied: Made) -> None:
    by, packs = officer(copied), copied.node.duty_packs
    assert not packs.get(NIS2).verified
    with pytest.raises(BadInput, match="held against"):
        packs.verify(by, NIS2, "fine")
    packs.verify(by, NIS2, "read in OJ L 333 of 2022-12-27, with counsel")
    assert packs.get(NIS2).verified_by == by.user
    assert not packs.get(CHINA).verified
    made = an_incident(copied, by)
    nis2, china = copied.node.incidents.standings(made)
    assert all(one.verified for one in nis2.deadlines)
    assert not any(one.verified for one in china.deadlines)


def test_a_pack_whose_text_changed_is_unverified_again(copied: Made) -> None:
    by = officer(copied)
    folder = copied.node.data / "duties"
    folder.mkdir(exist_ok=True)
    (folder / "own.yaml").write_text(OWN, "utf-8")
    packs = copied.node.duty_packs
    packs.verify(by, "own-duty", "our own rule of 2026-01-05")
    assert packs.get("own-duty").verified
    (folder / "own.yaml").write_text(OWN.replace("value: 24", "value: 12"), "utf-8")
    assert not Made(copied.node.data, copied.now, copied.token).node.duty_packs.get("own-duty").verified


OWN = """\
version: 1
id: own
edition: 1
title: {en: "Our own rule"}
jurisdiction: "*"
sources: {rule: "Our own rule, 2026-01-05"}
status: voluntary
confirmed: S
source: rule
zone: Europe/Berlin
period: {reading: same-time, confirmed: S, source: rule}
duties:
  - id: own-duty
    title: {en: "Tell the board"}
    who: {en: "everybody here"}
    steps:
      - id: first
        kind: first
        label: {en: "First word"}
        start: {moment: awareness, confirmed: S, source: rule}
        clocks: [{within: {value: 24, unit: hours}, confirmed: S, source: rule}]
        to: [{name: {en: "the board"}, confirmed: S, source: rule}]
"""
