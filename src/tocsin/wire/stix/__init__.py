"""STIX 2.1: foreign bytes to typed objects and back, nothing lost; and the objects that Tocsin itself makes.

Enters: bytes of one object or of a bundle. Leaves: frozen structs (`Extended` where there is more than the
standard names), canonical bytes, lists of problems. Refuses: what has no sound id, type or timestamp, and
anything over a bound. Raises `kernel.BadInput` only.
"""

from tocsin.wire.stix.builders import (
    fingerprint_pattern,
    make_campaign,
    make_dismissal,
    make_identity,
    make_indicator,
    make_relationship,
    make_report,
    make_sighting,
)
from tocsin.wire.stix.bundles import Bundle, parse_bundle, version_of
from tocsin.wire.stix.canonical_form import canonical, decode_canonical, serialise, serialise_many
from tocsin.wire.stix.extensions import (
    ALGORITHM,
    EXTENSIONS,
    CampaignExtension,
    DismissalExtension,
    FingerprintExtension,
    HandlingExtension,
    SightingExtension,
    attach,
    bucket,
    definition,
    extension_id,
    read,
    read_fingerprint,
)
from tocsin.wire.stix.ids import own_id, type_of
from tocsin.wire.stix.objects import (
    AttackPattern,
    Campaign,
    CourseOfAction,
    Extended,
    ExtensionDefinition,
    ExternalReference,
    Identity,
    Indicator,
    MarkingDefinition,
    Other,
    Relationship,
    Report,
    Sighting,
    StixObject,
    view,
)
from tocsin.wire.stix.problems import Code, Problem
from tocsin.wire.stix.reading import Checked, check, check_object, parse, read_many
from tocsin.wire.stix.times import is_timestamp, micros_of, timestamp, timestamp_micros
from tocsin.wire.stix.tlp import level_of, marking, marking_id, strictest

__all__ = [
    "ALGORITHM",
    "EXTENSIONS",
    "AttackPattern",
    "Bundle",
    "Campaign",
    "CampaignExtension",
    "Checked",
    "Code",
    "CourseOfAction",
    "DismissalExtension",
    "Extended",
    "ExtensionDefinition",
    "ExternalReference",
    "FingerprintExtension",
    "HandlingExtension",
    "Identity",
    "Indicator",
    "MarkingDefinition",
    "Other",
    "Problem",
    "Relationship",
    "Report",
    "Sighting",
    "SightingExtension",
    "StixObject",
    "attach",
    "bucket",
    "canonical",
    "check",
    "check_object",
    "decode_canonical",
    "definition",
    "extension_id",
    "fingerprint_pattern",
    "is_timestamp",
    "level_of",
    "make_campaign",
    "make_dismissal",
    "make_identity",
    "make_indicator",
    "make_relationship",
    "make_report",
    "make_sighting",
    "marking",
    "marking_id",
    "micros_of",
    "own_id",
    "parse",
    "parse_bundle",
    "read",
    "read_fingerprint",
    "read_many",
    "serialise",
    "serialise_many",
    "strictest",
    "timestamp",
    "timestamp_micros",
    "type_of",
    "version_of",
    "view",
]
