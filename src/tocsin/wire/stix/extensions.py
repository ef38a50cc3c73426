"""Our property extensions: what a misuse record says beyond standard STIX. Fingerprints, never texts.

Each is a struct here, an `extension-definition` object, and a JSON Schema that every node serves under
/schemas/ (`wire.schemas`). Names and meanings are never changed; a change is a new version.
"""

import base64
import binascii
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tocsin.kernel import TLP, BadInput, EvidenceStatus, Fingerprint, KeyStatement
from tocsin.wire.stix.ids import own_id
from tocsin.wire.stix.objects import Extended, ExtensionDefinition, Identity, StixObject, view
from tocsin.wire.stix.tlp import marking_id

ALGORITHM = "tocsin-minhash-1"
"""MinHash of format 1: docs/fingerprints.md."""

BUCKETS = ((1, "1-4"), (5, "5-9"), (10, "10-24"), (25, "25-99"), (100, "100-499"), (500, "500+"))
"""Counts leave as one of these and nothing finer; the first is below any k that a policy would release."""

MAX_STATEMENT_CHARS = 500
DEFINED = "2026-01-01T00:00:00.000Z"
AUTHOR = own_id("identity", "tocsin")
"""The identity that defines the extensions: the project, the same on every node."""

Bucket = Annotated[
    Literal["1-4", "5-9", "10-24", "25-99", "100-499", "500+"],
    Meta(description="A range that holds the count. The count itself does not leave."),
]
ScoreBand = Literal["low", "medium", "high"]
Conduct = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9-]{0,31}\.[a-z][a-z0-9-]{0,31}$",
        description="Category of conduct, from the closed list of the taxonomy.",
    ),
]
Statement = Annotated[str, Meta(min_length=1, max_length=MAX_STATEMENT_CHARS)]
Timestamp = Annotated[
    str,
    Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$"),
]


class Extension(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The common part. `NAME` is the stable name; its id and its schema's address are made of it."""

    NAME: ClassVar[str] = ""
    extension_type: Literal["property-extension"] = "property-extension"


class FingerprintExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On an indicator: what to look for, in which conduct, how far proven and on what ground."""

    NAME: ClassVar[str] = "misuse-fingerprint"
    algorithm: Literal["tocsin-minhash-1"] = "tocsin-minhash-1"
    signature: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9+/]{342}==$",
            description="64 little-endian uint32 in base64.",
            extra_json_schema={"contentEncoding": "base64"},
        ),
    ]
    shingles: Annotated[int, Meta(ge=1, le=1 << 31, description="Distinct shingles of the text.")]
    category: Conduct
    evidence_status: Annotated[EvidenceStatus, Meta(description="How far the claim has come.")]
    basis: Annotated[
        Statement, Meta(description="On what ground the author says so, without quoting anybody.")
    ]


class CampaignExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On a campaign: conduct, risk and size, in ranges."""

    NAME: ClassVar[str] = "misuse-campaign"
    category: Conduct
    risk: Annotated[
        str,
        Meta(
            pattern=r"^TMR:1\.0/U:[NLMH]/S:[NLMH]/A:[NLMH]/C:[NLMH]/G:[NLMH]$",
            description="Risk vector (docs/warnings.md).",
        ),
    ]
    actors: Bucket
    events: Bucket
    score_band: Annotated[
        ScoreBand, Meta(description="How far the evidence is above the author's threshold.")
    ]
    evidence_status: EvidenceStatus
    basis: Annotated[
        Statement, Meta(description="On what ground the author says so, without quoting anybody.")
    ]


class SightingExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On a sighting: how many, in ranges. The standard's exact `count` is not used."""

    NAME: ClassVar[str] = "misuse-sighting"
    actors: Bucket
    events: Bucket


class DismissalExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On an indicator of type `benign`, beside its fingerprint: a reviewer found the template harmless."""

    NAME: ClassVar[str] = "misuse-dismissal"
    reason: Annotated[Statement, Meta(description="Why it is harmless, without quoting anybody.")]
    expires: Annotated[Timestamp, Meta(description="From then on the dismissal says nothing.")]


class RuleExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On an indicator whose pattern is a Sigma rule: of which conduct, how far proven and on what ground."""

    NAME: ClassVar[str] = "misuse-rule"
    category: Conduct
    evidence_status: Annotated[EvidenceStatus, Meta(description="How far the rule has been tried.")]
    basis: Annotated[
        Statement, Meta(description="On what ground the author says so, without quoting anybody.")
    ]


Salt = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_-]{21}[AQgw]$", extra_json_schema={"contentEncoding": "base64url"})
]
Digest = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$", extra_json_schema={"contentEncoding": "base64url"}
    ),
]
LongText = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]+$",
        max_length=8_192,
        extra_json_schema={"contentEncoding": "base64url"},
        description="Length as its algorithm says; the longest known is a signature of ML-DSA-87.",
    ),
]


class SignedFieldsExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On any object: its author's signature over salted digests of its fields, which survives withholding."""

    NAME: ClassVar[str] = "signed-fields"
    algorithm: Annotated[str, Meta(min_length=1, max_length=32, description="Of the signature: Ed25519.")]
    hash: Annotated[str, Meta(min_length=1, max_length=32, description="Of digests and root: sha-256.")]
    key: LongText
    signature: LongText
    digests: Annotated[
        list[Digest],
        Meta(min_length=1, max_length=4_096, description="Of all fields, withheld ones too, ascending."),
    ]
    salts: Annotated[
        dict[str, Salt | list[Salt] | dict[str, dict[str, Salt]]],
        Meta(description="A salt in the place of each field that is shown and could have been withheld."),
    ]
    chain: (
        Annotated[
            list[KeyStatement],
            Meta(
                min_length=1,
                max_length=256,
                description="How the key follows from the author's first; absent where it is the first.",
            ),
        ]
        | UnsetType
    ) = UNSET


class Concept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of our concepts beside one of another vocabulary; `relation` reads from ours to theirs (SKOS)."""

    ours: Annotated[str, Meta(description="Id in the taxonomy of misuse.")]
    relation: Literal["exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"]
    scheme: Annotated[str, Meta(description="Id of the crosswalk that says so.")]
    theirs: Annotated[str, Meta(description="The term that the source itself names.")]


class NeighbourExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On what was made of another database's entry: where it is from, and what standard STIX has no place for."""

    NAME: ClassVar[str] = "neighbour"
    source: Literal["avid", "aiid"]
    entry: Annotated[str, Meta(min_length=1, max_length=128, description="Its id over there.")]
    evidence_status: Annotated[
        EvidenceStatus | msgspec.UnsetType,
        Meta(description="How far the claim has come; absent where they do not say."),
    ] = UNSET
    concepts: Annotated[
        list[Concept] | msgspec.UnsetType, Meta(description="Read off our crosswalks, never guessed.")
    ] = UNSET
    rest: Annotated[
        str,
        Meta(description="What has no place elsewhere: JSON text, for STIX forbids null and empty lists."),
    ]


Place = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9]{1,7}$")]
Purpose = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Places = Annotated[tuple[Place, ...], Meta(min_length=1, max_length=64)]


class HandlingExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On any record: what TLP does not say of how it is handled. A property that is absent says nothing."""

    NAME: ClassVar[str] = "handling"
    pap: (
        Annotated[
            Literal["clear", "green", "amber", "red"],
            Meta(description="Permissible Actions Protocol: how a recipient may act on it."),
        ]
        | UnsetType
    ) = UNSET
    only_to: (
        Annotated[Places, Meta(description="Established where: ISO 3166-1 alpha-2 codes, or named blocs.")]
        | UnsetType
    ) = UNSET
    stays_in: (
        Annotated[Places, Meta(description="Kept where: ISO 3166-1 alpha-2 codes, or named blocs.")]
        | UnsetType
    ) = UNSET
    embargo_until: Annotated[Timestamp, Meta(description="Passed to nobody before.")] | UnsetType = UNSET
    purposes: (
        Annotated[
            tuple[Purpose, ...],
            Meta(min_length=1, max_length=16, description="Used and passed on for these alone."),
        ]
        | UnsetType
    ) = UNSET


EXTENSIONS: tuple[type[Extension], ...] = (
    FingerprintExtension,
    CampaignExtension,
    SightingExtension,
    DismissalExtension,
    SignedFieldsExtension,
    HandlingExtension,
)
IMPORTED: tuple[type[Extension], ...] = (NeighbourExtension,)
"""On what was imported. It never leaves, so no release carries these definitions."""

_E = TypeVar("_E", bound=Extension)


@cache
def extension_id(kind: type[Extension]) -> str:
    """The id under which an extension stands in `extensions`; the same on every node."""
    return own_id("extension-definition", kind.NAME, "1")


def schema_path(kind: type[Extension]) -> str:
    """Where every node serves the extension's JSON Schema."""
    return f"/schemas/{kind.NAME}-1.json"


def definition(kind: type[Extension]) -> ExtensionDefinition:
    """The extension's own STIX object."""
    where = f"urn:tocsin:schema:{kind.NAME}:1, JSON Schema served by every Tocsin node at {schema_path(kind)}"
    return ExtensionDefinition(
        id=extension_id(kind),
        created=DEFINED,
        modified=DEFINED,
        created_by_ref=AUTHOR,
        object_marking_refs=[marking_id(TLP.CLEAR)],
        name=kind.NAME,
        description=" ".join((kind.__doc__ or "").split()),
        schema=where,
        version="1.0.0",
        extension_types=["property-extension"],
    )


def author() -> Identity:
    """The identity that the definitions name as their author."""
    return Identity(
        id=AUTHOR,
        created=DEFINED,
        modified=DEFINED,
        object_marking_refs=[marking_id(TLP.CLEAR)],
        name="Tocsin",
        description="The project that defines the extensions.",
        identity_class="organization",
    )


def attach(*parts: Extension) -> dict[str, dict[str, Any]]:
    """The `extensions` property that holds these."""
    return {extension_id(type(part)): msgspec.to_builtins(part) for part in parts}


def read(item: StixObject | Extended, kind: type[_E]) -> _E | None:
    """An object's extension of this kind, None when it has none. Raises BadInput when it breaks its schema."""
    extensions = view(item).extensions
    if extensions is UNSET or extension_id(kind) not in extensions:
        return None
    try:
        return msgspec.convert(extensions[extension_id(kind)], kind)
    except msgspec.ValidationError:
        raise BadInput(f"the {kind.NAME} extension is not as {schema_path(kind)} says") from None


def bucket(count: int) -> Any:
    """The range that holds a count of at least one; typed loosely to fit `Bucket`."""
    if count < 1:
        raise ValueError("only what was seen is counted")
    return [name for least, name in BUCKETS if least <= count][-1]


def encode_signature(fingerprint: Fingerprint) -> str:
    """Base64 of the signature, as the extension carries it."""
    return base64.b64encode(fingerprint.signature).decode()


def read_fingerprint(extension: FingerprintExtension) -> Fingerprint:
    """The fingerprint an extension carries. Raises BadInput when it is not base64."""
    try:
        signature = base64.b64decode(extension.signature, validate=True)
    except binascii.Error:
        raise BadInput("the signature is not base64") from None
    return Fingerprint(signature, extension.shingles)
