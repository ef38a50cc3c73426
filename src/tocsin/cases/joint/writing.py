"""A party's next message: what it says, after its own last, with the last of every other party that it has."""

from collections.abc import Iterable

from msgspec import UNSET

from tocsin.cases.joint.state import JointState
from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.joint_cases import (
    MAX_JOINT_MESSAGES,
    MAX_JOINT_PARTIES,
    Invitation,
    JointStanding,
    Says,
    Seen,
)
from tocsin.wire.stix.kinds_joint import JointMessageExtension, case_digest

OVER = (JointStanding.DECLINED, JointStanding.LEFT)
"""Who hears no more: neither can join again, so nothing is missed."""


def first_message(terms: Invitation, others: Iterable[str]) -> JointMessageExtension:
    """The invitation of these parties by the convener. Raises BadInput for nobody, and for too many."""
    parties = sorted({terms.convener, *others})
    if not 2 <= len(parties) <= MAX_JOINT_PARTIES:
        raise BadInput(f"a joint case has 2 to {MAX_JOINT_PARTIES} parties, this node among them")
    return JointMessageExtension(
        case=case_digest(terms, parties),
        party=terms.convener,
        parties=parties,
        told=parties,
        number=1,
        says=terms,
    )


def next_message(state: JointState, party: str, says: Says) -> JointMessageExtension:
    """What `party` says next. Raises Conflict before the invitation came, and beyond the number that one may say."""
    if state.case is None:
        raise Conflict("the invitation has not come yet: pull from the convener first")
    heads = {name: (number, last) for name, number, last in state.heads}
    number, previous = heads.pop(party, (0, ""))
    if number >= MAX_JOINT_MESSAGES:
        raise Conflict(f"a party says at most {MAX_JOINT_MESSAGES} things in one case: open another")
    return JointMessageExtension(
        case=state.id,
        party=party,
        parties=list(state.case.parties),
        told=[one.party for one in state.members if one.standing not in OVER],
        number=number + 1,
        previous=previous or UNSET,
        seen=[Seen(party=name, number=known, message=last) for name, (known, last) in sorted(heads.items())]
        or UNSET,
        says=says,
    )
