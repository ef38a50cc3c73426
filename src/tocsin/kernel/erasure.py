"""What is kept of an erasure, and what stands in its way."""

import msgspec


class Hold(msgspec.Struct, frozen=True):
    """A legal hold on one account, by its pseudonym: nothing of it is erased until the hold is lifted or ends.

    Times in microseconds. A hold prolongs no retention: it stops an erasure, it keeps no day's key alive.
    """

    id: str
    account: str
    by: str
    at: int
    reason: str
    until: int | None = None
    lifted: int | None = None

    def stands(self, now: int) -> bool:
        """Whether it counts at a moment."""
        return self.lifted is None and (self.until is None or self.until > now)


class Erasure(msgspec.Struct, frozen=True):
    """The receipt of one erasure. It names nobody: `ticket` is a MAC that only this node's key store can recompute.

    `events` lost their names, `texts` are gone, over `days` days of receipt. `by` and `approved` are user ids.
    """

    ticket: str
    at: int
    by: str
    approved: tuple[str, ...]
    reason: str
    events: int
    texts: int
    days: int
