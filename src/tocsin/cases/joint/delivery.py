"""Which messages can be read: those whose author is a party, and all of whose forerunners came.

A message names its author's one before and the last of each other party that its author had. So what it rests on is
fixed by its own bytes, and is the same at every party.
"""

from collections.abc import Iterable, Mapping

import msgspec

from tocsin.cases.joint.state import Fork, Missing
from tocsin.kernel.joint_cases import Invitation, JointCase, JointMessage
from tocsin.wire.stix.kinds_joint import case_digest

NOT_ITS_WORD = "its signature is another party's than the one it speaks for"
NOT_A_PARTY = "its author is no party of this case"
OTHER_PARTIES = "it names other parties than the case has"
NOT_INVITED = "its author had not seen the invitation"
MISQUOTES = "what it says it follows is another party's, or of another number"
FORGETS = "its author says it knows less than it knew before"
NOT_CONVENER = "only the convener invites, with its first message"


class Delivered(msgspec.Struct, frozen=True):
    """Messages that can be read, each after all that it rests on; equal sets are in equal order.

    `past` holds by id all that a message rests on: bits of a number, by `place`.
    """

    messages: tuple[JointMessage, ...]
    past: Mapping[str, int]
    place: Mapping[str, int]
    refused: tuple[tuple[JointMessage, str], ...]
    missing: tuple[Missing, ...]
    waiting: tuple[JointMessage, ...]
    forks: tuple[Fork, ...]

    def had_seen(self, message: JointMessage, other: str) -> bool:
        """Whether `other` is among what a message rests on."""
        at = self.place.get(other)
        return at is not None and bool(self.past[message.id] >> at & 1)


def invitation_in(case: str, messages: Iterable[JointMessage]) -> tuple[JointCase, JointMessage] | None:
    """The case that its convener's invitation makes. There is at most one: the id is made of it."""
    for message in messages:
        says = message.says
        if not isinstance(says, Invitation) or message.number != 1 or message.seen:
            continue
        if message.case != case or case_digest(says, message.parties) != case:
            continue
        if message.party == message.signer == says.convener and says.convener in message.parties:
            found = JointCase(
                id=case,
                convener=says.convener,
                parties=message.parties,
                rule=says.rule,
                category=says.category,
                purpose=says.purpose,
                until=says.until,
            )
            return found, message
    return None


def deliver(case: JointCase, invitation: JointMessage, messages: Iterable[JointMessage]) -> Delivered:
    """Put the messages of a case in an order in which each can be read.

    1. What its author may not say at all is refused. 2. What follows a message wrongly is refused. 3. What rests on a
    message that did not come waits. 4. Two of one party under one number are a fork, whether or not they can be read.
    """
    refused: list[tuple[JointMessage, str]] = []
    left: dict[str, JointMessage] = {}
    # by signer too: whoever copies another's message word for word signs the same id, and must not take its place
    said = {(one.id, one.signer): one for one in messages}
    for _, message in sorted(said.items()):
        why = _not_said(case, invitation, message)  # 1
        if why:
            refused.append((message, why))
        else:
            left[message.id] = message
    forks = _forks(left.values())  # 4
    known = left.copy()
    past: dict[str, int] = {}
    place: dict[str, int] = {}
    depth: dict[str, int] = {}
    order: list[JointMessage] = []
    followers: dict[str, list[str]] = {}
    for message in left.values():
        for ref in set(_rests_on(message)):
            followers.setdefault(ref, []).append(message.id)
    lacking = {one.id: len(set(_rests_on(one))) for one in left.values()}
    ready = [name for name, lacks in lacking.items() if not lacks]
    while ready:
        message = left.pop(ready.pop())
        wrong = _misquotes(message, known)  # 2
        if wrong:
            refused.append((message, wrong))
            del known[message.id]
            continue
        refs = _rests_on(message)
        depth[message.id] = 1 + max((depth[ref] for ref in refs), default=0)
        bits = 0
        for ref in refs:
            bits |= past[ref] | 1 << place[ref]
        place[message.id] = len(order)
        past[message.id] = bits
        order.append(message)
        for name in followers.get(message.id, ()):  # 3
            lacking[name] -= 1
            if not lacking[name]:
                ready.append(name)
    return _in_order(order, past, place, depth, refused, left, forks)


def _in_order(
    order: list[JointMessage],
    past: Mapping[str, int],
    place: Mapping[str, int],
    depth: Mapping[str, int],
    refused: list[tuple[JointMessage, str]],
    left: Mapping[str, JointMessage],
    forks: tuple[Fork, ...],
) -> Delivered:
    """By depth, then id: the order in which they came leaves no trace."""
    lost = {one.id for one, _ in refused}
    quoted = {
        *(Missing(one.party, one.number - 1, one.previous) for one in left.values() if one.previous),
        *(Missing(seen.party, seen.number, seen.message) for one in left.values() for seen in one.seen),
    }
    return Delivered(
        messages=tuple(sorted(order, key=lambda one: (depth[one.id], one.id))),
        past=past,
        place=place,
        refused=tuple(sorted(refused, key=lambda one: one[0].id)),
        missing=tuple(sorted(one for one in quoted if one.message not in {*place, *left, *lost})),
        waiting=tuple(sorted(left.values(), key=lambda one: one.id)),
        forks=forks,
    )


def _not_said(case: JointCase, invitation: JointMessage, message: JointMessage) -> str:
    if message.signer not in case.parties:
        return NOT_A_PARTY
    if message.party != message.signer:
        return NOT_ITS_WORD
    if message.parties != case.parties:
        return OTHER_PARTIES
    if (
        isinstance(message.says, Invitation) or (message.party == case.convener and message.number == 1)
    ) and (message.id != invitation.id):
        return NOT_CONVENER
    if any(one.party not in case.parties or one.party == message.party for one in message.seen):
        return MISQUOTES
    if message.party != case.convener and not any(one.party == case.convener for one in message.seen):
        return NOT_INVITED
    return ""


def _rests_on(message: JointMessage) -> tuple[str, ...]:
    before = (message.previous,) if message.previous else ()
    return (*before, *(one.message for one in message.seen))


def _misquotes(message: JointMessage, known: Mapping[str, JointMessage]) -> str:
    before = known.get(message.previous) if message.previous else None
    if message.previous and (
        before is None or (before.party, before.number) != (message.party, message.number - 1)
    ):
        return MISQUOTES
    quoted = ((one, known.get(one.message)) for one in message.seen)
    if any(found is None or (found.party, found.number) != (one.party, one.number) for one, found in quoted):
        return MISQUOTES
    now = {one.party: one.number for one in message.seen}
    if before is not None and any(now.get(one.party, 0) < one.number for one in before.seen):
        return FORGETS
    return ""


def _forks(messages: Iterable[JointMessage]) -> tuple[Fork, ...]:
    said: dict[tuple[str, int], list[str]] = {}
    for message in messages:
        said.setdefault((message.party, message.number), []).append(message.id)
    return tuple(Fork(*key, tuple(sorted(ids))) for key, ids in sorted(said.items()) if len(ids) > 1)
