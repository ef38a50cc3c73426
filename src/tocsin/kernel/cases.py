"""Case: a warning or an outside report in human hands, from its arrival to its end, with every act on it.

The states and who may go from which to which are drawn in docs/cases.md; `cases.states` decides. Times in microseconds.
"""

from enum import StrEnum

import msgspec

from tocsin.kernel.disposing import Appeal, Disposition


class CaseState(StrEnum):
    RECEIVED = "received"
    TRIAGED = "triaged"
    """Somebody looked: it has a category, an urgency and a queue."""
    VERIFIED = "verified"
    """The facts were found out, whether they bear the report out or not."""
    DISPOSED = "disposed"
    """Decided, with reasons that the persons concerned can read."""
    APPEALED = "appealed"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    CLOSED = "closed"
    MERGED = "merged"
    """It is one thing with another case, which speaks for both."""
    TRANSFERRED = "transferred"
    """Another organisation has it now."""


class CaseOrigin(StrEnum):
    REPORT = "report"
    """Somebody reported it, without an account."""
    WARNING = "warning"
    PEER = "peer"
    MAIL = "mail"
    OWN = "own"
    """A person here opened it."""
    APPLICATION = "application"
    """Somebody asked to be vetted, or a person here asks about an applicant."""


class Urgency(StrEnum):
    """Of most urgent first where a queue is sorted; see RANK."""

    IMMINENT = "imminent"
    """Somebody may be in danger now."""
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


RANK = {Urgency.IMMINENT: 0, Urgency.HIGH: 1, Urgency.NORMAL: 2, Urgency.LOW: 3}


class CaseFlag(StrEnum):
    """What routes a case at once."""

    IMMINENT_DANGER = "imminent-danger"
    SPECIAL_GROUP = "special-group"
    """A child, an older person, a person with a disability, somebody who fled: a group that the law protects."""
    CHILD_MATERIAL = "child-material"
    """Suspected material of child abuse: quarantined, never previewed, copied, matched, exported or shown to others."""
    JOURNALIST_SOURCE = "journalist-source"
    """It would tell who spoke to a journalist: nothing of it is ever given to an authority."""


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """Where cases wait. A restricted queue exists for its members alone, whatever roles others have.

    `members` are user ids, and count in a restricted queue only. Hours are those of the clock, not of the office.
    """

    id: str
    name: dict[str, str]
    """By language, "en" at least."""
    restricted: bool = False
    members: tuple[str, ...] = ()
    claim_hours: int = 24
    """From its arrival until somebody should have claimed it."""
    decide_hours: int = 168
    """From the last claim until it should be decided."""
    claim_lasts_hours: int = 48
    """A claim that nobody renews ends by itself, and the case is free again."""
    appeal_days: int = 180
    """How long a decision may be appealed (DSA, Article 20: six months at least)."""
    takes: tuple[CaseFlag, ...] = ()
    """What goes here at once."""


GENERAL, URGENT, PROTECTED, CHILD_SAFETY, APPLICANTS = (
    "general",
    "urgent",
    "protected",
    "child-safety",
    "applicants",
)
"""Queues that every node has."""


class Claim(msgspec.Struct, frozen=True):
    """Whose case it is for now. `until` ends it."""

    by: str
    at: int
    until: int


class CaseWords(msgspec.Struct, frozen=True):
    """What is said in a case in people's own words. Kept sealed; of a restricted queue, to its members' keys alone."""

    title: str = ""
    what: str = ""
    where: str = ""
    """Address of the place: a link, a name of a service."""
    notes: tuple[str, ...] = ()


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it is now. What was said lies sealed beside it (`CaseWords`), what was done in its acts.

    `id` is drawn, never counted: numbers that count would tell how many cases others cannot see.
    """

    id: str
    queue: str
    state: CaseState
    origin: CaseOrigin
    received: int
    updated: int
    category: str = ""
    """Of the closed list of conduct (`taxonomy.conduct`); "" until triage."""
    urgency: Urgency = Urgency.NORMAL
    flags: tuple[CaseFlag, ...] = ()
    lang: str = "en"
    """Of the person who is owed an answer."""
    report: str | None = None
    """Number of the report that it began with."""
    warning: str | None = None
    claim: Claim | None = None
    due: int = 0
    """When the next step should have been taken: from arrival, or from the last claim."""
    escalated: int = 0
    """How often it was past due and somebody above was told."""
    proposal: Disposition | None = None
    """A grave disposition that waits for a second person."""
    disposition: Disposition | None = None
    appeal: Appeal | None = None
    merged_into: str | None = None
    parts: tuple[str, ...] = ()
    """Cases that were merged into this one."""
    split_from: str | None = None
    transferred_to: str | None = None
    """The name of a peer, or of an organisation that is none."""
    incident: str | None = None
    joint: str | None = None
    """The joint case that it is part of."""
    version: int = 1
    """Grows by one with every act: who acts on an older one is told so. It is the number of the last act."""
    tell: int = 0
    """When somebody above is told next that it is late; 0 where nothing is due."""


class CaseAct(msgspec.Struct, frozen=True, kw_only=True):
    """One act on a case, never changed. `chain` binds it to all before it (`cases.timeline`)."""

    case: str
    number: int
    at: int
    by: str
    act: str
    """"received", "claim", "triage", "verify", "propose", "dispose", "appeal", "uphold", "overturn", "close" ..."""
    was: CaseState | None
    now: CaseState
    reasons: str = ""
    """Sealed where the case is."""
    detail: dict[str, str | int | float] = {}
    chain: bytes = b""
    said: bytes = b""
    """SHA-256 of the sealed reasons; empty where none were given. The chain holds it and is checked without a key."""
