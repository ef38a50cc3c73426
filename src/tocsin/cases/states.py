"""The one state machine of cases: from which state an act leads to which, and what it needs.

Enters: a case as it is, an act, and who asks. Leaves: `Moved` or `Refused` with its reason. Pure: no clock, no store.
docs/cases.md draws the table; a test holds the two together.
"""

from enum import StrEnum

import msgspec

from tocsin.kernel.cases import Case, CaseState
from tocsin.kernel.disposing import Appellant

MIN_REASON_CHARS, MAX_REASON_CHARS = 8, 4_000
"""A word is no reason; what is longer belongs into a note or a file."""


class Step(StrEnum):
    """What may be done with a case that is there."""

    CLAIM = "claim"
    RELEASE = "release"
    NOTE = "note"
    TRIAGE = "triage"
    VERIFY = "verify"
    DISPOSE = "dispose"
    PROPOSE = "propose"
    """A grave disposition: it waits for another person."""
    APPROVE = "approve"
    REFUSE = "refuse"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    OVERTURN = "overturn"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    """It becomes a part of another."""
    ABSORB = "absorb"
    """Another became a part of it."""
    UNMERGE = "unmerge"
    YIELD = "yield"
    """A part of it stands alone again."""
    SPLIT = "split"
    MOVE = "move"
    """To another queue."""
    TRANSFER = "transfer"
    """To another organisation."""
    ESCALATE = "escalate"


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What an act needs besides the right state. `role` is the act of the access policy; "" for the node itself."""

    role: str
    reasons: bool = False
    claim: bool = False
    """A claim of one's own that has not ended."""
    second: bool = False
    """A human other than who proposed."""
    person: bool = False
    """Somebody who is there: a token works while its owner sleeps, and no machine decides."""
    outsider: bool = False
    """A human who neither proposed, approved nor judged in this case before."""


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for an act, as humans: every id is that of the person behind a user (`Access.person`)."""

    person: str
    permitted: bool
    """Whether the policy lets them do the act that `Needs.role` names."""
    present: bool = False
    """Whether they are there themselves, in a session or at the node's own command line."""
    reasons: str = ""
    holder: str | None = None
    """Who holds a claim that has not ended."""
    proposer: str | None = None
    deciders: frozenset[str] = frozenset()
    """Who proposed, decided, approved or judged in this case."""
    grave: bool = False
    """Whether what is decided holds a measure of `kernel.disposing.GRAVE`, be it one that stood before."""
    appellant: Appellant | None = None
    heard: frozenset[Appellant] = frozenset()
    """Whose appeal against the decision that stands was judged."""


class Why(StrEnum):
    """What kind of refusal it is: the edge makes an error of it."""

    STATE = "state"
    ROLE = "role"
    REASONS = "reasons"
    CLAIM = "claim"
    EYES = "four-eyes"


class Moved(msgspec.Struct, frozen=True):
    now: CaseState


class Refused(msgspec.Struct, frozen=True):
    why: Why
    reason: str


R, T, V, D, A, U, O, C, M, X = CaseState  # noqa: E741  # the order of CaseState; O is for overturned
OPEN = frozenset({R, T, V})
"""Not decided yet."""
DECIDED = frozenset({D, U, O})
OVER = frozenset({C, M, X})
"""Nobody works on it here."""
WORKED = OPEN | DECIDED | {A}

NEEDS = {
    Step.CLAIM: Needs(role="case.work"),
    Step.RELEASE: Needs(role="case.work", claim=True),
    Step.NOTE: Needs(role="case.work"),
    Step.TRIAGE: Needs(role="case.work", reasons=True, claim=True),
    Step.VERIFY: Needs(role="case.work", reasons=True, claim=True),
    Step.DISPOSE: Needs(role="case.dispose", reasons=True, claim=True, person=True),
    Step.PROPOSE: Needs(role="case.dispose", reasons=True, claim=True, person=True),
    Step.APPROVE: Needs(role="case.approve", second=True, person=True),
    Step.REFUSE: Needs(role="case.approve", reasons=True),
    Step.APPEAL: Needs(role="", reasons=True),
    Step.UPHOLD: Needs(role="case.appeal", reasons=True, claim=True, outsider=True, person=True),
    Step.OVERTURN: Needs(role="case.appeal", reasons=True, claim=True, outsider=True, person=True),
    Step.CLOSE: Needs(role="case.dispose", reasons=True),
    Step.REOPEN: Needs(role="case.dispose", reasons=True),
    Step.MERGE: Needs(role="case.work", reasons=True),
    Step.ABSORB: Needs(role="case.work", reasons=True),
    Step.UNMERGE: Needs(role="case.work", reasons=True),
    Step.YIELD: Needs(role="case.work", reasons=True),
    Step.SPLIT: Needs(role="case.work", reasons=True),
    Step.MOVE: Needs(role="case.work", reasons=True),
    Step.TRANSFER: Needs(role="case.work", reasons=True, claim=True),
    Step.ESCALATE: Needs(role=""),
}


def _stays(step: Step, *states: CaseState) -> dict[tuple[CaseState, Step], CaseState]:
    return {(state, step): state for state in sorted(states)}


TABLE: dict[tuple[CaseState, Step], CaseState | None] = {
    (R, Step.TRIAGE): T,
    (T, Step.VERIFY): V,
    (V, Step.DISPOSE): D,
    (V, Step.APPROVE): D,
    (D, Step.APPEAL): A,
    (A, Step.UPHOLD): U,
    (A, Step.OVERTURN): O,
    (U, Step.APPEAL): A,  # of the other person concerned
    (O, Step.APPEAL): A,  # whom the new decision meets was not heard yet
    (O, Step.DISPOSE): D,  # overturned without a new decision: it is decided anew
    (O, Step.APPROVE): D,
    (D, Step.CLOSE): C,
    (U, Step.CLOSE): C,
    (O, Step.CLOSE): C,
    (C, Step.APPEAL): A,
    (C, Step.REOPEN): T,
    (X, Step.REOPEN): T,
    (R, Step.MERGE): M,
    (T, Step.MERGE): M,
    (V, Step.MERGE): M,
    (M, Step.UNMERGE): None,  # as it was before
    (R, Step.TRANSFER): X,
    (T, Step.TRANSFER): X,
    (V, Step.TRANSFER): X,
    **_stays(Step.TRIAGE, T),
    **_stays(Step.VERIFY, V),
    **_stays(Step.PROPOSE, V, O),
    **_stays(Step.REFUSE, V, O),
    **_stays(Step.CLAIM, *WORKED),
    **_stays(Step.RELEASE, *WORKED),
    **_stays(Step.NOTE, *CaseState),
    **_stays(Step.ABSORB, *OPEN),
    **_stays(Step.YIELD, *CaseState),
    **_stays(Step.SPLIT, *OPEN),
    **_stays(Step.MOVE, *OPEN, A),
    **_stays(Step.ESCALATE, *OPEN, A, O),
}
"""(state, act) → state; None for the state before the merge. What does not stand here is refused."""


def move(case: Case, step: Step, asking: Asking, *, before: CaseState | None = None) -> Moved | Refused:
    """Whether `step` may be done with `case`, and the state that it leads to.

    1. The policy lets this person do it; and who decides is there, not their token.
    2. The state has such an act.
    3. Reasons are given where it needs them.
    4. A claim of one's own, where it needs one; and nobody takes a claim that another holds.
    5. A grave measure is proposed, never decided at once; approved by another human than who proposed it.
    6. An appeal is judged by a human who decided nothing in this case; on one decision everybody is heard once.
    7. A case with a proposal that waits, or with parts, is not moved from under them.
    """
    needs = NEEDS[step]
    if not asking.permitted:  # 1
        return Refused(Why.ROLE, f"this needs a role that may do {needs.role}: ask the node's administrator")
    if needs.person and not asking.present:
        return Refused(Why.ROLE, "a person decides: do it in the console, or at the node's command line")
    if (case.state, step) not in TABLE:  # 2
        may = ", ".join(sorted({one.value for state, one in TABLE if state is case.state} - _QUIET))
        return Refused(Why.STATE, f"a case that is {case.state} has no `{step}`; it may: {may}")
    if needs.reasons and not MIN_REASON_CHARS <= len(asking.reasons.strip()) <= MAX_REASON_CHARS:  # 3
        return Refused(Why.REASONS, f"say why, in {MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters")
    return (
        _claimed(case, step, asking)
        or _decided(case, step, asking)
        or _heard(case, step, asking)
        or _bound(case, step)
        or Moved(TABLE[case.state, step] or before or CaseState.RECEIVED)
    )


_QUIET = {Step.ESCALATE.value, Step.ABSORB.value, Step.YIELD.value}
"""What nobody types."""


def _claimed(case: Case, step: Step, asking: Asking) -> Refused | None:
    """4."""
    held = asking.holder is not None and asking.holder != asking.person
    if step is Step.CLAIM and held:
        return Refused(Why.CLAIM, "somebody has claimed it: wait until they release it or their claim ends")
    if NEEDS[step].claim and asking.holder != asking.person:
        return Refused(Why.CLAIM, "claim the case first: what is done with it is done by who holds it")
    if step in (Step.MERGE, Step.ABSORB, Step.SPLIT, Step.MOVE, Step.CLOSE) and held:
        return Refused(Why.CLAIM, "somebody else holds it: ask them, or wait until their claim ends")
    return None


def _decided(case: Case, step: Step, asking: Asking) -> Refused | None:
    """5."""
    if step is Step.DISPOSE and asking.grave:
        return Refused(Why.EYES, "a grave measure is proposed first, and another person approves it")
    if step in (Step.DISPOSE, Step.PROPOSE) and case.proposal is not None:
        return Refused(Why.STATE, "a grave disposition waits already: it is approved or refused first")
    if step is Step.DISPOSE and case.state is CaseState.OVERTURNED and not _unsettled(case):
        return Refused(Why.STATE, "it was overturned with a new decision: close it, or wait for an appeal")
    if step in (Step.APPROVE, Step.REFUSE) and case.proposal is None:
        return Refused(Why.STATE, "no grave disposition waits in this case")
    if step is Step.APPROVE and asking.person == asking.proposer:
        return Refused(Why.EYES, "who proposed a grave measure does not approve it: another person does")
    if step is Step.OVERTURN and asking.grave:
        return Refused(
            Why.EYES, "a grave measure needs two people: overturn without a disposition, then propose it"
        )
    if step is Step.CLOSE and (case.proposal is not None or _unsettled(case)):
        return Refused(Why.STATE, "it waits for a decision: nothing is closed undecided")
    return None


def _unsettled(case: Case) -> bool:
    return case.state is CaseState.OVERTURNED and case.disposition is None


def _heard(case: Case, step: Step, asking: Asking) -> Refused | None:
    """6."""
    if NEEDS[step].outsider and asking.person in asking.deciders:
        return Refused(Why.EYES, "an appeal is judged by somebody who decided nothing in this case")
    if step is Step.APPEAL:
        if case.disposition is None:
            return Refused(Why.STATE, "nothing was decided that could be appealed")
        if case.proposal is not None:
            return Refused(Why.STATE, "a new decision is being made: it can be appealed when it stands")
        if asking.appellant in asking.heard:
            return Refused(Why.STATE, "this appeal was judged already; the reasons stand in the case")
    return None


def _bound(case: Case, step: Step) -> Refused | None:
    """7."""
    if step in (Step.MERGE, Step.TRANSFER, Step.MOVE, Step.TRIAGE, Step.VERIFY) and case.proposal is not None:
        return Refused(Why.STATE, "a grave disposition waits: it is approved or refused first")
    if step in (Step.MERGE, Step.TRANSFER, Step.MOVE) and case.parts:
        return Refused(Why.STATE, "it speaks for others: take them out first (unmerge)")
    return None
