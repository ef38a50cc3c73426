"""Applicants: who asked this node to vouch for them, and what it found; results and digests, never the evidence.

No name, birth, document, nationality, country, language or address is here, and there is no field for one. Times in
microseconds.
"""

from enum import StrEnum

import msgspec

from tocsin.kernel.admission import SubjectStanding, VerificationLevel


class Method(StrEnum):
    """By what somebody was verified."""

    MAIL = "mail"
    """A code came back from an address; at a domain that the operator named, it is the organisation's."""
    PRESENTATION = "presentation"
    """A wallet presented a credential (OpenID4VP)."""
    LOGIN = "login"
    """An OpenID provider that the operator named said so, of whoever logged in there."""
    REVIEW = "review"
    """People looked, in a case."""


class EndedWhy(StrEnum):
    """Why a result ended before its time."""

    RENEWED = "renewed"
    ISSUER_REVOKED = "issuer-revoked"
    """The issuer took its credential back, or suspended it."""
    SOURCE_DROPPED = "source-dropped"
    """The operator no longer believes who vouched."""
    BASIS_ENDED = "basis-ended"
    """What it rested on ended."""
    WITHDRAWN = "withdrawn"
    BY_PERSON = "by-person"


class Applicant(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, by a number and a secret of which only the digest is kept. `subject` is their pseudonym here.

    `revision` grows with each change of what counts, so that a cached decision is known to be old. `consents` are the
    purposes for which they agreed to be matched with peers' vetted end users.
    """

    number: str
    secret_digest: bytes
    made: int
    subject: str
    standing: SubjectStanding = SubjectStanding.GOOD
    revision: int = 0
    consents: tuple[str, ...] = ()
    answer_key: bytes = b""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """One result. `evidence` is "sha256:" and the digest of what was shown, salted and signed as it was; `source` a
    pseudonym of who vouched, under this node's key; `rests_on` the result that a vetting needs; `by` a user id.

    `place` is where its status stands, sealed; `handle` what it is matched by, sealed, and only with consent.
    """

    id: str
    applicant: str
    level: VerificationLevel
    method: Method
    at: int
    until: int
    evidence: str
    source: str = ""
    purpose: str = ""
    rests_on: str = ""
    by: str = ""
    case: str = ""
    ended: int | None = None
    why_ended: EndedWhy | None = None
    place: bytes = b""
    handle: bytes = b""
    person: str = ""
    """A pseudonym, under this node's key, of whom an issuer named: what is in question follows them to a new number."""

    def stands(self, now: int) -> bool:
        """Whether it counts at this moment."""
        return self.ended is None and self.at <= now < self.until


class Stage(StrEnum):
    """How far a question to a wallet, a log-in, or a code by mail, has come. Each is used once."""

    ASKED = "asked"
    ANSWERED = "answered"
    """What came back holds; the person who asked has not taken it yet."""
    REFUSED = "refused"
    TAKEN = "taken"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question under way. `nonce` binds an answer to it; `code` is the digest of what the person brings back.

    `found` is the result, sealed, until it is taken, and before a log-in is answered its PKCE verifier; `why` is why it
    was refused. Nothing of it outlives its time.
    """

    state: str
    applicant: str
    method: Method
    source: str
    nonce: str
    made: int
    expires: int
    stage: Stage = Stage.ASKED
    code: bytes = b""
    found: bytes = b""
    why: str = ""


class ApplicantReview(msgspec.Struct, frozen=True, kw_only=True):
    """A case about an applicant: they asked to be vetted for `purpose`, or, with none, somebody here asked why.

    `report` is the number by which they follow it, with their own secret.
    """

    report: str
    applicant: str
    case: str
    purpose: str
    at: int
