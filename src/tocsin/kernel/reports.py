"""Public report: what somebody told this node without an account, and the receipt by which they follow it."""

from enum import StrEnum

import msgspec

from tocsin.kernel.cases import CaseFlag


class ReportFile(msgspec.Struct, frozen=True):
    """A file as it was taken in: kept by digest, never shown inline. `stripped` says what was removed from it."""

    name: str
    """As a name of ours: "1.png". The sender's own name may name a person, and is not kept."""
    media_type: str
    """By its bytes, never by what the sender said."""
    size: int
    sha256: str
    """"" where it is not told: it lies sealed with the exhibit."""
    stripped: tuple[str, ...] = ()


class ReportContent(msgspec.Struct, frozen=True, kw_only=True):
    """What was said. Kept sealed."""

    what: str
    where: str = ""
    when: str = ""
    """In the reporter's words."""
    category: str = ""
    """What they think it is; "" for "I do not know"."""
    lang: str = "en"
    flags: tuple[CaseFlag, ...] = ()
    contact: str = ""
    """Optional; lies under a seal of its own and is opened as an audited act."""
    affected: bool = False
    """Whether they say that a measure was taken against them, rather than that others do harm."""


class PublicReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report as kept. `number` and the secret are the whole access; only the secret's digest is kept.

    Times in microseconds.
    """

    number: str
    secret_digest: bytes
    received: int
    case: str
    lang: str
    flags: tuple[CaseFlag, ...] = ()
    files: tuple[ReportFile, ...] = ()
    withdrawn: int | None = None
    affected: bool = False
    """As in `ReportContent`: it decides as whom they appeal, and lies outside the seal for that."""
    answer_key: bytes = b""
    """Public half of what their secret makes: what is answered is sealed to it, and opens with the secret alone."""


class ReportWordKind(StrEnum):
    ADDED = "added"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"
    CONTACT_ERASED = "contact-erased"
    DECIDED = "decided"
    """To the reporter: what was decided."""
    JUDGED = "judged"
    """To the reporter: what became of an appeal."""


class ReportWord(msgspec.Struct, frozen=True, kw_only=True):
    """That a reporter did something after the report, or was answered. What they wrote lies in the case.

    `sealed` is an answer, to the report's `answer_key`; b"" for none. `turn` counts from 1. Times in microseconds.
    """

    number: str
    turn: int
    at: int
    kind: ReportWordKind
    sealed: bytes = b""
    files: int = 0


class ReportReceipt(msgspec.Struct, frozen=True):
    """What the reporter is given, once."""

    number: str
    secret: str
