"""What a store promises of counts over several nodes: consent, and each count from its proposal to its end.

A part of `interface`. No input is kept, and no message of the protocol: a session lives in memory.
"""

from enum import StrEnum
from typing import Protocol

import msgspec

from tocsin.kernel.distinct import Distinct, DistinctRoster


class DistinctState(StrEnum):
    """Where a count is at this node."""

    WAITING = "waiting"
    """For a yes of this node's operator."""
    AGREED = "agreed"
    """Here; others have not all said so."""
    RUNNING = "running"
    """It is paid, and the protocol runs."""
    DONE = "done"
    ENDED = "ended"
    """Without numbers; `why` says it."""


OPEN = (DistinctState.WAITING, DistinctState.AGREED, DistinctState.RUNNING)


class DistinctWhy(StrEnum):
    """Why a count ended without numbers. Members tell each other this word, and nothing more."""

    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    BUDGET = "budget"
    LEFT = "left"
    """A member fell silent."""
    RESTARTED = "restarted"
    BROKEN = "broken"
    """A member's message did not hold."""
    REPEATED = "repeated"
    """Somebody sent a value many times, to ask about it."""
    FAULT = "fault"
    """A member could not go on: its store, its key store, or its noise is away."""


class DistinctTerms(msgspec.Struct, frozen=True, kw_only=True):
    """One operator's consent to counts that a peer proposes, by its STIX identity.

    `cost` is what they may cost in all until it ends, in thousandths of epsilon. Times in microseconds.
    """

    peer: str
    kinds: tuple[str, ...]
    cost: int
    until: int
    by: str = ""
    at: int = 0


class DistinctCount(msgspec.Struct, frozen=True, kw_only=True):
    """One count as this node has it. Nodes are named by their STIX identities.

    `agreed` are members of whom a yes is known. It ended because of `who`, as this node saw it (`said` in its words),
    or by word of `told_by`. `counted` inputs of this node went in and `left_out` had no room: no other node is told.
    `spend` names what was paid.
    """

    session: str
    roster: DistinctRoster
    proposer: str
    at: int
    state: DistinctState
    agreed: tuple[str, ...] = ()
    step: int = 0
    why: str = ""
    who: str = ""
    said: str = ""
    told_by: str = ""
    begun: int = 0
    ended: int = 0
    spend: str = ""
    counted: int = 0
    left_out: int = 0
    result: Distinct | None = None


class DistinctStore(Protocol):
    """Consent by peer, and counts by session."""

    def agree(self, terms: DistinctTerms) -> None:
        """Keep consent, instead of what was agreed with the peer before."""
        ...

    def withdraw(self, peer: str) -> bool:
        """Take consent back; False where there was none."""
        ...

    def agreed(self) -> tuple[DistinctTerms, ...]:
        """What is agreed, by peer."""
        ...

    def propose(self, count: DistinctCount) -> bool:
        """Keep a count that is new; False where its session is known."""
        ...

    def change(self, count: DistinctCount, before: DistinctState) -> bool:
        """Keep a count in place of what was kept; False where it is not in this state any more."""
        ...

    def count(self, session: str) -> DistinctCount | None: ...

    def counts(self, *, open_only: bool = False, limit: int = 100) -> tuple[DistinctCount, ...]:
        """The newest first."""
        ...

    def cost(self, proposer: str, since: int) -> int:
        """What counts that a node proposed have cost since a moment."""
        ...


class DistinctStores(Protocol):
    """What of one node's memory is about counts over several nodes."""

    @property
    def distinct(self) -> DistinctStore: ...
