"""Incident in hand: every change to it, who stands for a pack of duties, which alarms rang, who reads a calendar.

The incident itself and its reports are in `kernel.duties`. Times in microseconds.
"""

from enum import StrEnum

import msgspec


class ChangeKind(StrEnum):
    OPENED = "opened"
    FACT = "fact"
    MOMENT = "moment"
    DUTIES = "duties"
    TAGS = "tags"
    REPORT = "report"
    """One of its reports was drafted, edited, approved, sent or withdrawn."""
    CLOSED = "closed"
    REOPENED = "reopened"


class IncidentChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change, never changed itself: what stood there, what stands there now, who said so and when.

    `before` and `after` are counts, choices and moments as text, "" for unknown; no word of the case is among them.
    """

    incident: str
    number: int
    at: int
    by: str
    kind: ChangeKind
    name: str = ""
    """Which fact, moment, dimension or report."""
    before: str = ""
    after: str = ""
    reason: str = ""


class DutyVerification(msgspec.Struct, frozen=True, kw_only=True):
    """A named person stood for one text of a duty: that text, by its digest, and no other."""

    duty: str
    digest: str
    by: str
    at: int
    statement: str
    """What it was held against: a gazette, an opinion of counsel, with its date."""


class ClockAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """One word that a clock is about to run out, or ran out. Kept once, whatever channels hear of it."""

    id: str
    incident: str
    duty: str
    step: str
    due: int
    at: int
    level: str
    """"half", "last-quarter", "last-hour" or "past": how far the clock has run."""
    verified: bool = False


class CalendarFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A secret address of a calendar of deadlines, of one person. Only the digest of its secret is kept."""

    id: str
    user: str
    digest: bytes
    made: int
    revoked: int | None = None
