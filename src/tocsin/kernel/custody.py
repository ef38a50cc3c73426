"""Evidence: an exhibit by its digest, and every hand it went through."""

from enum import StrEnum

import msgspec


class CustodyAct(StrEnum):
    RECEIVED = "received"
    SEALED = "sealed"
    STRIPPED = "stripped"
    OPENED = "opened"
    COPIED = "copied"
    EXPORTED = "exported"
    TRANSFERRED = "transferred"
    HELD = "held"
    RELEASED = "released"
    VERIFIED = "verified"
    DESTROYED = "destroyed"
    QUARANTINED = "quarantined"


class Exhibit(msgspec.Struct, frozen=True, kw_only=True):
    """One thing kept for a case, by the SHA-256 (hex) of its bytes as received. Times in microseconds."""

    id: str
    case: str
    sha256: str
    size: int
    media_type: str
    name: str
    received: int
    by: str
    """A user id, "report" for what came with a public report, "node" for what this node made."""
    source: str = ""
    """Where it comes from, in words without a name."""
    original: str | None = None
    """The exhibit that this is a cleaned or translated copy of."""
    quarantined: bool = False
    held: bool = False
    """Under legal hold: retention does not take it."""
    expires: int | None = None
    destroyed: int | None = None
    moment: str = ""
    """When what it shows was so, in words or as a time: a screenshot is older than its receipt."""
    tool: str = ""
    """What made it: a browser, a camera, an export of some program."""
    note: str = ""
    """What somebody needs to know to understand it later."""
    received_sha256: str = ""
    """Of the bytes before what came along in them was left out; "" where nothing was."""
    stripped: tuple[str, ...] = ()


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Legal hold of a case with all its exhibits, or of one exhibit: until `until`, or until somebody releases it."""

    id: str
    case: str
    exhibit: str | None
    at: int
    by: str
    reason: str
    until: int | None = None
    released: int | None = None


class CustodyStep(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what to an exhibit, how, when and with what result.

    `chain` binds it to all steps before it, and the first to the exhibit; `signature` is the node's over that, by `key`
    (`cases.evidence.chain`). Says nothing of what the exhibit is: it outlives it.
    """

    exhibit: str
    number: int
    at: int
    by: str
    act: CustodyAct
    how: str
    result: str
    chain: bytes = b""
    signature: bytes = b""
    key: bytes = b""
    """Public half of the key that signed: a node changes its key, and its old signatures stay."""
