"""Duty: who must tell whom of what, from when on and within what time. Incident: what happened, as facts for duties.

Duties are data (docs/duties.md). No pack was read by a lawyer of ours: until a named person verifies one, every clock
of it reads "unverified", and nothing here ever says "compliant".
"""

from enum import StrEnum

import msgspec


class DutyStatus(StrEnum):
    IN_FORCE = "in-force"
    PROPOSED = "proposed"
    DRAFT = "draft"
    UNCONFIRMED = "unconfirmed"
    VOLUNTARY = "voluntary"


class ClockStart(StrEnum):
    """The moment from which a time runs. Regimes differ, and the difference can be days."""

    OCCURRENCE = "occurrence"
    NOTICING = "noticing"
    AWARENESS = "awareness"
    """The provider becomes aware."""
    DISCOVERY = "discovery"
    DETERMINATION = "determination"
    """It is determined, or reasonably believed, that it is an incident of this kind."""
    REASONABLE_BELIEF = "reasonable-belief"
    PAYMENT = "payment"
    """A ransom was paid."""
    RESOLUTION = "resolution"
    HANDLED = "handled"
    """Its handling ended."""
    PREVIOUS = "previous"
    """The report before this one was sent."""


class Unit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    """Calendar days in the duty's own time zone."""
    WORKING_DAYS = "working-days"
    WEEKS = "weeks"
    MONTHS = "months"
    """Same day of a later month; the month's last day where there is no such day (Regulation 1182/71, Article 3)."""


class Span(msgspec.Struct, frozen=True):
    value: int
    unit: Unit


class StepKind(StrEnum):
    FIRST = "first"
    EARLY_WARNING = "early-warning"
    NOTIFICATION = "notification"
    UPDATE = "update"
    FINAL = "final"
    SUMMARY = "summary"
    PERIODIC = "periodic"


class FactKind(StrEnum):
    NUMBER = "number"
    YES_NO = "yes-no"
    CHOICE = "choice"
    TEXT = "text"
    MOMENT = "moment"


FactValue = bool | int | float | str
"""A moment is RFC 3339 with its offset. What is not known is left out, never 0 or false."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, as known now. `facts` by the ids of `taxonomy/duties/facts.yaml`; `moments` in microseconds.

    The words of it are sealed with its case; what stands here is counts, choices and moments.
    """

    id: str
    case: str
    opened: int
    updated: int
    facts: dict[str, FactValue] = {}
    moments: dict[ClockStart, int] = {}
    duties: tuple[str, ...] = ()
    """Ids of the duties that a person said apply."""
    closed: int | None = None
    version: int = 1
    tags: dict[str, tuple[str, ...]] = {}
    """By dimension, words of the closed lists of `taxonomy/incident_tags.yaml`."""


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison behind a grade, shown as it was made."""

    grade: str
    fact: str
    at_least: float | bool | str | None
    """None where no source gives a figure: it is unknown then, and never counts as unmet for that."""
    value: FactValue | None
    met: bool | None
    """None where the fact or the figure is not known."""
    confirmed: str = ""
    source: str = ""
    unit: str = ""
    why: str = ""
    """How it came out where a look at both numbers does not tell."""


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """How grave an incident is under one regime, and every comparison behind it. `grade` "" where none is reached."""

    duty: str
    grade: str
    reportable: bool | None
    """None where facts that decide it are not known."""
    thresholds: tuple[Threshold, ...]
    unknown: tuple[str, ...] = ()
    """Facts that could still raise it."""
    possible: str = ""
    """The gravest grade that unknown facts or figures could still lead to."""
    scope: tuple[Threshold, ...] = ()
    """Comparisons on which it depends whether the duty is this organisation's at all. `grade` is ""."""
    verified: bool = False
    pack: str = ""
    """Digest of the pack that it was graded by."""


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """One clock: which step, from what moment, until when. `due` None while the moment is not known."""

    duty: str
    step: str
    kind: StepKind
    starts: ClockStart
    started: int | None
    due: int | None
    zone: str
    span: Span
    to: tuple[str, ...]
    verified: bool
    """Whether a named person stood for the pack; otherwise the clock reads "unverified"."""
    status: DutyStatus
    why: tuple[str, ...] = ()
    """How it was reckoned, step by step, for a person to check."""
    latest: int | None = None
    """By the other reading of the period, where two are defensible: `due` is the earlier one, this the later."""
    otherwise: int | None = None
    """Due as it would be if nothing that is unknown made it graver; `due` reckons with the gravest that may be."""
    doubt: tuple[str, ...] = ()
    """Facts to find out: with them the clock could run longer, or not at all."""
    sent: int | None = None
    """When this step was sent; of one that repeats, `due` is the next one."""
    applies: bool = True
    """False where the duty applies only to what began later (`why` says from when): `due` is None then."""
    past: bool = False
    """It is due, and was not sent."""
    over: bool = False
    """It was sent, and nothing more of it is asked for."""
    certain: bool = True
    """False where it is not known whether this step must be taken at all."""
    confirmed: str = ""
    """How far its time is known: S, D, M or unconfirmed."""
    source: str = ""


class DutyReportState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"
    WITHDRAWN = "withdrawn"


class DutyReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report under a duty's step: answers by field, what is missing, and how it was sent. A person sends it."""

    id: str
    incident: str
    duty: str
    step: str
    state: DutyReportState
    pack: str
    """Digest of the pack that it was made by."""
    made: int
    by: str
    lang: str
    partial: bool
    missing: tuple[str, ...] = ()
    follows: str | None = None
    approved_by: str | None = None
    sent: int | None = None
    sent_by: str | None = None
    sent_how: str = ""
    proof: str | None = None
    """The exhibit that proves the sending: an answer, a receipt, a screenshot."""
    digest: str = ""
    """SHA-256 of what was sent."""
