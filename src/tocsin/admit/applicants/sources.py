"""Whom this node believes about end users: the operator's file `applicants.yaml`. Nothing in it, nobody is verified.

Enters: the file. Leaves: issuers with their pinned keys, OpenID providers, domains of organisations, purposes.
Refuses: a file that cannot be read, keys that are none, and a claim that is an attribute of a person as what tells two
of them apart or as what shows a legal identity.
"""

import re
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from tocsin.kernel import BadInput
from tocsin.kernel.admission import VerificationLevel
from tocsin.taxonomy.yaml_files import FileKind

FILE_NAME = "applicants.yaml"
MAX_FILE_BYTES = 256 << 10
FILES = FileKind("", "docs/end-users.md", MAX_FILE_BYTES)
MAX_ISSUERS = 64
MAX_PROVIDERS = 32
"""Each is a button on a person's page, and a line that this node keeps."""
MAX_PURPOSES = 64
MAX_DOMAINS = 1_000
RESULT_DAYS = 365
"""A result is looked at anew each year, however long its credential lives."""
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_DOMAIN = re.compile(r"(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")

TELLING = frozenset(
    {
        "name",
        "given_name",
        "family_name",
        "birth_family_name",
        "birth_given_name",
        "birthdate",
        "birth_date",
        "date_of_birth",
        "age",
        "place_of_birth",
        "address",
        "email",
        "phone_number",
        "sex",
        "gender",
        "nationality",
        "nationalities",
        "picture",
        "portrait",
        "locale",
        "document_number",
        "personal_administrative_number",
        "issuing_country",
        "country",
        "language",
    }
)
"""Claims of identity credentials that are attributes of a person (ARF, PID rule book; OpenID Connect Core, 5.1)."""

_LEVELS = (VerificationLevel.ORGANISATION, VerificationLevel.LEGAL_IDENTITY)
Days = Annotated[int, Meta(ge=1, le=3_650)]


class IssuerSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An issuer of credentials that is believed. `gives` maps a type of credential (`vct`) to a level."""

    name: Annotated[str, Meta(description="What applicants see, and what a wallet question is asked by.")]
    issuer: Annotated[str, Meta(min_length=1, max_length=2_048, description="Its `iss`.")]
    keys: Annotated[dict[str, Any], Meta(description="Its JWK set, pinned: none is fetched.")]
    gives: Annotated[
        dict[Annotated[str, Meta(max_length=2_048)], VerificationLevel],
        Meta(
            min_length=1, max_length=16, description="Type of credential to organisation or legal-identity."
        ),
    ]
    subject: Annotated[
        str,
        Meta(
            max_length=64,
            description="The one claim that is asked for: what the issuer calls this person to every verifier. "
            "It is made into a handle for matching with peers, sealed and kept with consent alone; empty asks nothing.",
        ),
    ] = ""
    days: Annotated[Days, Meta(description="How long a result counts at most.")] = RESULT_DAYS
    status_hosts: Annotated[
        tuple[str, ...],
        Meta(max_length=8, description="Hosts from which its status lists are fetched; none by default."),
    ] = ()
    status_needed: Annotated[bool, Meta(description="Whether a credential without a status is refused.")] = (
        False
    )
    allow_private: Annotated[bool, Meta(description="Its hosts may be at private addresses.")] = False


class LegalIdentity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By what a provider says that it verified who somebody is in law. Only its operator can know that it does."""

    values: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=255)] | bool, ...],
        Meta(min_length=1, max_length=16, description="What the claim must hold, one of them."),
    ]
    claim: Annotated[str, Meta(min_length=1, max_length=64, description="`acr`, or a claim of its own.")] = (
        "acr"
    )


class ProviderSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An OpenID provider that is believed, for what stands here and nothing else. Its keys are fetched from it."""

    name: Annotated[str, Meta(description="What applicants see.")]
    issuer: Annotated[str, Meta(min_length=1, max_length=2_048, description="As it calls itself (https).")]
    client: Annotated[str, Meta(min_length=1, max_length=255, description="What it calls this node.")]
    email: Annotated[bool, Meta(description="A mail address that it calls verified gives e-mail.")] = False
    organisations: Annotated[
        tuple[str, ...],
        Meta(max_length=MAX_DOMAINS, description="At these domains such an address gives organisation."),
    ] = ()
    legal: Annotated[
        LegalIdentity | None, Meta(description="What gives legal-identity; left out, nothing does.")
    ] = None
    days: Annotated[
        Days, Meta(description="How long a legal identity counts; the rest counts mail_days.")
    ] = RESULT_DAYS
    hosts: Annotated[
        tuple[str, ...], Meta(max_length=8, description="Its further hosts: for people, tokens, keys.")
    ] = ()
    allow_private: Annotated[bool, Meta(description="Its hosts may be at private addresses.")] = False


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody may be vetted for. `says` by language, "en" at least."""

    says: dict[str, Annotated[str, Meta(max_length=400)]]
    days: Annotated[Days, Meta(description="How long a vetting counts at most.")] = RESULT_DAYS
    least: Annotated[VerificationLevel, Meta(description="The identity that a vetting rests on.")] = (
        VerificationLevel.ORGANISATION
    )


class Sources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it."""

    issuers: Annotated[tuple[IssuerSource, ...], Meta(max_length=MAX_ISSUERS)] = ()
    providers: Annotated[tuple[ProviderSource, ...], Meta(max_length=MAX_PROVIDERS)] = ()
    organisations: Annotated[
        tuple[str, ...],
        Meta(max_length=MAX_DOMAINS, description="Domains whose mailboxes are an organisation's own."),
    ] = ()
    mail: Annotated[
        str,
        Meta(
            max_length=40, description="The channel (kind email) whose server sends codes; none sends none."
        ),
    ] = ""
    mail_days: Days = 90
    purposes: Annotated[dict[str, Purpose], Meta(max_length=MAX_PURPOSES)] = {}

    def issuer(self, name: str) -> IssuerSource | None:
        return next((one for one in self.issuers if one.name == name), None)

    def provider(self, name: str) -> ProviderSource | None:
        return next((one for one in self.providers if one.name == name), None)


def load_sources(folder: Path) -> Sources:
    """The file in a node's folder; empty where there is none. Raises BadInput."""
    file = folder / FILE_NAME
    return read_sources(FILES.bytes_of(file)) if file.exists() else Sources()


def read_sources(data: bytes) -> Sources:
    """The file's bytes, checked. Raises BadInput."""
    found = FILES.read(data, FILE_NAME, Sources)
    names = [one.name for one in found.issuers] + [one.name for one in found.providers]
    if len(set(names)) != len(names) or not all(map(NAME.fullmatch, (*names, *found.purposes))):
        raise BadInput(
            f"{FILE_NAME}: names of issuers, providers and purposes are small letters, digits, hyphens, each once"
        )
    issuers = {one.issuer for one in found.issuers}, {one.issuer for one in found.providers}
    if sum(map(len, issuers)) != len(names):
        raise BadInput(f"{FILE_NAME}: an issuer stands twice")
    for one in found.issuers:
        _check_issuer(one)
    for provider in found.providers:
        _check_provider(provider)
    for domain in (*found.organisations, *(name for one in found.providers for name in one.organisations)):
        if not _DOMAIN.fullmatch(domain):
            raise BadInput(f"{FILE_NAME}: {domain[:64]!r} is no domain in small letters")
    for name, purpose in found.purposes.items():
        if "en" not in purpose.says or purpose.least not in _LEVELS:
            raise BadInput(
                f"{FILE_NAME}: purpose {name} says what it is, in English (en) at least, and rests on organisation or "
                "legal-identity"
            )
    return found


def _check_issuer(one: IssuerSource) -> None:
    if not set(one.gives.values()) <= set(_LEVELS):
        raise BadInput(
            f"{FILE_NAME}: issuer {one.name} gives organisation or legal-identity; the rest is not its to give"
        )
    if one.subject.lower() in TELLING:
        raise BadInput(
            f"{FILE_NAME}: issuer {one.name}: {one.subject!r} is an attribute of a person; name an identifier that the "
            "issuer made, or none"
        )
    if not isinstance(one.keys.get("keys"), list) or not one.keys["keys"]:
        raise BadInput(f"{FILE_NAME}: issuer {one.name} has no keys: copy its JWK set here")


def _check_provider(one: ProviderSource) -> None:
    schemes = ("https://", "http://") if one.allow_private else ("https://",)
    if not one.issuer.startswith(schemes) or any(sign in one.issuer for sign in "?#@ "):
        raise BadInput(
            f"{FILE_NAME}: provider {one.name}: an issuer begins with https:// and holds no password, query or fragment"
        )
    if not (one.email or one.organisations or one.legal):
        raise BadInput(f"{FILE_NAME}: provider {one.name} gives nothing: name email, organisations or legal")
    if one.legal and (one.legal.claim.lower() in TELLING or False in one.legal.values):
        raise BadInput(
            f"{FILE_NAME}: provider {one.name}: an attribute of a person, or a no, shows no legal identity; name `acr` "
            "or the claim by which it says that it verified one"
        )
