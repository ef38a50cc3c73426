"""Letters, statements, remedies, authorities' requests and reports: kept, moved on once, counted."""

import msgspec
import pytest

from tests.contracts.store.places import Place
from tocsin.kernel import Conflict, NotFound
from tocsin.kernel.cases import Case, CaseAct, CaseOrigin, CaseState
from tocsin.kernel.precedents import CasePrecedent
from tocsin.kernel.requests import Asked, AuthorityKind, AuthorityRequest, RequestState, RequestStep
from tocsin.store import Store
from tocsin.store.case_interface import KeptAct, NewCaseRow
from tocsin.store.interface import AuditRow
from tocsin.store.request_interface import KeptLetter, KeptStatement, Published, Remedy, RuleOutcome

replace = msgspec.structs.replace
ASKED = AuthorityRequest(
    id="r1",
    case="c1",
    kind=AuthorityKind.POLICE,
    jurisdiction="FR",
    asked=(Asked.EVIDENCE,),
    at=10,
    deadline=20,
    opened_by="u1",
    state=RequestState.OPEN,
)


def test_letters_are_numbered_by_case_and_audience_and_forgotten_together(place: Place) -> None:
    reasons = place.open().reasons
    for case, audience in (("c1", "affected"), ("c1", "affected"), ("c1", "reporter"), ("c2", "affected")):
        reasons.add_letter(case, audience, at=5, held="case", sealed=b"\x00words")
    again = place.open().reasons
    assert [(one.audience, one.number) for one in again.letters("c1")] == [
        ("affected", 1),
        ("affected", 2),
        ("reporter", 1),
    ]
    assert again.letters("c1", "reporter") == (KeptLetter("c1", "reporter", 1, 5, "case", b"\x00words"),)
    again.put_statement(KeptStatement("p1", "c1", 5, "warned", b"s"))
    assert again.forget("c1") == 3
    assert (again.letters("c1"), len(again.statements()), len(again.letters("c2"))) == ((), 1, 1)


def test_a_statement_said_again_takes_its_place(store: Store) -> None:
    reasons = store.reasons
    first = KeptStatement("p1", "c1", 5, "warned", b"one")
    later = replace(first, told=b"two", exported=9)
    for one in (first, KeptStatement("p2", "c2", 7, "none", b"x"), later):
        reasons.put_statement(one)
    assert reasons.statement("p1") == later
    assert [one.puid for one in reasons.statements()] == ["p1", "p2"]
    assert reasons.statements(case="c1") == (later,)
    assert [one.puid for one in reasons.statements(since=6, until=8)] == ["p2"]
    assert len(reasons.statements(limit=1)) == 1


def test_a_remedy_is_done_once(store: Store) -> None:
    reasons = store.reasons
    made = (Remedy("m1", "c1", "account.suspended", 5), Remedy("m2", "c2", "warned", 6))
    reasons.add_remedies(made)
    reasons.add_remedies(made)
    done = reasons.finish_remedy("m1", at=9, by="u1")
    assert done == replace(made[0], done=9, by="u1")
    with pytest.raises(Conflict):
        reasons.finish_remedy("m1", at=10, by="u2")
    with pytest.raises(NotFound):
        reasons.finish_remedy("m9", at=10, by="u2")
    assert reasons.remedies(still=True) == (made[1],)
    assert reasons.remedies(case="c1") == (done,)


def test_the_last_outcome_of_a_case_is_the_word_on_its_rule(store: Store) -> None:
    reasons = store.reasons
    first = RuleOutcome("c1", "rule-1", "w1", True, 5)
    for one in (first, RuleOutcome("c2", "rule-2", "w2", False, 6), replace(first, borne_out=False, at=8)):
        reasons.put_outcome(one)
    assert reasons.outcomes(rule="rule-1") == (replace(first, borne_out=False, at=8),)
    assert [one.case for one in reasons.outcomes()] == ["c2", "c1"]
    reasons.drop_outcome("c1")
    assert [one.case for one in reasons.outcomes()] == ["c2"]


def test_requests_move_on_from_the_version_that_was_seen(place: Place) -> None:
    requests = place.open().authority_requests
    requests.begin(ASKED, b"words")
    with pytest.raises(Conflict):
        requests.begin(ASKED, b"words")
    granted = replace(ASKED, state=RequestState.GRANTED, version=2)
    requests.advance(granted, b"more")
    with pytest.raises(Conflict, match="meanwhile"):
        requests.advance(granted, b"more")
    with pytest.raises(NotFound):
        requests.advance(replace(granted, id="r9"), b"")
    assert place.open().authority_requests.get("r1") == (granted, b"more")
    assert requests.get("r9") is None
    requests.begin(replace(ASKED, id="r2", case="", at=12, state=RequestState.REFUSED), b"")
    listed = requests.listed()
    assert [one.id for _, one in listed] == ["r2", "r1"]
    assert [one.id for _, one in requests.listed(before=listed[0][0])] == ["r1"]
    assert [one.id for _, one in requests.listed(state=RequestState.GRANTED)] == ["r1"]
    assert [one.id for _, one in requests.listed(case="c1", since=10, until=11)] == ["r1"]
    assert requests.listed(since=13) == ()


def test_steps_are_added_in_their_numbers(store: Store) -> None:
    requests = store.authority_requests
    step = RequestStep(request="r1", number=1, at=5, by="u1", act="open", chain=b"c", signature=b"s")
    requests.add_step(step)
    with pytest.raises(Conflict):
        requests.add_step(step)
    requests.add_step(replace(step, number=2, act="approve"))
    assert [one.act for one in requests.steps("r1")] == ["open", "approve"]
    assert requests.steps("r1")[0] == step


def test_a_report_is_published_once(store: Store) -> None:
    kept = Published("t1", 0, 100, 105, "u1", b"{}")
    store.transparency.add(kept)
    store.transparency.add(replace(kept, id="t2", at=106))
    assert store.transparency.listed(published=True) == ()
    out = store.transparency.publish("t1", at=110, by="u2")
    assert out == replace(kept, published=110, published_by="u2")
    with pytest.raises(Conflict):
        store.transparency.publish("t1", at=111, by="u2")
    with pytest.raises(NotFound):
        store.transparency.publish("t9", at=111, by="u2")
    assert [one.id for one in store.transparency.listed()] == ["t2", "t1"]
    assert store.transparency.listed(published=True) == (out,)


def test_the_audit_is_counted_by_act_and_outcome(store: Store) -> None:
    for at, outcome in ((5, "done"), (6, "done"), (7, "refused"), (50, "done")):
        store.audit.write(AuditRow(at, "u1", "sample.open", "", "", outcome))
    counted = store.transparency.audit_counts(since=5, until=50)
    assert counted == {("sample.open", "done"): 2, ("sample.open", "refused"): 1}


def test_acts_of_the_audit_are_counted_by_subject(store: Store) -> None:
    for at, act, subject, outcome in (
        (5, "case.words", "c1", "done"),
        (6, "case.words", "c1", "done"),
        (7, "case.words", "", "done"),
        (8, "case.words", "c1", "refused"),
        (9, "case.note", "c1", "done"),
        (50, "case.words", "c1", "done"),
    ):
        store.audit.write(AuditRow(at, "u1", act, subject, "", outcome))
    counted = store.transparency.audit_subjects(("case.words",), since=5, until=50)
    assert counted == {("case.words", "c1"): 2, ("case.words", ""): 1}


def test_key_cases_are_kept_once_and_found_by_category(place: Place) -> None:
    register = place.open().case_precedents
    one = CasePrecedent(
        case="c1",
        category="fraud.scam",
        measures=("warned",),
        ground="none",
        outcome="borne-out",
        reasoning="why",
        stands_for="what",
        decided=5,
        at=6,
        by="u1",
    )
    register.add(one)
    with pytest.raises(Conflict):
        register.add(one)
    later = replace(one, case="c2", at=7, category="cyber.phishing")
    register.add(later)
    again = place.open().case_precedents
    assert again.find() == (later, one)
    assert again.find(category="fraud.scam") == (one,)
    assert (again.remove("c1"), again.remove("c1")) == (True, False)


def test_acts_of_a_time_come_beside_their_case(store: Store) -> None:
    case = Case(
        id="c1", queue="general", state=CaseState.RECEIVED, origin=CaseOrigin.OWN, received=5, updated=5
    )
    act = CaseAct(case="c1", number=1, at=5, by="u1", act="receive", was=None, now=CaseState.RECEIVED)
    store.cases.add([NewCaseRow(case, KeptAct(act))])
    assert list(store.transparency.acts(since=5, until=6)) == [(case, act)]
    assert list(store.transparency.acts(since=6, until=9)) == []


def test_a_shield_stays(store: Store) -> None:
    for at in (5, 6):
        store.authority_requests.shield("c1", at=at, by="u1")
    assert store.authority_requests.shielded("c1")
    assert not store.authority_requests.shielded("c2")
