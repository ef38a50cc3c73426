"""What a store promises of private matching: terms, sessions, and what is spent. A part of `interface`.

No input, no point and no tag is kept: of a session its manifest (who, what kind, for what, how many) and its end.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import msgspec

from tocsin.kernel.clock import Clock

if TYPE_CHECKING:
    from tocsin.trust.matching import Spending, Terms


class MatchRole(StrEnum):
    """On which side of a session this node was."""

    ASKED = "asked"
    ANSWERED = "answered"


class MatchEnd(StrEnum):
    """How a session stands. Whatever it is, its points are spent."""

    BEGUN = "begun"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


class MatchSession(msgspec.Struct, frozen=True):
    """The manifest of one session. `session` in hexadecimal, `points` the client's padded size, `at` microseconds."""

    session: str
    role: MatchRole
    peer: str
    kind: str
    question: str
    reveal: str
    purpose: str
    epoch: int
    points: int
    at: int
    outcome: MatchEnd
    found: int | None = None
    """How many both had, as far as this side learnt it."""


class MatchStore(Protocol):
    """Consent to match with peers, the sessions there were, and the budget of each week."""

    def agree(self, terms: "Terms", by: str, at: int) -> None:
        """Keep an operator's consent to sessions with one peer, instead of what was agreed with it before."""
        ...

    def agreed(self, peer: str) -> "Terms | None":
        """What was agreed with a peer; None means that nothing was."""
        ...

    def withdraw(self, peer: str) -> bool:
        """Take consent back; False where there was none."""
        ...

    def spending(self, role: MatchRole, clock: Clock) -> "Spending":
        """The record that a party of a session writes to before a point is evaluated.

        Its `begin` is one durable transaction, and of two at once that together spend too much one is refused.
        """
        ...

    def spent(self, peer: str, role: MatchRole, kind: str, epoch: int) -> int:
        """Points of a week."""
        ...

    def finish(self, session: str, outcome: MatchEnd, found: int | None = None) -> None:
        """Note how a session ended, once. Raises NotFound, or Conflict where it ended before."""
        ...

    def sessions(self, *, peer: str | None = None, limit: int = 100) -> tuple[MatchSession, ...]:
        """The newest first."""
        ...


class MatchStores(Protocol):
    """What of one node's memory is about private matching."""

    @property
    def matches(self) -> MatchStore: ...
