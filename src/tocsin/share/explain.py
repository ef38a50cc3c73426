"""Why a record may or may not go to a peer: each policy by itself, and what became of each field."""

import msgspec

from tocsin.kernel import BadInput, Entry, Peer, Record
from tocsin.share.look import Looks
from tocsin.share.questions import Questions
from tocsin.trust.policy import Policies, Rule
from tocsin.wire.stix import canonical, parse


class Spoke(msgspec.Struct, frozen=True):
    """A policy, and whether it applies to this record and peer: a permit that permits, a forbid that forbids."""

    rule: Rule
    applies: bool


class Explanation(msgspec.Struct, frozen=True):
    """`entry` is the record's line of the manifest, None when it is not among what would go now, and `why` not."""

    record: str
    peer: str
    purpose: str
    spoke: tuple[Spoke, ...]
    entry: Entry | None
    why: str


def spoken(policies: Policies, record: Record, peer: Peer, purpose: str, now: int) -> tuple[Spoke, ...]:
    """What each policy on sharing says of a record, read from its bytes. Raises BadInput when they are no record."""
    look = Looks().at(canonical(parse(record.stix)))
    if look.unsound is not None:
        raise BadInput(f"the record is not sound: {look.unsound}")
    question = Questions(policies, peer, purpose, now).question(
        record, look.conduct, look.handling, look.kind
    )
    return tuple(
        Spoke(rule=rule, applies=policies.alone(rule.id).applies(question))
        for rule in policies.described
        if rule.action == "share.release"
    )
