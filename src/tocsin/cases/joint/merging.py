"""The state of a joint case, of whatever messages there are: the order in which they came leaves no trace."""

from collections.abc import Iterable

from tocsin.cases.joint.delivery import Delivered, deliver, invitation_in
from tocsin.cases.joint.judging import Judged, facts_of
from tocsin.cases.joint.state import (
    MAX_SHOWN_REFUSED,
    CastVote,
    Closed,
    JointState,
    Member,
    Missing,
    RefusedMessage,
    SharedDecision,
    SharedFact,
    SharedProposal,
    SharedTask,
)
from tocsin.kernel.joint_cases import (
    Attributes,
    Close,
    Decision,
    Fact,
    FactWithdrawn,
    JointMessage,
    JointRule,
    Proposal,
    Task,
    TaskDeclined,
    TaskDone,
    Vote,
)

AT_ONCE = "another decision was made without knowledge of this one, and comes first"
UNSURE = "its author said two things under one number, and this is its word alone"


def merge(case: str, messages: Iterable[JointMessage]) -> JointState:
    """What the messages of a case say together.

    1. Without the invitation nothing is read: it says who the parties are. 2. Messages are put in an order in which
    each can be read (`deliver`). 3. Each is judged by what its author had seen (`Judged`). 4. What counts is the state.
    """
    said = [one for one in messages if one.case == case]
    found = invitation_in(case, said)  # 1
    if found is None:
        lacks = (Missing("", 1),) if said else ()
        return JointState(id=case, missing=lacks, waiting=len({one.id for one in said}))
    joint, invitation = found
    delivered = deliver(joint, invitation, said)  # 2
    return _state(Judged(joint, delivered), delivered)  # 3, 4


def _state(judged: Judged, delivered: Delivered) -> JointState:
    case = judged.case
    forked: dict[str, int] = {}
    for fork in delivered.forks:  # by party, then number
        forked.setdefault(fork.party, fork.number)
    closings = tuple(judged.counting(Close))
    refused = _refused(judged, delivered)
    return JointState(
        id=case.id,
        case=case,
        members=tuple(
            Member(party, judged.standing(judged.of(party)), len(judged.of(party)), forked.get(party))
            for party in case.parties
        ),
        facts=tuple(_fact(judged, one, forked) for one in judged.counting(Fact)),
        tasks=tuple(_task(judged, one) for one in judged.counting(Task)),
        proposals=tuple(_proposal(judged, one, forked) for one in judged.counting(Proposal)),
        closed=_closed(judged, closings[0]) if closings else None,
        forks=delivered.forks,
        heads=tuple(
            (party, last.number, last.id)
            for party in case.parties
            if (last := min(judged.of(party), key=lambda one: (-one.number, one.id), default=None))
        ),
        refused=refused[:MAX_SHOWN_REFUSED],
        refused_beyond=max(0, len(refused) - MAX_SHOWN_REFUSED),
        missing=delivered.missing,
        waiting=len(delivered.waiting),
    )


def _fact(judged: Judged, message: JointMessage, forked: dict[str, int]) -> SharedFact:
    says = message.says
    assert isinstance(says, Fact)
    taken_back = next(judged.about(message.id, FactWithdrawn), None)
    return SharedFact(
        id=message.id,
        party=message.party,
        statement=says.statement,
        evidence=says.evidence.value,
        confidence=says.confidence,
        basis=says.basis,
        attribution=says.attribution if isinstance(says.attribution, Attributes) else None,
        withdrawn=taken_back.says.reason
        if taken_back is not None and isinstance(taken_back.says, FactWithdrawn)
        else None,
        disputed=_doubtful(message, forked),
    )


def _task(judged: Judged, message: JointMessage) -> SharedTask:
    says = message.says
    assert isinstance(says, Task)
    done = next(
        (one.says.result for one in judged.about(message.id, TaskDone) if isinstance(one.says, TaskDone)),
        None,
    )
    declined = next(
        (
            one.says.reason
            for one in judged.about(message.id, TaskDeclined)
            if isinstance(one.says, TaskDeclined)
        ),
        None,
    )
    return SharedTask(
        id=message.id,
        party=message.party,
        whose=says.whose,
        what=says.what,
        due=says.due,
        done=done,
        declined=declined,
    )


def _proposal(judged: Judged, message: JointMessage, forked: dict[str, int]) -> SharedProposal:
    says = message.says
    assert isinstance(says, Proposal)
    decisions = _decisions(judged, message.id, forked)
    return SharedProposal(
        id=message.id,
        party=message.party,
        title=says.title,
        reason=says.reason,
        parts=tuple(says.parts),
        facts=facts_of(says),
        votes=_votes(judged, message.id, decisions, forked),
        decisions=decisions,
        disputed=_doubtful(message, forked),
    )


def _decisions(judged: Judged, proposal: str, forked: dict[str, int]) -> tuple[SharedDecision, ...]:
    """The first that holds stands: for all, or each for itself the first of each party."""
    own_word = judged.case.rule in (JointRule.CONVENER, JointRule.EACH)
    found: list[SharedDecision] = []
    taken: set[str] = set()
    for message in judged.about(proposal, Decision):
        says = message.says
        assert isinstance(says, Decision)
        whose = message.party if judged.case.rule is JointRule.EACH else ""
        why_not = UNSURE if own_word and _doubtful(message, forked) else AT_ONCE if whose in taken else ""
        if not why_not:
            taken.add(whose)
        heard = {
            one.party
            for one in judged.delivered.messages
            if one.party != message.party and judged.delivered.had_seen(one, message.id)
        }
        found.append(
            SharedDecision(
                id=message.id,
                party=message.party,
                outcome=says.outcome,
                reason=says.reason,
                stands=not why_not,
                why_not=why_not,
                known_to=tuple(sorted(heard)),
            )
        )
    return tuple(found)


def _votes(
    judged: Judged, proposal: str, decisions: tuple[SharedDecision, ...], forked: dict[str, int]
) -> tuple[CastVote, ...]:
    """Every vote that is one, by party and number; of each party one is counted, the last before the decision."""
    cast = sorted(judged.about(proposal, Vote), key=lambda one: (one.party, one.number, one.id))
    decided = next((one for one in decisions if one.stands), None)
    if decided is None or judged.case.rule is JointRule.EACH:
        counted = {one.party: one for one in cast if not _doubtful(one, forked)}
        late: set[str] = set()
    else:
        decision = next(one for one in judged.about(proposal, Decision) if one.id == decided.id)
        counted = judged.counted(decision, proposal)
        late = {one.id for one in cast if not judged.delivered.had_seen(decision, one.id)}
    counting = {one.id for one in counted.values()}
    return tuple(
        CastVote(
            id=one.id,
            party=one.party,
            number=one.number,
            choice=one.says.choice,
            reason=one.says.reason,
            counts=one.id in counting,
            late=one.id in late,
        )
        for one in cast
        if isinstance(one.says, Vote)
    )


def _closed(judged: Judged, message: JointMessage) -> Closed:
    says = message.says
    assert isinstance(says, Close)
    undecided = (
        one.id
        for one in judged.counting(Proposal)
        if judged.delivered.had_seen(message, one.id)
        and not any(
            judged.delivered.had_seen(message, decision.id) for decision in judged.about(one.id, Decision)
        )
    )
    return Closed(by=message.party, reason=says.reason, undecided=tuple(sorted(undecided)))


def _refused(judged: Judged, delivered: Delivered) -> tuple[RefusedMessage, ...]:
    found = [
        *delivered.refused,
        *((one, judged.why[one.id]) for one in delivered.messages if judged.why[one.id]),
    ]
    return tuple(
        RefusedMessage(one.id, one.signer, one.number, str(one.says.__struct_config__.tag), why)
        for one, why in sorted(found, key=lambda pair: (pair[0].id, pair[0].signer))
    )


def _doubtful(message: JointMessage, forked: dict[str, int]) -> bool:
    return message.number >= forked.get(message.party, message.number + 1)
