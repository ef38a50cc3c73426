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
    LEFT = "left"
    """The other side said no more, or this one was stopped."""


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


class MatchWish(msgspec.Struct, frozen=True):
    """A session that a peer would hold, where each wants a yes. `id` is the same for the same wish; `until` counts
    once it was allowed."""

    id: str
    peer: str
    kind: str
    question: str
    reveal: str
    purpose: str
    points: int
    at: int
    allowed_by: str = ""
    until: int = 0


class MatchStore(Protocol):
    """Consent to match with peers, the sessions there were, and the budget of each week."""

    def agree(self, terms: "Terms", by: str, at: int) -> None:
        """Keep an operator's consent to sessions with one peer, instead of what was agreed with it before."""
        ...

    def agreed(self, peer: str) -> "Terms | None":
        """What was agreed with a peer; None means that nothing was."""
        ...

    def all_agreed(self) -> "tuple[Terms, ...]":
        """What was agreed with anybody, by peer."""
        ...

    def withdraw(self, peer: str) -> bool:
        """Take consent back, and what waited under it; False where there was none."""
        ...

    def wish(self, wish: MatchWish, most: int) -> bool:
        """Keep what a peer would ask, once; False where `most` of its wishes wait already."""
        ...

    def wishes(self) -> tuple[MatchWish, ...]:
        """What waits and what was allowed and not used yet, oldest first."""
        ...

    def allow(self, wish: str, by: str, until: int) -> MatchWish:
        """An operator's yes to one session, until a moment. Raises NotFound, Conflict where it was said before."""
        ...

    def use(self, wish: str, now: int) -> bool:
        """Take an allowed wish away, for the session that begins; False where none is allowed now."""
        ...

    def forget_wishes(self, *, before: int) -> int:
        """Drop what was asked before a moment; returns how many."""
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

    def session(self, session: str) -> MatchSession | None: ...

    def sessions(
        self, *, peer: str | None = None, outcome: MatchEnd | None = None, limit: int = 100
    ) -> tuple[MatchSession, ...]:
        """The newest first."""
        ...


class MatchStores(Protocol):
    """What of one node's memory is about private matching."""

    @property
    def matches(self) -> MatchStore: ...
