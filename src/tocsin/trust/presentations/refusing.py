"""Why a presentation is not believed: one word each, for a page to say in the reader's language."""

from enum import StrEnum

from tocsin.kernel import TocsinError


class Why(StrEnum):
    """Of what was presented; `REPLAYED` and `STALE_REQUEST` of when."""

    UNREADABLE = "unreadable"
    UNKNOWN_ISSUER = "unknown-issuer"
    SIGNATURE = "signature"
    """No key of its issuer signed it: whoever signed for themselves ends here."""
    TYPE = "type"
    """Another kind of credential than was asked for."""
    NOT_YET = "not-yet"
    EXPIRED = "expired"
    FORGED = "forged-disclosure"
    """The issuer did not sign what is disclosed, or not there, or not so."""
    UNASKED = "unasked-disclosure"
    """It shows more than was asked for: nothing of it is kept."""
    MISSING = "missing-claim"
    UNBOUND = "unbound"
    """It is bound to no key, or comes without the holder's signature: whoever copied it could show it."""
    HOLDER = "holder"
    """The holder's signature does not hold, or is over something else."""
    AUDIENCE = "audience"
    NONCE = "nonce"
    CLOCK = "clock"
    """The holder signed long before or after now."""
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    STATUS_UNKNOWN = "status-unknown"
    """It says where its status stands, and that could not be learnt."""
    REPLAYED = "replayed"
    STALE_REQUEST = "stale-request"
    DECLINED = "declined"
    """The holder said no, in their wallet."""


class PresentationRefused(TocsinError):
    """What was presented is not believed. Its message names no claim and no value."""

    code = "presentation-refused"
    status = 403
    exit_code = 1

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message)
        self.why = why
