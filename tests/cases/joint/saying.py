"""Parties of a joint case that say things to one another, some of whose post never arrives. Harmless, invented."""

import hashlib
from collections.abc import Iterable

from msgspec import UNSET

from tocsin.cases.joint import JointState, first_message, merge, next_message
from tocsin.kernel import EvidenceStatus
from tocsin.kernel.disposing import Measure
from tocsin.kernel.joint_cases import (
    Acceptance,
    Choice,
    Decision,
    Fact,
    Invitation,
    JointMessage,
    JointOutcome,
    JointRule,
    Part,
    Proposal,
    Says,
    Vote,
)
from tocsin.wire.stix.kinds_joint import JointMessageExtension, as_message


def key(name: str) -> str:
    return "sha256:" + hashlib.sha256(name.encode()).hexdigest()


A, B, C = sorted(map(key, ("harbour", "lighthouse", "ferry")))
"""A convenes."""

DAY = "2026-12-01T00:00:00.000Z"


def terms(rule: JointRule = JointRule.MAJORITY, **changes: str) -> Invitation:
    plain = {"category": "fraud.scam", "purpose": "Lottery letters on both platforms.", "until": DAY}
    return Invitation(convener=A, rule=rule, nonce="0" * 64, **(plain | changes))


class Table:
    """What has been said. Each party says what it says knowing what it was told."""

    def __init__(self, rule: JointRule = JointRule.MAJORITY, parties: Iterable[str] = (A, B, C)) -> None:
        invitation = first_message(terms(rule), parties)
        self.case = invitation.case
        self.parties = tuple(invitation.parties)
        self.all: list[JointMessage] = []
        self.knows: dict[str, list[JointMessage]] = {party: [] for party in self.parties}
        self._add(A, as_message(invitation, A))

    def _add(self, party: str, message: JointMessage) -> JointMessage:
        self.all.append(message)
        self.knows[party].append(message)
        return message

    def tell(self, party: str, *others: str) -> None:
        """`party` hears all that the others (everybody) know."""
        for other in others or self.parties:
            self.knows[party] += [one for one in self.knows[other] if one not in self.knows[party]]

    def meet(self) -> None:
        """Everybody hears everything."""
        for party in self.parties:
            self.knows[party] = list(self.all)

    def draft(self, party: str, says: Says) -> JointMessageExtension:
        return next_message(self.state(party), party, says)

    def say(self, party: str, says: Says) -> JointMessage:
        return self._add(party, as_message(self.draft(party, says), party))

    def forge(self, draft: JointMessageExtension, signer: str) -> JointMessage:
        """A message that `signer` signed whatever it says of its author."""
        return self._add(signer, as_message(draft, signer))

    def state(self, party: str = "") -> JointState:
        return merge(self.case, self.knows[party] if party else self.all)

    def joined(self, *parties: str) -> "Table":
        self.meet()
        for party in parties or self.parties[1:]:
            self.say(party, Acceptance())
        self.meet()
        return self


def fact(statement: str = "Forty accounts sent one letter.") -> Fact:
    return Fact(
        statement=statement,
        evidence=EvidenceStatus.OBSERVED,
        confidence=70,
        basis="Two reviewers read their own samples.",
    )


def proposal(*facts: str, parties: Iterable[str] = (A, B)) -> Proposal:
    parts = [Part(party=party, measures=[Measure.VISIBILITY_LABELLED]) for party in parties]
    return Proposal(
        title="Label the letters", parts=parts, facts=list(facts) or UNSET, reason="They ask for a fee."
    )


def vote(about: JointMessage, choice: Choice = Choice.YES) -> Vote:
    return Vote(proposal=about.id, choice=choice, reason="We saw the same.")


def decision(about: JointMessage, outcome: JointOutcome = JointOutcome.ADOPTED) -> Decision:
    return Decision(proposal=about.id, outcome=outcome, reason="By the votes.")
