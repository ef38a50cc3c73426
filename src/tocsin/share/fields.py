"""The closed tables: per STIX type, which properties may leave this node and of what form.

Names and descriptions are a closed set (`wire.stix.wording`); only a node's name and what a person wrote for peers (a
basis, a reason) is free. What is not here does not leave: not `labels`, not `external_references`, not a custom
property, not a pattern that holds an observable. A new property is added here, with a test, and nowhere else.
Docs: docs/sharing.md.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from tocsin.kernel import TLP
from tocsin.share.fields_agreed import SHAPES, note_fits, opinion_fits, red_line_fits, report_fits
from tocsin.share.rules import PATTERN_TYPE, rule_fits
from tocsin.share.shapes import (
    Shape,
    Table,
    choice,
    day,
    each,
    flag,
    in_order,
    matching,
    moment,
    reference,
    text,
    whole_number,
)
from tocsin.trust.units import SIGNED_FIELDS
from tocsin.wire.sigma import MAX_RULE_BYTES
from tocsin.wire.sketch import MIN_SHARED_SHINGLES
from tocsin.wire.stix import (
    CampaignExtension,
    CommitmentExtension,
    DismissalExtension,
    FingerprintExtension,
    HandlingExtension,
    JointMessageExtension,
    ModelEvaluationExtension,
    NoisyCountExtension,
    RedLineExtension,
    RedLineStanceExtension,
    ReleaseDecisionExtension,
    RuleExtension,
    SightingExtension,
    SignedFieldsExtension,
    canonical,
    extension_id,
    fingerprint_pattern,
    marking_id,
    read_fingerprint,
    wording,
)
from tocsin.wire.stix.extensions import MAX_STATEMENT_CHARS, Extension, encode_signature
from tocsin.wire.stix.handling import PAP
from tocsin.wire.stix.labels import well_known
from tocsin.wire.stix.opinions import OPINIONS

NAME_CHARS = 200
MAX_REFERENCES = 500

SUPPORTING = frozenset({"identity", "marking-definition", "extension-definition"})
"""Types that say nothing of conduct."""

CLAIMING = frozenset({"campaign", "indicator"})
"""Types that say it themselves, in an extension; the others say it through what they refer to."""

_HANDLING_ID = extension_id(HandlingExtension)
_FINGERPRINT_ID = extension_id(FingerprintExtension)
_RULE_ID = extension_id(RuleExtension)


def _extension(kind: type[Extension], *free_text: str) -> Shape:
    """One of our extensions, closed by its own schema; its free texts without control characters."""
    plain = text(MAX_STATEMENT_CHARS)

    def fits(value: Any) -> str | None:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            return ""
        return next((name for name in free_text if plain(value[name]) is not None), None)

    return fits


def _signature(value: Any) -> str | None:
    """The author's signature, closed by its schema. What is in it is checked on the final bytes (`promise`)."""
    try:
        msgspec.convert(value, SignedFieldsExtension)
    except msgspec.ValidationError:
        return ""
    return None


def _ours(*kinds: type[Extension], needed: bool = False) -> Table:
    """The extensions of ours about models that an object may carry (`fields_agreed`)."""
    ids = tuple(map(extension_id, kinds))
    return Table({**{one: SHAPES[one] for one in ids}, **_SIGNED}, frozenset(ids if needed else ()))


_SIGNED: Mapping[str, Shape] = {SIGNED_FIELDS: _signature}
_PLACES = in_order(each(matching(r"[A-Z][A-Z0-9]{1,7}"), 64))
_HANDLING = Table(
    {
        "extension_type": choice("property-extension"),
        "pap": choice(*PAP),
        "only_to": _PLACES,
        "stays_in": _PLACES,
        "embargo_until": moment,
        "purposes": in_order(each(matching(r"[a-z][a-z0-9-]{0,63}"), 16)),
    },
    frozenset({"extension_type"}),
)

_COMMON: Mapping[str, Shape] = {
    "spec_version": choice("2.1"),
    "created": moment,
    "modified": moment,
    "created_by_ref": reference("identity"),
    "object_marking_refs": each(choice(*(marking_id(tlp) for tlp in TLP)), 1),
    "revoked": flag,
    "confidence": whole_number(0, 100),
    "lang": matching(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?"),
    "extensions": Table(_SIGNED),
}
_NEEDED = ("type", "spec_version", "id", "created", "modified", "object_marking_refs")
_AUTHORED = (*_NEEDED, "created_by_ref")


def _table(
    kind: str, needed: tuple[str, ...], fields: Mapping[str, Shape], whole: Shape | None = None
) -> Table:
    own = fields.get("extensions")
    mine, its = (own.fields, own.needed) if isinstance(own, Table) else ({}, frozenset())
    extensions = Table({**mine, **_SIGNED, _HANDLING_ID: _HANDLING}, its)
    shapes: dict[str, Shape] = {
        **_COMMON,
        "type": choice(kind),
        "id": reference(kind),
        **fields,
        "extensions": extensions,
    }
    return Table(shapes, frozenset(needed), whole)


def _fingerprint_fits(value: Any) -> str | None:
    """The pattern names the fingerprint that the extension holds, and its text is long enough to share."""
    held = msgspec.convert(value["extensions"][_FINGERPRINT_ID], FingerprintExtension)
    prints = read_fingerprint(held)
    # Base64 of 256 bytes ends in four bits that mean nothing: another spelling of the same bytes could say something.
    if held.shingles < MIN_SHARED_SHINGLES or encode_signature(prints) != held.signature:
        return "extensions"
    return None if value["pattern"] == fingerprint_pattern(prints) else "pattern"


def _indicator_fits(value: Any) -> str | None:
    """An indicator holds a fingerprint or a rule, says so by its pattern's type, and is what it says."""
    held = value["extensions"]
    if _RULE_ID not in held:
        if _FINGERPRINT_ID not in held:
            return "extensions"
        return _fingerprint_fits(value) if value["pattern_type"] == "stix" else "pattern_type"
    if held.keys() & {_FINGERPRINT_ID, extension_id(DismissalExtension)}:
        return "extensions"
    if value["pattern_type"] != PATTERN_TYPE or value.get("indicator_types") != ["malicious-activity"]:
        return "pattern_type"
    return rule_fits(value)


def _pattern(value: Any) -> str | None:
    """The pattern of a fingerprint, or what may be a rule: `_indicator_fits` looks at the whole."""
    if not isinstance(value, str) or len(value.encode()) > MAX_RULE_BYTES:
        return ""
    return _of_fingerprint(value) if value.startswith("[") else None


_of_fingerprint = matching(r"\[x-tocsin-text:minhash_1 = '[0-9a-f]{64}'\]")
_INDICATOR = _table(
    "indicator",
    (*_AUTHORED, "pattern", "pattern_type", "valid_from", "extensions"),
    {
        "name": choice(*wording.indicator_names()),
        "description": choice(wording.INDICATOR, wording.DISMISSAL, wording.RULE),
        "indicator_types": each(choice("malicious-activity", "benign"), 1),
        "pattern": _pattern,
        "pattern_type": choice("stix", PATTERN_TYPE),
        "pattern_version": choice("2.1"),
        "valid_from": moment,
        "valid_until": moment,
        "extensions": Table(
            {
                _FINGERPRINT_ID: _extension(FingerprintExtension, "basis"),
                extension_id(DismissalExtension): _extension(DismissalExtension, "reason"),
                _RULE_ID: _extension(RuleExtension, "basis"),
                **_SIGNED,
            },
        ),
    },
    _indicator_fits,
)

TABLES: Mapping[str, Table] = {
    "identity": _table(
        "identity",
        (*_NEEDED, "name"),
        {
            "name": text(NAME_CHARS),
            "description": choice(wording.IDENTITY),
            "identity_class": choice("organization", "system", "group"),
        },
    ),
    "campaign": _table(
        "campaign",
        (*_AUTHORED, "name", "extensions"),
        {
            "name": choice(*wording.campaign_names()),
            "description": choice(wording.CAMPAIGN),
            "first_seen": day,
            "last_seen": day,
            "extensions": Table(
                {extension_id(CampaignExtension): _extension(CampaignExtension, "basis"), **_SIGNED},
                frozenset({extension_id(CampaignExtension)}),
            ),
        },
    ),
    "indicator": _INDICATOR,
    "relationship": _table(
        "relationship",
        (*_AUTHORED, "relationship_type", "source_ref", "target_ref"),
        {
            "relationship_type": choice("indicates"),
            "source_ref": reference("indicator"),
            "target_ref": reference("campaign"),
        },
    ),
    "sighting": _table(
        "sighting",
        (*_AUTHORED, "sighting_of_ref", "extensions"),
        {
            "sighting_of_ref": reference("indicator", "campaign"),
            "where_sighted_refs": each(reference("identity"), 1),
            "summary": flag,
            "extensions": Table(
                {extension_id(SightingExtension): _extension(SightingExtension), **_SIGNED},
                frozenset({extension_id(SightingExtension)}),
            ),
        },
    ),
    "report": _table(
        "report",
        (*_AUTHORED, "name", "published", "object_refs"),
        {
            "name": choice(*wording.report_names(), *wording.model_report_names()),
            "description": choice(
                wording.REPORT, wording.REPORT_TOO_SHORT, wording.EVALUATION, wording.DECISION
            ),
            "report_types": each(choice("campaign"), 1),
            "published": moment,
            "object_refs": in_order(each(reference(), MAX_REFERENCES)),
            "extensions": _ours(ModelEvaluationExtension, ReleaseDecisionExtension),
        },
        report_fits,
    ),
    "course-of-action": _table(
        "course-of-action",
        (*_AUTHORED, "name", "extensions"),
        {
            "name": choice(*wording.red_line_names()),
            "description": choice(wording.RED_LINE),
            "extensions": _ours(RedLineExtension, needed=True),
        },
        red_line_fits,
    ),
    "note": _table(
        "note",
        (*_AUTHORED, "content", "object_refs", "extensions"),
        {
            "content": choice(
                *wording.commitment_contents(), *wording.joint_contents(), *wording.count_contents()
            ),
            "object_refs": each(reference("identity"), 1),
            "extensions": _ours(CommitmentExtension, JointMessageExtension, NoisyCountExtension),
        },
        note_fits,
    ),
    # The value alone: the explanation is what a person wrote for this node's own people. A word on a red line has its
    # reason in an extension, where it was written for peers.
    "opinion": _table(
        "opinion",
        (*_AUTHORED, "opinion", "object_refs"),
        {
            "opinion": choice(*OPINIONS),
            "object_refs": each(reference(), 1),
            "extensions": _ours(RedLineStanceExtension),
        },
        opinion_fits,
    ),
}
"""Type to table. A type that is not here does not leave, but for the standard's own objects below."""


def may_leave(kind: str, value: Mapping[str, Any]) -> str | None:
    """None when an object of this type may leave as it is, else the path of what may not.

    What everybody has (a TLP marking, an extension definition, the project's identity) leaves only byte for byte.
    """
    standard = well_known(str(value.get("id")))
    if standard is not None:
        return None if canonical(standard) == canonical(value) else "id"
    table = TABLES.get(kind)
    return "type" if table is None else table(value)
