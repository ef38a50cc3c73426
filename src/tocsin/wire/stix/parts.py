"""What STIX objects are made of: the common properties and the small types that many share.

Absent properties are UNSET and are not written. JSON holds no cycles, so the collector need not look at these
(`gc=False`). Source: STIX Version 2.1, OASIS Standard, sections 2 and 3.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from tocsin.wire.json_bounds import MAX_SAFE_INTEGER

Text = str | UnsetType
Flag = bool | UnsetType
Percent = Annotated[int, Meta(ge=0, le=100)]
Strings = Annotated[list[str], Meta(min_length=1)]
Texts = Strings | UnsetType
Count = Annotated[int, Meta(ge=0, le=MAX_SAFE_INTEGER)] | UnsetType
Whole = Annotated[int, Meta(ge=-MAX_SAFE_INTEGER, le=MAX_SAFE_INTEGER)] | UnsetType
Hashes = Annotated[dict[str, str], Meta(min_length=1)] | UnsetType
Open = Annotated[dict[str, Any], Meta(min_length=1)] | UnsetType
"""A dictionary whose names and values the standard leaves open."""

Hexadecimal = Annotated[str, Meta(pattern=r"^(?:[0-9a-fA-F]{2})+\Z")] | UnsetType
Base64 = Annotated[str, Meta(pattern=r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==|[A-Za-z0-9+/]=))?\Z")]


class _Version(StrEnum):
    """How the version stands in an object that this node made, told by identity from one that was read."""

    V2_1 = "2.1"


UNSAID: Any = _Version.V2_1
"""The version of an object that does not name one. Written as 2.1, for those that this node makes; a foreign object
without one is of STIX 2.0 (section 3.2), and `rules` says so."""


class ExternalReference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Section 2.5."""

    source_name: str
    description: Text = UNSET
    url: Text = UNSET
    hashes: dict[str, str] | UnsetType = UNSET
    external_id: Text = UNSET


class KillChainPhase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Section 2.11."""

    kill_chain_name: str
    phase_name: str


class GranularMarking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Section 7.2.3."""

    lang: Text = UNSET
    marking_ref: Text = UNSET
    selectors: Strings


References = Annotated[list[ExternalReference], Meta(min_length=1)] | UnsetType
Phases = Annotated[list[KillChainPhase], Meta(min_length=1)] | UnsetType
Granular = Annotated[list[GranularMarking], Meta(min_length=1)] | UnsetType
Extensions = Annotated[dict[str, dict[str, Any]], Meta(min_length=1)] | UnsetType
KeptWhole = Annotated[list[dict[str, Any]], Meta(min_length=1)] | UnsetType


class StixObject(Struct, frozen=True, kw_only=True, gc=False):
    """What every object has. `type` is the tag by which msgspec picks the struct."""

    id: str
    spec_version: Literal["2.1"] | UnsetType = UNSET
    created: Text = UNSET
    created_by_ref: Text = UNSET
    object_marking_refs: Texts = UNSET
    extensions: Extensions = UNSET

    @property
    def type(self) -> str:
        return str(self.__struct_config__.tag)


class Versioned(StixObject, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """The common properties of SDOs and SROs (section 3.2)."""

    spec_version: Literal["2.1"] = UNSAID
    created: str
    modified: str
    revoked: Flag = UNSET
    labels: Texts = UNSET
    confidence: Percent | UnsetType = UNSET
    lang: Text = UNSET
    external_references: References = UNSET
    granular_markings: Granular = UNSET


class Observable(StixObject, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """The common properties of SCOs (section 3.2): no versions. `created` and `created_by_ref` are not theirs by the
    standard; several tools write them, and they are kept."""

    granular_markings: Granular = UNSET
    defanged: Flag = UNSET
