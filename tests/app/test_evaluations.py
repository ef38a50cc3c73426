"""A node registers plans, keeps what their runs found, and signs both."""

from datetime import timedelta

import msgspec
import pytest

from tests.evaluation_plans import PLAN, SHIPPED, TASK, nth, run, runs, sheet
from tests.fixtures import Made
from tocsin.app.evaluations import Evaluations
from tocsin.evaluate.plans import proofs
from tocsin.evaluate.plans.attesting import verify_evaluation
from tocsin.evaluate.plans.registration import open_revealed
from tocsin.kernel import BadInput, Caller, Conflict, Deviation, NotAllowed, NotFound, Role
from tocsin.kernel.evaluations import LineVerdict
from tocsin.kernel.plans import Condition, RegisteredPlan, Registration
from tocsin.trust.signing_keys import read_public

replace = msgspec.structs.replace


@pytest.fixture
def made(copied: Made) -> Made:
    return copied


def as_operator(made: Made) -> Caller:
    return made.node.access.operator()


def register(made: Made) -> Registration:
    registration = made.node.evaluations.register(as_operator(made), PLAN, {TASK: iter(sheet())})
    made.now += timedelta(minutes=10)
    return registration


def opened(made: Made, registration: Registration) -> RegisteredPlan:
    return made.node.evaluations.registered(as_operator(made), registration.id)


def test_a_plan_is_registered_run_judged_and_signed(made: Made) -> None:
    by, evaluations = as_operator(made), made.node.evaluations
    registration = register(made)
    registered = opened(made, registration)
    found = evaluations.keep(by, registration.id, runs(registered, nth(0), nth(3)))
    assert found.lines[0].verdict is LineVerdict.ABOVE
    assert (found.node, found.attempt, found.earlier) == (made.node.node_id, 1, 0)
    assert evaluations.get(by, found.id[:12]) == found
    assert evaluations.listed(by, model_digest=SHIPPED) == (found,)
    key = read_public(evaluations.public_key())
    shown = verify_evaluation(evaluations.attestation(by, found.id), [key])
    assert shown == replace(found, by="")
    assert by.user.encode() not in found.statement
    proof = evaluations.prove(by, found.id, TASK, "as-shipped", "s007")
    assert proofs.proves(shown, proof)
    acts = [row.act for row in made.node.store.audit.read()]
    assert acts[:4] == ["evaluation.prove", "evaluation.attest", "evaluation.keep", "evaluation.register"]


def test_running_until_it_passes_shows(made: Made) -> None:
    by, evaluations = as_operator(made), made.node.evaluations
    registration = register(made)
    registered = opened(made, registration)
    bad = evaluations.keep(by, registration.id, runs(registered, nth(2)))
    assert evaluations.keep(by, registration.id, runs(registered, nth(2))) == bad
    good = evaluations.keep(by, registration.id, runs(registered))
    assert (good.attempt, good.earlier) == (2, 1)
    again = register(made)
    third = evaluations.keep(by, again.id, runs(opened(made, again)))
    assert (third.attempt, third.earlier) == (1, 2)
    assert evaluations.listed(by, plan=registration.plan) == (third, good, bad)
    assert [line.evaluations for line in evaluations.registrations(by)] == [1, 2]
    compared = evaluations.compare(by, bad.id, good.id)
    assert {(task.pairs.only_first, task.pairs.only_second) for task in compared.tasks} == {(30, 0)}


def test_a_deviation_is_refused_and_audited(made: Made) -> None:
    by, evaluations = as_operator(made), made.node.evaluations
    registration = register(made)
    registered = opened(made, registration)
    changed = replace(PLAN, coverage=replace(PLAN.coverage, languages=("en",)))
    with pytest.raises(Deviation, match=r"plan field coverage.languages"):
        evaluations.keep(by, registration.id, runs(registered), plan=changed)
    with pytest.raises(Deviation, match="planned and not run"):
        evaluations.keep(by, registration.id, (run(registered, Condition.AS_SHIPPED),))
    refused = made.node.store.audit.read(act="evaluation.keep")
    assert [row.outcome for row in refused] == ["refused", "refused"]
    assert refused[1].detail["first"] == 'plan field coverage.languages: ["en","zh"] became ["en"]'
    assert evaluations.listed(by) == ()


def test_a_registration_is_checked_without_the_node(made: Made) -> None:
    registration = register(made)
    file = made.node.evaluations.reveal(as_operator(made), registration.id[:10])
    key = read_public(made.node.evaluations.public_key())
    shown = open_revealed(file, [key])
    assert shown.node == made.node.node_id
    assert shown.registered.plan == PLAN
    assert shown.registered.registration.at == registration.at
    assert shown.registered.samples == {TASK: sheet()}
    for was, now in (
        (b'"limit": 0.2', b'"limit": 0.5'),
        (b'"s007"', b'"s07"'),
        (b'"salt": "', b'"salt": "00'),
    ):
        assert was in file
        with pytest.raises((Conflict, BadInput)):
            open_revealed(file.replace(was, now, 1), [key])
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    with pytest.raises(Conflict, match="none of the keys"):
        open_revealed(file, [Ed25519PrivateKey.generate().public_key()])


def test_a_signed_evaluation_that_was_changed_is_refused(made: Made) -> None:
    from tests.signed_evaluations import resigned

    registration = register(made)
    found = made.node.evaluations.keep(as_operator(made), registration.id, runs(opened(made, registration)))
    with pytest.raises(Conflict, match="id is not that of its content"):
        verify_evaluation(*resigned(found.statement, lambda p: p["predicate"].update(review_by="2030-01-01")))
    with pytest.raises(Conflict, match="other artefacts"):
        verify_evaluation(*resigned(found.statement, lambda p: p["subject"].pop()))
    with pytest.raises(BadInput, match="is read"):
        verify_evaluation(*resigned(found.statement, lambda p: p.update(predicateType="x")))
    with pytest.raises(BadInput, match="no evaluation"):
        verify_evaluation(*resigned(found.statement, lambda p: p["predicate"].pop("lines")))


def test_the_statement_of_a_registration_says_nothing_of_the_plan(made: Made) -> None:
    from tocsin.wire.dsse import parse_envelope

    registration = register(made)
    payload = parse_envelope(registration.statement).payload
    for word in (PLAN.name, TASK, registration.plan, *registration.sheets.values(), registration.salt.hex()):
        assert word.encode() not in payload


def test_who_may_not_is_refused(made: Made) -> None:
    registration = register(made)
    evaluations, access = made.node.evaluations, made.node.access
    access.add_user(as_operator(made), "olga", (Role.AUDITOR,))
    auditor = replace(as_operator(made), roles=frozenset({Role.AUDITOR}), user="olga")
    assert evaluations.registered(auditor, registration.id).plan == PLAN
    source = replace(auditor, roles=frozenset({Role.SOURCE}))
    for refused in (
        lambda: evaluations.register(auditor, PLAN, {TASK: sheet()}),
        lambda: evaluations.keep(auditor, registration.id, ()),
        lambda: evaluations.reveal(auditor, registration.id),
        lambda: evaluations.attestation(auditor, "0" * 64),
        lambda: evaluations.prove(auditor, "0" * 64, TASK, "as-shipped", "s"),
        lambda: evaluations.registered(source, registration.id),
        lambda: evaluations.listed(source),
        lambda: evaluations.registrations(source),
        lambda: evaluations.get(source, "0" * 64),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_an_id_is_known_by_how_it_begins(made: Made) -> None:
    registration, by = register(made), as_operator(made)
    with pytest.raises(BadInput, match="at least 8"):
        made.node.evaluations.registered(by, registration.id[:7])
    for unknown in ("0" * 64, "f" * 9 + "e"):
        with pytest.raises(NotFound):
            made.node.evaluations.registered(by, unknown)
        with pytest.raises(NotFound):
            made.node.evaluations.get(by, unknown)


def test_a_red_line_must_be_known_where_it_can_be_looked_up(made: Made) -> None:
    line = replace(PLAN.measurement.lines[0], red_line="course-of-action--1")
    plan = replace(PLAN, measurement=replace(PLAN.measurement, lines=(line,)))
    node, known = made.node, {"course-of-action--1"}
    looked_up = Evaluations(
        node.store, node.access, node.data, node.node_id, made.clock, red_lines=lambda: known
    )
    assert looked_up.check(plan).problems == ()
    known.clear()
    assert [field for field, _ in looked_up.check(plan).problems] == ["measurement.lines[refusal].red_line"]


def test_a_plan_that_could_not_decide_is_not_registered(made: Made) -> None:
    by, evaluations = as_operator(made), made.node.evaluations
    with pytest.raises(BadInput, match="lies not ahead"):
        evaluations.register(
            by, replace(PLAN, improvement=replace(PLAN.improvement, review_by="2026-11-20")), {TASK: sheet()}
        )
    with pytest.raises(BadInput, match="its sheet has 59"):
        evaluations.register(by, PLAN, {TASK: sheet()[1:]})
    with pytest.raises(BadInput, match="no samples of"):
        evaluations.register(by, PLAN, {})
    assert evaluations.registrations(by) == ()
