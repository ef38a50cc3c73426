"""Random people do random things with a case, through the real service: reasons, four eyes and audit hold."""

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cases_made_up import CATEGORY, WHY, disposition, opened, person
from tests.fixtures import Made
from tocsin.cases import timeline
from tocsin.cases.states import NEEDS, TABLE, Step
from tocsin.kernel import Caller, Means, Role, TocsinError
from tocsin.kernel.cases import Case, CaseState, Urgency
from tocsin.kernel.disposing import Appeal, Appellant, Measure, Outcome

EXAMPLES = 30
MOST_STEPS = 24
GRAVE = Measure.ACCOUNT_TERMINATED
PEOPLE: dict[str, tuple[tuple[Role, ...], Means]] = {
    "ana": ((Role.ANALYST,), Means.SESSION),
    "rob": ((Role.REVIEWER,), Means.SESSION),
    "ros": ((Role.REVIEWER,), Means.SESSION),
    "twin": ((Role.REVIEWER,), Means.SESSION),  # a second account of rob
    "rex": ((Role.REVIEWER, Role.ANALYST), Means.OPERATOR),
    "script": ((Role.REVIEWER,), Means.TOKEN),
    "dora": ((Role.DUTY_OFFICER,), Means.SESSION),
    "audrey": ((Role.AUDITOR,), Means.SESSION),
    "adam": ((Role.ADMIN,), Means.SESSION),
    "source": ((Role.SOURCE,), Means.TOKEN),
}
ASKED = (*(one for one in Step if one not in (Step.ABSORB, Step.YIELD)),)
FORWARD = {
    CaseState.RECEIVED: Step.TRIAGE,
    CaseState.TRIAGED: Step.VERIFY,
    CaseState.VERIFIED: Step.PROPOSE,
    CaseState.DISPOSED: Step.APPEAL,
    CaseState.APPEALED: Step.OVERTURN,
    CaseState.UPHELD: Step.CLOSE,
    CaseState.OVERTURNED: Step.CLOSE,
    CaseState.CLOSED: Step.REOPEN,
}
"""Without a push most sequences would never get to an appeal."""


@pytest.fixture
def people(made: Made) -> dict[str, Caller]:
    every = {name: person(made, name, *roles, means=means) for name, (roles, means) in PEOPLE.items()}
    twin = made.node.store.people.user("twin")
    assert twin
    made.node.store.people.replace_user(msgspec.structs.replace(twin, same_as=every["rob"].user))
    return every


def do(  # noqa: C901  # one row an act
    made: Made, by: Caller, step: Step, case: Case, other: Case, reasons: str, data: st.DataObject
) -> None:
    """One act as somebody would ask for it."""
    cases, at = made.node.cases, case.id
    match step:
        case Step.CLAIM:
            cases.claim(by, at)
        case Step.RELEASE:
            cases.release(by, at)
        case Step.NOTE:
            cases.note(by, at, WHY) if data.draw(st.booleans()) else cases.told(at, WHY)
        case Step.TRIAGE:
            queue = data.draw(st.sampled_from([None, "urgent", "general"]))
            cases.triage(by, at, category=CATEGORY, urgency=Urgency.HIGH, reasons=reasons, queue=queue)
        case Step.VERIFY:
            cases.verify(by, at, outcome=Outcome.BORNE_OUT, reasons=reasons)
        case Step.DISPOSE:
            cases.dispose(by, at, disposition(Measure.WARNED, reasons=reasons))
        case Step.PROPOSE:
            cases.dispose(by, at, disposition(GRAVE, reasons=reasons))
        case Step.APPROVE:
            cases.approve(by, at)
        case Step.REFUSE:
            cases.refuse(by, at, reasons=reasons)
        case Step.APPEAL:
            who = data.draw(st.sampled_from(list(Appellant)))
            cases.appeal(at, Appeal(by=who, at=0, lang="en"), reasons)
        case Step.UPHOLD:
            cases.judge_appeal(by, at, upheld=True, reasons=reasons)
        case Step.OVERTURN:
            given = data.draw(st.sampled_from([None, (), (Measure.WARNED,), (GRAVE,)]))
            instead = None if given is None else disposition(*given)
            cases.judge_appeal(by, at, upheld=False, reasons=reasons, disposition=instead)
        case Step.CLOSE:
            cases.close(by, at, reasons=reasons)
        case Step.REOPEN:
            cases.reopen(by, at, reasons=reasons)
        case Step.MERGE:
            cases.merge(by, at, other.id, reasons=reasons)
        case Step.UNMERGE:
            cases.unmerge(by, at, reasons=reasons)
        case Step.SPLIT:
            cases.split(by, at, reasons=reasons, title="Another letter")
        case Step.MOVE:
            cases.transfer(by, at, queue="protected", reasons=reasons)
        case Step.TRANSFER:
            cases.transfer(by, at, organisation="The other house", reasons=reasons)
        case Step.ESCALATE:
            made.node.cases.escalate(at)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # making a failure smaller would take minutes
)
@given(data=st.data())
def test_no_path_skips_reasons_four_eyes_or_audit(
    made: Made, people: dict[str, Caller], data: st.DataObject
) -> None:
    node, case, other = made.node, opened(made), opened(made)
    since = node.store.audit.read(limit=1)[0].seq
    workers = [people[name] for name in ("ana", "rob", "ros", "rex")]
    for _ in range(data.draw(st.integers(4, MOST_STEPS))):
        was = node.store.cases.get(case.id, node.queues.ids())
        assert was
        pushed = data.draw(st.integers(0, 2)) > 0
        step = FORWARD.get(was.state, Step.UNMERGE) if pushed else data.draw(st.sampled_from(ASKED))
        step = Step.APPROVE if pushed and was.proposal else step
        by = data.draw(st.sampled_from(workers if pushed else list(people.values())))
        reasons = WHY if pushed else data.draw(st.sampled_from([WHY, WHY, "", "short"]))
        try:
            if pushed and NEEDS[step].claim:
                node.cases.claim(by, case.id)
            do(made, by, step, case, other, reasons, data)
        except TocsinError:
            pass
        now = node.store.cases.get(case.id, node.queues.ids())
        assert now
        assert now.disposition is None or not now.disposition.grave or two_people(made, now)
    for one in (case, other):
        hold(made, one.id, since, people["rob"])


def two_people(made: Made, case: Case) -> bool:
    """Whether two humans stand behind a grave decision."""
    decided, person_of = case.disposition, made.node.access.person
    assert decided
    return decided.approved_by is not None and person_of(decided.approved_by) != person_of(decided.decided_by)


def hold(made: Made, case_id: str, since: int, reader: Caller) -> None:
    """What must be true of any case, whatever was tried with it."""
    node, person_of = made.node, made.node.access.person
    case = node.store.cases.get(case_id, node.queues.ids())
    assert case
    acts = node.cases.acts(reader, case_id)
    timeline.check(acts, version=case.version)
    written = [
        row
        for row in node.store.audit.read(limit=2_000)
        if row.subject == case_id and row.outcome == "done" and row.seq >= since - 1
    ]
    # one line of the audit for each act, by the same person, with the same link of the chain
    assert [(row.act, row.who, row.detail["chain"]) for row in reversed(written)] == [
        (f"case.{act.act}", act.by, act.chain.hex()) for act in acts
    ]
    state, deciders, proposer = None, set[str](), ""
    for act in acts:
        assert act.was is state
        state = act.now
        if act.was is None:
            continue
        step = Step(act.act)
        after = TABLE[act.was, step]  # a way that the table does not have would end here
        assert after in (None, act.now)
        needs = NEEDS[step]
        if needs.reasons and act.by not in ("public", "node"):
            assert len(act.reasons) >= 8
        if needs.role:
            caller = next((roles for name, (roles, _) in PEOPLE.items() if by_name(made, name) == act.by), ())
            told = step is Step.NOTE and act.by == "public"
            assert told or node.policies.permits(Caller(act.by, "", frozenset(caller)), needs.role)
        if needs.person:
            assert act.by != by_name(made, "script")
        if step is Step.PROPOSE:
            proposer = person_of(act.by)
        if step is Step.APPROVE:
            assert person_of(act.by) != proposer
        if step in (Step.UPHOLD, Step.OVERTURN):
            assert person_of(act.by) not in deciders
        if step in (Step.DISPOSE, Step.PROPOSE, Step.APPROVE, Step.UPHOLD, Step.OVERTURN):
            deciders.add(person_of(act.by))
    assert state is case.state


def by_name(made: Made, name: str) -> str:
    user = made.node.store.people.user(name)
    assert user
    return user.id
