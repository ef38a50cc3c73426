"""What a guard model said of one event, kept apart from the event."""

from enum import StrEnum

import msgspec


class GuardOutcome(StrEnum):
    """Only an answer that was read whole is clean; whatever went wrong is unknown, and asked again."""

    FLAGGED = "flagged"
    CLEAN = "clean"
    OUTSIDE = "outside"
    """The guard objects to a subject that is not conduct of the closed list: nothing follows from it."""
    UNKNOWN = "unknown"


class GuardVerdict(msgspec.Struct, frozen=True):
    """One guard's word on one event. Times in microseconds; `strength` 0 to 1.

    `tag` names the text under its day's key, so that a duplicate is not asked twice: no look-up table of texts, and
    nothing any more once the key is destroyed. `again` is when an unknown is asked again, None for never.
    """

    event: str
    guard: str
    version: str
    outcome: GuardOutcome
    at: int
    tag: bytes
    lang: str | None = None
    category: str = ""
    strength: float = 0.0
    tries: int = 0
    again: int | None = None
    why: str = ""
    """For an unknown: what went wrong, as a code."""
