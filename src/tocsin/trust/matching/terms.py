"""What an operator agreed to, and what a peer has used up. Nothing agreed means refuse.

Enters: terms, a proposal, the present. Leaves: nothing, or why not. The spending is kept by whoever calls: it must be
on the disk before a single point is evaluated, for else a crash would give it back.
"""

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from tocsin.kernel import BadInput, NotAllowed
from tocsin.kernel.clock import micros
from tocsin.kernel.limits import MAX_CLOCK_SKEW_SECONDS
from tocsin.trust.matching.kinds import MatchKind
from tocsin.trust.matching.messages import Proposal, Question, Reveal
from tocsin.trust.matching.sizes import MAX_POINTS, require_step

EPOCH_DAYS = 7
_MICROS = 1_000_000
_EPOCH_MICROS = EPOCH_DAYS * 86_400 * _MICROS

WEEKLY = {
    MatchKind.BAND: 50_000,
    MatchKind.PHONE: 200_000,
    MatchKind.ADDRESS_PREFIX: 200_000,
    MatchKind.END_USER: 10_000,
}
"""Points a peer may have evaluated in a week, whatever the terms say. Each is a guess at one value, and these are the
kinds whose values can be listed: 200,000 is a five-thousandth of a country's telephone numbers; more end users than
10,000 are a register, and none is matched."""

COUNTED_ALONE = frozenset({MatchKind.END_USER})
"""Kinds of which a session says how many, never which: people who are known to both."""


class Terms(Struct, frozen=True, kw_only=True):
    """One operator's consent to sessions with one peer; ends at `until` (microseconds)."""

    peer: str
    kinds: frozenset[MatchKind]
    questions: frozenset[Question]
    reveals: frozenset[Reveal]
    weekly: int
    """Points of the peer's that are evaluated in a week, for each kind."""
    until: int
    standing: bool = True
    """Whether sessions of the peer's begin by this alone; otherwise an operator says yes to each."""
    pledged: bool = False
    """Whether both sides pledge before each session (`accountable`); then one without pledges does not begin."""


class Spending(Protocol):
    """The persisted record of sessions and what they used."""

    def begin(self, proposal: Proposal, most: int) -> None:
        """Keep the session and its points, durably, before anything is evaluated.

        Raises Conflict for a session that was begun before, NotAllowed where the peer would have more than `most`
        points of this kind in this epoch.
        """


def epoch_of(now: datetime) -> int:
    """The number of a week since 1970-01-01, a Thursday."""
    return micros(now) // _EPOCH_MICROS


def most_points(terms: Terms, kind: MatchKind) -> int:
    """What the peer may use in a week."""
    return min(terms.weekly, WEEKLY.get(kind, MAX_POINTS))


def require(terms: Terms | None, proposal: Proposal, me: str, peer: str, now: datetime) -> None:
    """Whether a proposal is for this node, by this peer, and within what was agreed.

    1. It names the two parties that the signed exchange names. 2. There are terms, and they have not ended. 3. They
    hold its kind, question and reveal; of people it asks how many. 4. Its size is a step. 5. Its time is now, its epoch
    this week's.

    Raises NotAllowed or BadInput.
    """
    if (proposal.client, proposal.server) != (peer, me):  # 1
        raise NotAllowed("the proposal names other parties than those who speak")
    at = micros(now)
    if terms is None or terms.peer != peer or at >= terms.until:  # 2
        raise NotAllowed("nobody here has agreed to match with this peer; its operator asks ours first")
    if not (  # 3
        proposal.kind in terms.kinds
        and proposal.question in terms.questions
        and proposal.reveal in terms.reveals
    ):
        raise NotAllowed("what was agreed with this peer holds no such session; its operator asks ours first")
    require_counted(proposal.kind, proposal.question)
    require_step(proposal.points)  # 4
    if abs(proposal.made - at) > MAX_CLOCK_SKEW_SECONDS * _MICROS:  # 5
        raise BadInput("the proposal is not of now; set the clocks, then propose anew")
    if proposal.epoch != proposal.made // _EPOCH_MICROS:
        raise BadInput("the proposal names another week than its time; propose anew")


def require_counted(kind: MatchKind, question: Question) -> None:
    """That nobody asks which of a kind that is counted alone. Raises NotAllowed."""
    if kind in COUNTED_ALONE and question is not Question.HOW_MANY:
        raise NotAllowed(f"of {kind} a session says how many, never which: ask how-many")
