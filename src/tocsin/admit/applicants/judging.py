"""What evidence is worth: a level, until when. By its source and its time alone."""

import hashlib
import re
from collections.abc import Mapping

import msgspec

from tocsin.admit.applicants.sources import IssuerSource, ProviderSource, Purpose, Sources
from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.admission import LEVELS, VerificationLevel
from tocsin.kernel.applicants import Method, Verification

_DAY = 86_400_000_000
_SECOND = 1_000_000
_HANDLE = b"tocsin/vetted-end-user/1\x00"
MAX_ADDRESS_CHARS = 254
"""RFC 5321, 4.5.3.1.3, less the brackets."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{3,189}")


class Evidence(msgspec.Struct, frozen=True):
    """What is kept of evidence. `evidence` is "sha256:..."; times in microseconds."""

    level: VerificationLevel
    method: Method
    until: int
    evidence: str
    purpose: str = ""
    rests_on: str = ""


def by_presentation(
    source: IssuerSource, kind: str, *, expires: int | None, digest: str, now: int
) -> Evidence:
    """A credential of a type that the operator gave a level. `expires` in seconds; `digest` is hexadecimal."""
    until = now + source.days * _DAY
    if expires is not None:
        until = min(until, expires * _SECOND)
    return Evidence(source.gives[kind], Method.PRESENTATION, until, f"sha256:{digest}")


def by_mail(sources: Sources, address: str, *, digest: str, now: int) -> Evidence:
    """A code that came back from an address; at a domain that the operator named, it is an organisation's."""
    domain = address.rpartition("@")[2]
    level = VerificationLevel.ORGANISATION if domain in sources.organisations else VerificationLevel.EMAIL
    return Evidence(level, Method.MAIL, now + sources.mail_days * _DAY, f"sha256:{digest}")


def by_login(
    sources: Sources, source: ProviderSource, claims: Mapping[str, object], *, digest: str, now: int
) -> Evidence | None:
    """The highest level that a verified ID token gives; None where it gives none. No claim goes into what leaves.

    `email_verified` must be true itself, not a word that says so. A claim of several values is none of them.
    """
    domain = _verified_domain(claims)
    legal, until = source.legal, now + sources.mail_days * _DAY
    if legal and any(_same(claims.get(legal.claim), value) for value in legal.values):
        level, until = VerificationLevel.LEGAL_IDENTITY, now + source.days * _DAY
    elif domain in source.organisations:
        level = VerificationLevel.ORGANISATION
    elif domain and source.email:
        level = VerificationLevel.EMAIL
    else:
        return None
    return Evidence(level, Method.LOGIN, until, f"sha256:{digest}")


def _verified_domain(claims: Mapping[str, object]) -> str:
    """The domain of the address that a provider calls verified; empty without one."""
    address = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(address, str):
        return ""
    try:
        return normal_address(address).rpartition("@")[2]
    except BadInput:
        return ""


def _same(said: object, named: str | bool) -> bool:
    """JSON's true is not the number 1."""
    return type(said) is type(named) and said == named


def by_review(
    purpose: str, terms: Purpose, results: tuple[Verification, ...], *, days: int, digest: str, now: int
) -> Evidence:
    """A vetting by people. It ends no later than the identity it rests on. Raises Conflict, BadInput."""
    if not 1 <= days <= terms.days:
        raise BadInput(f"a vetting for {purpose} counts for 1 to {terms.days} days")
    least = LEVELS.index(terms.least)
    standing = [
        one
        for one in results
        if one.stands(now) and one.method is not Method.REVIEW and LEVELS.index(one.level) >= least
    ]
    if not standing:
        raise Conflict(
            f"a vetting for {purpose} rests on {terms.least.value} at least, and none is in force: have the applicant "
            "show it first"
        )
    basis = max(standing, key=lambda one: one.until)
    until = min(now + days * _DAY, basis.until)
    return Evidence(VerificationLevel.VETTED, Method.REVIEW, until, f"sha256:{digest}", purpose, basis.id)


def normal_address(typed: str) -> str:
    """A mail address as it is compared: its domain in small letters. Raises BadInput."""
    local, _, domain = typed.strip().rpartition("@")
    address = f"{local}@{domain.lower()}"
    if len(address) > MAX_ADDRESS_CHARS or not _ADDRESS.fullmatch(address) or ".." in address:
        raise BadInput("this is no mail address: it looks like somebody@example.org")
    return address


def handle_of(issuer: str, subject: str) -> bytes:
    """What two nodes that saw the same person call them: SHA-256 over issuer and its name for them.

    Whoever can guess the name can make it: it is an input to private matching, and never leaves as it is.
    """
    return hashlib.sha256(_HANDLE + issuer.encode() + b"\x00" + subject.encode()).digest()
