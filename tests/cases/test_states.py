"""The state machine: no way leads past roles, reasons, claims or a second pair of eyes."""

import itertools
import re
from pathlib import Path

import msgspec
import pytest

from tocsin.cases.states import NEEDS, OVER, TABLE, Asking, Moved, Refused, Step, Why, move
from tocsin.kernel.cases import Case, CaseOrigin, CaseState
from tocsin.kernel.disposing import Appellant, Disposition, Ground, Measure, Outcome

WHY = "two letters about a lottery refund"
DECIDED = Disposition(
    outcome=Outcome.BORNE_OUT,
    measures=(Measure.ACCOUNT_TERMINATED,),
    ground=Ground.TERMS,
    ground_text="",
    explanation="",
    facts="",
    reasons="",
    lang="en",
    decided_by="ann",
    at=0,
)
DOCS = Path(__file__).parents[2] / "docs" / "cases.md"
FREE = Asking(person="eve", permitted=True, present=True, reasons=WHY, holder="eve", proposer="ann")


def case(state: CaseState, **changed: object) -> Case:
    plain = Case(id="case_1", queue="general", state=state, origin=CaseOrigin.REPORT, received=0, updated=0)
    return msgspec.structs.replace(plain, **changed)


def fitting(state: CaseState, step: Step) -> Case:
    """A case in a state in which only who asks can stand against the act."""
    waits = step in (Step.APPROVE, Step.REFUSE)
    decided = state in (CaseState.DISPOSED, CaseState.UPHELD, CaseState.CLOSED)
    decided = decided or (state is CaseState.OVERTURNED and step in (Step.APPEAL, Step.CLOSE))
    return case(state, proposal=DECIDED if waits else None, disposition=DECIDED if decided else None)


@pytest.mark.parametrize(("state", "step"), sorted(TABLE))
def test_each_act_leads_where_the_table_says_and_needs_what_it_says(state: CaseState, step: Step) -> None:
    of, needs = fitting(state, step), NEEDS[step]
    assert move(of, step, FREE, before=CaseState.TRIAGED) == Moved(TABLE[state, step] or CaseState.TRIAGED)

    def why(**changed: object) -> Why | None:
        verdict = move(of, step, msgspec.structs.replace(FREE, **changed))
        return verdict.why if isinstance(verdict, Refused) else None

    assert why(permitted=False) is Why.ROLE
    for reasons in ("", "short", "  spaces    ", "x" * 4_001):
        assert why(reasons=reasons) is (Why.REASONS if needs.reasons else None)
    assert why(holder=None) is (Why.CLAIM if needs.claim else None)
    assert why(present=False) is (Why.ROLE if needs.person else None)
    assert why(proposer="eve") is (Why.EYES if needs.second else None)
    assert why(deciders=frozenset({"eve"})) is (Why.EYES if needs.outsider else None)


def test_what_is_not_in_the_table_is_refused() -> None:
    for state, step in itertools.product(CaseState, Step):
        if (state, step) not in TABLE:
            verdict = move(fitting(state, step), step, FREE)
            assert isinstance(verdict, Refused)
            assert verdict.why is Why.STATE
            assert state.value in verdict.reason


def test_whoever_decides_is_there_and_says_why_and_nothing_over_is_worked_on() -> None:
    for (state, step), after in TABLE.items():
        deciding = (
            after in (CaseState.DISPOSED, CaseState.UPHELD, CaseState.OVERTURNED) and after is not state
        )
        if deciding:
            assert NEEDS[step].person
            assert NEEDS[step].reasons or NEEDS[step].second  # who approves stands for the words proposed
        if state in OVER:
            assert step in (Step.NOTE, Step.REOPEN, Step.UNMERGE, Step.APPEAL, Step.YIELD)
    assert NEEDS[Step.APPROVE].second
    assert NEEDS[Step.UPHOLD].outsider
    assert NEEDS[Step.OVERTURN].outsider


def test_a_grave_measure_is_never_decided_by_one() -> None:
    grave = msgspec.structs.replace(FREE, grave=True)
    for state, step in itertools.product(CaseState, (Step.DISPOSE, Step.OVERTURN)):
        assert isinstance(move(fitting(state, step), step, grave), Refused)


def test_a_claim_of_another_is_not_taken() -> None:
    held = msgspec.structs.replace(FREE, holder="ann")
    for step in (Step.CLAIM, Step.MERGE, Step.ABSORB, Step.SPLIT, Step.MOVE):
        verdict = move(case(CaseState.TRIAGED), step, held)
        assert isinstance(verdict, Refused)
        assert verdict.why is Why.CLAIM


def test_a_proposal_that_waits_is_not_passed_by() -> None:
    waits = case(CaseState.VERIFIED, proposal=DECIDED)
    for step in (Step.DISPOSE, Step.PROPOSE, Step.VERIFY, Step.MERGE, Step.TRANSFER, Step.MOVE):
        assert isinstance(move(waits, step, FREE), Refused)
    assert isinstance(move(case(CaseState.VERIFIED), Step.APPROVE, FREE), Refused)


def test_what_was_overturned_without_a_decision_is_decided_before_it_is_closed() -> None:
    bare, anew = case(CaseState.OVERTURNED), case(CaseState.OVERTURNED, disposition=DECIDED)
    assert isinstance(move(bare, Step.CLOSE, FREE), Refused)
    assert isinstance(move(bare, Step.APPEAL, FREE), Refused)
    assert move(bare, Step.DISPOSE, FREE) == Moved(CaseState.DISPOSED)
    assert isinstance(move(anew, Step.DISPOSE, FREE), Refused)
    assert move(anew, Step.CLOSE, FREE) == Moved(CaseState.CLOSED)


def test_each_person_concerned_is_heard_once_on_a_decision() -> None:
    of = case(CaseState.UPHELD, disposition=DECIDED)
    heard = msgspec.structs.replace(FREE, heard=frozenset({Appellant.REPORTER}))
    again = msgspec.structs.replace(heard, appellant=Appellant.REPORTER)
    assert isinstance(move(of, Step.APPEAL, again), Refused)
    other = msgspec.structs.replace(heard, appellant=Appellant.AFFECTED)
    assert move(of, Step.APPEAL, other) == Moved(CaseState.APPEALED)


def test_what_speaks_for_others_stays_where_it_is() -> None:
    whole = case(CaseState.TRIAGED, parts=("case_2",))
    for step in (Step.MERGE, Step.MOVE, Step.TRANSFER):
        assert isinstance(move(whole, step, FREE), Refused)


def test_the_drawing_is_the_table() -> None:
    drawn = re.search(r"```mermaid\nstateDiagram-v2\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert drawn
    arrows = set()
    for line in drawn[1].splitlines():
        found = re.fullmatch(r"\s*(\w+) --> (\w+): (.+)", line)
        if found:
            arrows |= {(found[1], step.strip(), found[2]) for step in found[3].split(",")}
    moving = {
        (state.value, step.value, after.value)
        for (state, step), after in TABLE.items()
        if after is not None and after is not state
    }
    assert arrows == moving
