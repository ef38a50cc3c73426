"""Authority request: somebody with public power asks this node for something of one case, and what became of it."""

from enum import StrEnum

import msgspec


class AuthorityKind(StrEnum):
    """Who asks. The public count is by kind, never by name."""

    COURT = "court"
    PROSECUTOR = "prosecutor"
    POLICE = "police"
    REGULATOR = "regulator"
    INTELLIGENCE = "intelligence"
    OTHER = "other"


class Asked(StrEnum):
    """What may be asked for at all: a closed list. Nothing on it is a search."""

    EVIDENCE = "evidence"
    """The exhibits of the case, as a package that can be verified."""
    DECISION = "decision"
    """What was decided, and why."""
    ACCOUNT = "account"
    """What the service knows of the account that the case is about."""
    PRESERVE = "preserve"
    """That nothing of it be deleted until a day; nothing is handed over."""


class RequestState(StrEnum):
    OPEN = "open"
    """One person took it in; a second has not yet said."""
    GRANTED = "granted"
    PARTLY = "partly-granted"
    REFUSED = "refused"
    ANSWERED = "answered"
    """What was granted was handed over."""


class Floor(StrEnum):
    """Why code refuses, whatever a law, a policy or a person here says."""

    NO_BASIS = "no-basis"
    BULK = "bulk"
    """It names no case, or more than one."""
    SOURCES = "journalist-sources"
    """The case would tell who spoke to a journalist."""
    NOTHING_ASKED = "nothing-asked"
    OWN_RULE = "own-rule"
    """A rule in this node's folder refuses such requests."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the person concerned was told. A bar is a law that forbids it, and it ends."""

    told: int | None = None
    bar: str = ""
    bar_until: int | None = None


class AuthorityRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request, without the words in it: those lie sealed beside it (`RequestWords`). Times in microseconds.

    `opened_by` and `approved_by` are user ids of two humans.
    """

    id: str
    case: str
    """The one case; "" where the request was refused because it named none, or several."""
    kind: AuthorityKind
    jurisdiction: str
    """ISO 3166-1, two letters, or "EU"."""
    asked: tuple[Asked, ...]
    at: int
    deadline: int | None
    opened_by: str
    state: RequestState
    emergency: bool = False
    """Somebody's life or limb is in danger now: answered on one person's word, the second within a day."""
    granted: tuple[Asked, ...] = ()
    approved_by: str | None = None
    approved_at: int = 0
    refused_by: str | None = None
    refused_at: int = 0
    floor: Floor | None = None
    answered_at: int = 0
    package: str = ""
    """What was handed over, by digest ("sha256:..."); "" where nothing was."""
    notice: Notice = Notice()
    version: int = 1


class RequestWords(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says in words: kept sealed, for it may name people."""

    authority: str
    reference: str
    """The authority's own file number."""
    basis: str
    """The law or order that it rests on, by article or file number."""
    why: str = ""
    """What the authority says it is for."""
    danger: str = ""
    """Of an emergency: who is in danger of what."""
    reasons: tuple[str, ...] = ()
    """What people here wrote: of a grant, a part of one, a refusal."""


class RequestStep(msgspec.Struct, frozen=True, kw_only=True):
    """One act on a request, never changed. `chain` binds it to all before it, `signature` is the node's over that."""

    request: str
    number: int
    at: int
    by: str
    act: str
    """"open", "approve", "confirm", "refuse", "answer", "notice"."""
    detail: dict[str, str | int] = {}
    chain: bytes = b""
    signature: bytes = b""
