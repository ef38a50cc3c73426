"""Warning: signals that together deserve a person."""

from enum import StrEnum

import msgspec


class Level(StrEnum):
    NONE = "N"
    LOW = "L"
    MEDIUM = "M"
    HIGH = "H"


class RiskVector(msgspec.Struct, frozen=True):
    """Five dimensions that interact (see docs/warnings.md). Written `TMR:1.0/U:M/S:H/A:H/C:N/G:M`."""

    uplift: Level = Level.NONE
    scale: Level = Level.NONE
    attribution: Level = Level.NONE
    coupling: Level = Level.NONE
    gaps: Level = Level.NONE

    def __str__(self) -> str:
        return (
            f"TMR:1.0/U:{self.uplift.value}/S:{self.scale.value}/A:{self.attribution.value}"
            f"/C:{self.coupling.value}/G:{self.gaps.value}"
        )


class WarningKind(StrEnum):
    PHRASE = "phrase"
    CAMPAIGN = "campaign"
    LOOK_BACK = "look-back"
    """A peer's indicator, corroborated by this node's own account evidence."""
    RULE = "rule"
    """A Sigma rule or correlation that this node runs."""
    SESSION = "session"
    """Risk that built up over one conversation."""
    AGENT = "agent"
    """What an agent did with its tools."""
    GUARD = "guard"
    """A guard model's word on texts."""
    TREND = "trend"
    """More of a category than its baseline explains."""
    SUM = "sum"
    """A private sum with other nodes rang: a call to look, corroborated by nothing but this node's own evidence."""


class WarningStatus(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    QUIETED = "quieted"
    """An active dismissal covers it, and its own evidence is below the strong level."""
    MERGED = "merged"
    """A person found it to be one thing with another warning, which speaks for both."""
    SNOOZED = "snoozed"
    """It waits until an end, or until it grows."""


class Reason(msgspec.Struct, frozen=True):
    """A sentence by code and numbers, so that every language can say it (`taxonomy.messages`)."""

    code: str
    values: dict[str, str | int | float] = {}


class Warning(msgspec.Struct, frozen=True):  # the field's word; never imported bare
    """Why, how many, since when, how sure, and what would refute it. Times in microseconds.

    `id` is deterministic (UUIDv5 of kind and key), so that finding the same thing again updates it.
    `key` is what identifies the thing across runs: a phrase id, a campaign's anchor event, an indicator id.
    `samples` are event ids for the masked samples that a reviewer may open.
    """

    id: str
    kind: WarningKind
    key: str
    category: str
    actors: int
    events: int
    first_seen: int
    last_seen: int
    score: float
    threshold: float
    confidence: int
    risk: RiskVector
    reasons: tuple[Reason, ...]
    refutations: tuple[Reason, ...]
    status: WarningStatus = WarningStatus.OPEN
    signature: bytes | None = None
    shingle_count: int = 0
    samples: tuple[str, ...] = ()
    timeline: tuple[tuple[int, int], ...] = ()
    """Pairs of (start of day in microseconds, events)."""
    indicator: str | None = None
    """For a look-back: the STIX id of the peer's indicator."""
    peer: str | None = None
    updated: int = 0


class Review(msgspec.Struct, frozen=True):
    """A person's disposition of a warning. `by` is a user id; `statement` is the reason in their words."""

    warning: str
    by: str
    at: int
    verdict: WarningStatus
    category: str
    statement: str
    basis: str
    expires: int | None = None
