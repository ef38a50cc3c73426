"""The STIX domain objects (SDO) as typed structs. What the standard closes is closed; what it leaves open survives.

Each struct refuses properties that the standard does not name: `reading.parse` then keeps the whole object as an
`Extended`, so that nothing is lost. Source: STIX Version 2.1, OASIS Standard, section 4.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from tocsin.wire.stix.parts import Phases, Strings, Text, Texts, Versioned

Latitude = Annotated[int, Meta(ge=-90, le=90)] | Annotated[float, Meta(ge=-90.0, le=90.0)]
Longitude = Annotated[int, Meta(ge=-180, le=180)] | Annotated[float, Meta(ge=-180.0, le=180.0)]
Metres = Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0.0)]


class AttackPattern(Versioned, frozen=True, kw_only=True, tag="attack-pattern"):
    """Section 4.1."""

    name: str
    description: Text = UNSET
    aliases: Texts = UNSET
    kill_chain_phases: Phases = UNSET


class Campaign(Versioned, frozen=True, kw_only=True, tag="campaign"):
    """Section 4.2."""

    name: str
    description: Text = UNSET
    aliases: Texts = UNSET
    first_seen: Text = UNSET
    last_seen: Text = UNSET
    objective: Text = UNSET


class CourseOfAction(Versioned, frozen=True, kw_only=True, tag="course-of-action"):
    """Section 4.3. `action` is reserved, hence not named."""

    name: str
    description: Text = UNSET


class Grouping(Versioned, frozen=True, kw_only=True, tag="grouping"):
    """Section 4.4."""

    name: Text = UNSET
    description: Text = UNSET
    context: str
    object_refs: Strings


class Identity(Versioned, frozen=True, kw_only=True, tag="identity"):
    """Section 4.5."""

    name: str
    description: Text = UNSET
    roles: Texts = UNSET
    identity_class: Text = UNSET
    sectors: Texts = UNSET
    contact_information: Text = UNSET


class Incident(Versioned, frozen=True, kw_only=True, tag="incident"):
    """Section 4.6: a stub, to be filled by extensions."""

    name: str
    description: Text = UNSET


class Indicator(Versioned, frozen=True, kw_only=True, tag="indicator"):
    """Section 4.7."""

    name: Text = UNSET
    description: Text = UNSET
    indicator_types: Texts = UNSET
    pattern: str
    pattern_type: str
    pattern_version: Text = UNSET
    valid_from: str
    valid_until: Text = UNSET
    kill_chain_phases: Phases = UNSET


class Infrastructure(Versioned, frozen=True, kw_only=True, tag="infrastructure"):
    """Section 4.8."""

    name: str
    description: Text = UNSET
    infrastructure_types: Texts = UNSET
    aliases: Texts = UNSET
    kill_chain_phases: Phases = UNSET
    first_seen: Text = UNSET
    last_seen: Text = UNSET


class IntrusionSet(Versioned, frozen=True, kw_only=True, tag="intrusion-set"):
    """Section 4.9."""

    name: str
    description: Text = UNSET
    aliases: Texts = UNSET
    first_seen: Text = UNSET
    last_seen: Text = UNSET
    goals: Texts = UNSET
    resource_level: Text = UNSET
    primary_motivation: Text = UNSET
    secondary_motivations: Texts = UNSET


class Location(Versioned, frozen=True, kw_only=True, tag="location"):
    """Section 4.10. Degrees; `precision` in metres. Whole numbers stay whole."""

    name: Text = UNSET
    description: Text = UNSET
    latitude: Latitude | UnsetType = UNSET
    longitude: Longitude | UnsetType = UNSET
    precision: Metres | UnsetType = UNSET
    region: Text = UNSET
    country: Text = UNSET
    administrative_area: Text = UNSET
    city: Text = UNSET
    street_address: Text = UNSET
    postal_code: Text = UNSET


class Malware(Versioned, frozen=True, kw_only=True, tag="malware"):
    """Section 4.11."""

    name: Text = UNSET
    description: Text = UNSET
    malware_types: Texts = UNSET
    is_family: bool
    aliases: Texts = UNSET
    kill_chain_phases: Phases = UNSET
    first_seen: Text = UNSET
    last_seen: Text = UNSET
    operating_system_refs: Texts = UNSET
    architecture_execution_envs: Texts = UNSET
    implementation_languages: Texts = UNSET
    capabilities: Texts = UNSET
    sample_refs: Texts = UNSET


class MalwareAnalysis(Versioned, frozen=True, kw_only=True, tag="malware-analysis"):
    """Section 4.12."""

    product: str
    version: Text = UNSET
    host_vm_ref: Text = UNSET
    operating_system_ref: Text = UNSET
    installed_software_refs: Texts = UNSET
    configuration_version: Text = UNSET
    modules: Texts = UNSET
    analysis_engine_version: Text = UNSET
    analysis_definition_version: Text = UNSET
    submitted: Text = UNSET
    analysis_started: Text = UNSET
    analysis_ended: Text = UNSET
    result_name: Text = UNSET
    result: Text = UNSET
    analysis_sco_refs: Texts = UNSET
    sample_ref: Text = UNSET


class Note(Versioned, frozen=True, kw_only=True, tag="note"):
    """Section 4.13."""

    abstract: Text = UNSET
    content: str
    authors: Texts = UNSET
    object_refs: Strings


class ObservedData(Versioned, frozen=True, kw_only=True, tag="observed-data"):
    """Section 4.14. `objects` is the deprecated form, kept as it is."""

    first_observed: str
    last_observed: str
    number_observed: Annotated[int, Meta(ge=1, le=999_999_999)]
    objects: Annotated[dict[str, dict[str, Any]], Meta(min_length=1)] | UnsetType = UNSET
    object_refs: Texts = UNSET


class Opinion(Versioned, frozen=True, kw_only=True, tag="opinion"):
    """Section 4.15."""

    explanation: Text = UNSET
    authors: Texts = UNSET
    opinion: Literal["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"]
    object_refs: Strings


class Report(Versioned, frozen=True, kw_only=True, tag="report"):
    """Section 4.16."""

    name: str
    description: Text = UNSET
    report_types: Texts = UNSET
    published: str
    object_refs: Strings


class ThreatActor(Versioned, frozen=True, kw_only=True, tag="threat-actor"):
    """Section 4.17."""

    name: str
    description: Text = UNSET
    threat_actor_types: Texts = UNSET
    aliases: Texts = UNSET
    first_seen: Text = UNSET
    last_seen: Text = UNSET
    roles: Texts = UNSET
    goals: Texts = UNSET
    sophistication: Text = UNSET
    resource_level: Text = UNSET
    primary_motivation: Text = UNSET
    secondary_motivations: Texts = UNSET
    personal_motivations: Texts = UNSET


class Tool(Versioned, frozen=True, kw_only=True, tag="tool"):
    """Section 4.18."""

    name: str
    description: Text = UNSET
    tool_types: Texts = UNSET
    aliases: Texts = UNSET
    kill_chain_phases: Phases = UNSET
    tool_version: Text = UNSET


class Vulnerability(Versioned, frozen=True, kw_only=True, tag="vulnerability"):
    """Section 4.19."""

    name: str
    description: Text = UNSET


SDO = (
    AttackPattern
    | Campaign
    | CourseOfAction
    | Grouping
    | Identity
    | Incident
    | Indicator
    | Infrastructure
    | IntrusionSet
    | Location
    | Malware
    | MalwareAnalysis
    | Note
    | ObservedData
    | Opinion
    | Report
    | ThreatActor
    | Tool
    | Vulnerability
)
