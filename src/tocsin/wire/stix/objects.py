"""The STIX 2.1 objects as typed structs. What the standard closes is closed; what it leaves open survives.

Absent properties are UNSET and are not written. Each struct refuses properties that the standard does not name:
`reading.parse` then keeps the whole object as an `Extended`, so that nothing is lost. JSON holds no cycles, so
the collector need not look at these (`gc=False`).
Source: STIX Version 2.1, OASIS Standard, sections 3 to 7.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Text = str | UnsetType
Flag = bool | UnsetType
Percent = Annotated[int, Meta(ge=0, le=100)]
Strings = Annotated[list[str], Meta(min_length=1)]


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
    object_marking_refs: Strings | UnsetType = UNSET
    extensions: Extensions = UNSET

    @property
    def type(self) -> str:
        return str(self.__struct_config__.tag)


class Versioned(StixObject, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """The common properties of SDOs and SROs (section 3.2)."""

    spec_version: Literal["2.1"] = "2.1"
    created: str
    modified: str
    revoked: Flag = UNSET
    labels: Strings | UnsetType = UNSET
    confidence: Percent | UnsetType = UNSET
    lang: Text = UNSET
    external_references: References = UNSET
    granular_markings: Granular = UNSET


class Identity(Versioned, frozen=True, kw_only=True, tag="identity"):
    """Section 4.5."""

    name: str
    description: Text = UNSET
    roles: Strings | UnsetType = UNSET
    identity_class: Text = UNSET
    sectors: Strings | UnsetType = UNSET
    contact_information: Text = UNSET


class Campaign(Versioned, frozen=True, kw_only=True, tag="campaign"):
    """Section 4.2."""

    name: str
    description: Text = UNSET
    aliases: Strings | UnsetType = UNSET
    first_seen: Text = UNSET
    last_seen: Text = UNSET
    objective: Text = UNSET


class Indicator(Versioned, frozen=True, kw_only=True, tag="indicator"):
    """Section 4.7."""

    name: Text = UNSET
    description: Text = UNSET
    indicator_types: Strings | UnsetType = UNSET
    pattern: str
    pattern_type: str
    pattern_version: Text = UNSET
    valid_from: str
    valid_until: Text = UNSET
    kill_chain_phases: Phases = UNSET


class Report(Versioned, frozen=True, kw_only=True, tag="report"):
    """Section 4.16."""

    name: str
    description: Text = UNSET
    report_types: Strings | UnsetType = UNSET
    published: str
    object_refs: Strings


class AttackPattern(Versioned, frozen=True, kw_only=True, tag="attack-pattern"):
    """Section 4.1."""

    name: str
    description: Text = UNSET
    aliases: Strings | UnsetType = UNSET
    kill_chain_phases: Phases = UNSET


class CourseOfAction(Versioned, frozen=True, kw_only=True, tag="course-of-action"):
    """Section 4.3. `action` is reserved, hence not named."""

    name: str
    description: Text = UNSET


class Relationship(Versioned, frozen=True, kw_only=True, tag="relationship"):
    """Section 5.1."""

    relationship_type: str
    description: Text = UNSET
    source_ref: str
    target_ref: str
    start_time: Text = UNSET
    stop_time: Text = UNSET


class Sighting(Versioned, frozen=True, kw_only=True, tag="sighting"):
    """Section 5.2."""

    description: Text = UNSET
    first_seen: Text = UNSET
    last_seen: Text = UNSET
    count: Annotated[int, Meta(ge=0, le=999_999_999)] | UnsetType = UNSET
    sighting_of_ref: str
    observed_data_refs: Strings | UnsetType = UNSET
    where_sighted_refs: Strings | UnsetType = UNSET
    summary: Flag = UNSET


class MarkingDefinition(
    StixObject,
    frozen=True,
    kw_only=True,
    tag_field="type",
    tag="marking-definition",
    forbid_unknown_fields=True,
):
    """Section 7.2.1. Not versioned: it never changes."""

    spec_version: Literal["2.1"] = "2.1"
    created: str
    external_references: References = UNSET
    granular_markings: Granular = UNSET
    name: Text = UNSET
    definition_type: Text = UNSET
    definition: dict[str, Any] | UnsetType = UNSET


class ExtensionDefinition(Versioned, frozen=True, kw_only=True, tag="extension-definition"):
    """Section 7.3."""

    name: str
    description: Text = UNSET
    schema: str
    version: str
    extension_types: Annotated[
        list[Literal["new-sdo", "new-sco", "new-sro", "property-extension", "toplevel-property-extension"]],
        Meta(min_length=1),
    ]
    extension_properties: Strings | UnsetType = UNSET


class Other(StixObject, frozen=True, kw_only=True, gc=False):
    """The common part of a type that has no struct here: other SDOs, observables, custom types."""

    type: str
    modified: Text = UNSET
    revoked: Flag = UNSET
    labels: Strings | UnsetType = UNSET
    confidence: Percent | UnsetType = UNSET
    lang: Text = UNSET
    external_references: KeptWhole = UNSET
    granular_markings: KeptWhole = UNSET


class Extended(Struct, frozen=True):
    """An object with more than its struct names. `view` is the typed part, `data` the whole, nothing lost."""

    view: StixObject
    data: dict[str, Any]

    @property
    def type(self) -> str:
        return self.view.type

    @property
    def id(self) -> str:
        return self.view.id


Typed = (
    AttackPattern
    | Campaign
    | CourseOfAction
    | ExtensionDefinition
    | Identity
    | Indicator
    | MarkingDefinition
    | Relationship
    | Report
    | Sighting
)
"""What msgspec decodes by the value of `type`."""

TYPED: dict[str, type[StixObject]] = {
    "attack-pattern": AttackPattern,
    "campaign": Campaign,
    "course-of-action": CourseOfAction,
    "extension-definition": ExtensionDefinition,
    "identity": Identity,
    "indicator": Indicator,
    "marking-definition": MarkingDefinition,
    "relationship": Relationship,
    "report": Report,
    "sighting": Sighting,
}
"""The types that have a struct. Another one is added to these two."""

OBSERVABLE_TYPES = frozenset(
    {
        "artifact", "autonomous-system", "directory", "domain-name", "email-addr", "email-message", "file",
        "ipv4-addr", "ipv6-addr", "mac-addr", "mutex", "network-traffic", "process", "software", "url",
        "user-account", "windows-registry-key", "x509-certificate",
    }
)  # fmt: skip
"""Cyber-observable objects (section 6): not versioned, `created` and `modified` are not theirs."""


def view(item: "StixObject | Extended") -> StixObject:
    """The typed part of a parsed object."""
    return item.view if isinstance(item, Extended) else item
