"""The question that the policies are asked, from a request and from what the node knows; and until when it is the same.

Enters: a request, the subject, their grants, the capability, the look of a person in the loop. Leaves: a question.
Refuses: to take anybody's word for what the node itself keeps.
"""

from collections.abc import Sequence

import msgspec

from tocsin.admit.control import NONE, ControlShown, ends, judge
from tocsin.admit.deciding import SHOWN
from tocsin.kernel.admission import (
    LEVELS,
    AccessQuestion,
    AccessRequest,
    Capability,
    ControlLook,
    Grant,
    Held,
    Subject,
    VerificationLevel,
)

EVERY = "*"
"""A grant of this is of every capability of its artefact."""


class Known(msgspec.Struct, frozen=True):
    """What the node knows of those that a request names. `record` is what the record of a person in the loop says, or
    why it says nothing; `look` is that look as the node keeps it now.
    """

    artefact: str
    subject: Subject
    grants: tuple[Grant, ...] = ()
    capability: Capability | None = None
    record: ControlShown | str = NONE
    look: ControlLook | None = None


def in_force(grants: Sequence[Grant], artefact: str, now: int) -> tuple[Grant, ...]:
    """Those of this artefact that count at this moment."""
    return tuple(
        one
        for one in grants
        if one.artefact == artefact and one.revoked is None and one.at <= now < one.until
    )


def question_of(
    request: AccessRequest, known: Known, attributes: Sequence[str], now: int
) -> tuple[AccessQuestion, int | None]:
    """The question, and the moment (microseconds) from which another would be asked by itself; None when none is."""
    grants = in_force(known.grants, known.artefact, now)
    subject = _vouched(known.subject, grants)
    level = subject.level(now)
    given = dict(request.attributes)
    control = known.record if isinstance(known.record, str) else None
    if not isinstance(known.record, str):
        control = judge(known.record, request, known.artefact, kept=known.look, now=now)
    capability = known.capability or Capability(known.artefact, request.capability)
    question = AccessQuestion(
        artefact=known.artefact,
        capability=request.capability,
        act=request.act,
        purpose=request.purpose,
        level=LEVELS.index(level),
        purposes=tuple(sorted(subject.purposes(now) & {request.purpose})),
        standing=subject.standing,
        granted=any(_names(one, request) for one in grants),
        terms=request.terms,
        least=LEVELS.index(capability.least),
        labelled=capability.labelled,
        human=capability.human,
        control=control or NONE,
        overlay=tuple((name, given.get(name, "")) for name in sorted(attributes)),
    )
    moments = [one.until for one in grants]
    if (changes := subject.changes(now)) is not None:
        moments.append(changes)
    if question.control == SHOWN and not isinstance(known.record, str):
        moments.append(ends(known.record))
    return question, min(moments, default=None)


def _names(grant: Grant, request: AccessRequest) -> bool:
    return grant.purpose == request.purpose and grant.capability in (EVERY, request.capability)


def _vouched(subject: Subject, grants: Sequence[Grant]) -> Subject:
    """With what whoever granted checked outside this node: it counts for that artefact and as long as the grant."""
    held = tuple(
        Held(
            one.vouches,
            one.until,
            one.evidence,
            purpose=one.purpose if one.vouches is VerificationLevel.VETTED else "",
        )
        for one in grants
        if one.vouches is not VerificationLevel.NONE
    )
    return msgspec.structs.replace(subject, held=(*subject.held, *held)) if held else subject
