"""The STIX 2.1 objects as typed structs, all of them, by type; and what holds an object with more than its struct.

Source: STIX Version 2.1, OASIS Standard, sections 3 to 7.
"""

from typing import Any, get_args

from msgspec import UNSET, Struct, UnsetType

from tocsin.wire.stix.meta import META, ExtensionDefinition, LanguageContent, MarkingDefinition
from tocsin.wire.stix.parts import (
    ExternalReference,
    Flag,
    GranularMarking,
    KeptWhole,
    KillChainPhase,
    Observable,
    Percent,
    StixObject,
    Text,
    Texts,
    Versioned,
)
from tocsin.wire.stix.sco import SCO
from tocsin.wire.stix.sdo import (
    SDO,
    AttackPattern,
    Campaign,
    CourseOfAction,
    Grouping,
    Identity,
    Incident,
    Indicator,
    Infrastructure,
    IntrusionSet,
    Location,
    Malware,
    MalwareAnalysis,
    Note,
    ObservedData,
    Opinion,
    Report,
    ThreatActor,
    Tool,
    Vulnerability,
)
from tocsin.wire.stix.sro import SRO, Relationship, Sighting

__all__ = [
    "LOOSE",
    "OBSERVABLE_TYPES",
    "SDO_TYPES",
    "TYPED",
    "AttackPattern",
    "Campaign",
    "CourseOfAction",
    "Extended",
    "ExtensionDefinition",
    "ExternalReference",
    "GranularMarking",
    "Grouping",
    "Identity",
    "Incident",
    "Indicator",
    "Infrastructure",
    "IntrusionSet",
    "KillChainPhase",
    "LanguageContent",
    "Location",
    "Malware",
    "MalwareAnalysis",
    "MarkingDefinition",
    "Note",
    "Observable",
    "ObservedData",
    "Opinion",
    "Other",
    "Relationship",
    "Report",
    "Sighting",
    "StixObject",
    "ThreatActor",
    "Tool",
    "Typed",
    "Versioned",
    "Vulnerability",
    "view",
]


class Other(StixObject, frozen=True, kw_only=True, gc=False):
    """The common part of a type that the standard does not name: a custom one, or one of an extension."""

    type: str
    modified: Text = UNSET
    revoked: Flag = UNSET
    labels: Texts = UNSET
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


Typed = SDO | SRO | SCO | META
"""What msgspec decodes by the value of `type`. A type is added to one of the four."""


def _by_type(union: Any) -> dict[str, type[StixObject]]:
    return {str(kind.__struct_config__.tag): kind for kind in get_args(union)}


TYPED: dict[str, type[StixObject]] = dict(sorted(_by_type(Typed).items()))
"""The types that have a struct: every one of the standard's but the bundle."""

SDO_TYPES = frozenset(_by_type(SDO))

OBSERVABLE_TYPES = frozenset(_by_type(SCO))
"""Cyber-observable objects (section 6): not versioned, `created` and `modified` are not theirs."""

LOOSE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(TYPED, ()),
    "artifact": ("hashes",),
    "email-message": ("additional_header_fields",),
    "file": ("hashes",),
    "language-content": ("contents",),
    "location": ("latitude", "longitude", "precision"),
    "marking-definition": ("definition",),
    "network-traffic": ("ipfix",),
    "observed-data": ("objects",),
    "process": ("environment_variables",),
    "x509-certificate": ("hashes",),
}
"""Properties beside `extensions` whose names or numbers are open: what canonical bytes and bounds must look into."""


def view(item: "StixObject | Extended") -> StixObject:
    """The typed part of a parsed object."""
    return item.view if isinstance(item, Extended) else item
