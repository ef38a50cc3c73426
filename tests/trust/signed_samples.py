"""Objects to sign, and what is refused of them: what the vectors and the tests of this room begin with."""

from typing import Any

from tocsin.trust.identity import NodeIdentity
from tocsin.wire.stix import CampaignExtension, FingerprintExtension, extension_id

SECRET = bytes(range(32))
OTHER_SECRET = bytes(range(32, 64))
AUTHOR = NodeIdentity(SECRET)
OTHER = NodeIdentity(OTHER_SECRET)
SEED = bytes(range(64, 96))
FINGERPRINT = extension_id(FingerprintExtension)
CAMPAIGN = extension_id(CampaignExtension)
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"


def _common(kind: str, number: int) -> dict[str, Any]:
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--00000000-0000-4000-8000-{number:012d}",
        "created": "2026-03-05T10:20:30.000Z",
        "modified": "2026-03-05T10:20:30.123Z",
        "created_by_ref": AUTHOR.stix_identity,
        "object_marking_refs": [GREEN],
    }


def indicator() -> dict[str, Any]:
    """With an extension, labels out of order, and a reference to a page."""
    return {
        **_common("indicator", 1),
        "name": "Lottery refund",
        "description": "A template that promises a lottery refund.",
        "indicator_types": ["malicious-activity"],
        "pattern": "[x-tocsin-text:minhash_1 = '" + "ab" * 32 + "']",
        "pattern_type": "stix",
        "valid_from": "2026-03-05T10:20:30.000Z",
        "valid_until": "2026-09-01T00:00:00.000Z",
        "confidence": 80,
        "labels": ["refund", "lottery"],
        "external_references": [{"source_name": "own policy", "external_id": "4.2"}],
        "extensions": {
            FINGERPRINT: {
                "extension_type": "property-extension",
                "category": "fraud.scam",
                "basis": "Two reviewers, terms of use, section 4.",
                "shingles": 200,
            }
        },
    }


def report() -> dict[str, Any]:
    """Without an extension; its references are elements."""
    return {
        **_common("report", 2),
        "name": "A refund scam",
        "description": "What belongs together.",
        "report_types": ["campaign"],
        "published": "2026-03-05T10:20:30.000Z",
        "object_refs": [
            "indicator--00000000-0000-4000-8000-000000000001",
            "campaign--00000000-0000-4000-8000-000000000003",
            "sighting--00000000-0000-4000-8000-000000000004",
        ],
    }


def custom() -> dict[str, Any]:
    """A type nobody wrote a table for: numbers, names that need escaping, other scripts, nesting."""
    return {
        **_common("x-notice", 5),
        "x_ratio": 0.1,
        "x_large": 1e30,
        "x_whole": 9007199254740991,
        "x/slash~tilde": "退款 \u0001 \U0001f514",
        "x_nested": {"b": [1, {"a": None}], "a": False},
        "aliases": ["refund", "Refund", "\u00e9"],
        "extensions": {CAMPAIGN: {"extension_type": "property-extension", "actors": "10-24"}},
    }


def identity() -> dict[str, Any]:
    """An author speaks of itself: there is no created_by_ref."""
    value = {
        **_common("identity", 6),
        "id": AUTHOR.stix_identity,
        "name": "platform",
        "identity_class": "organization",
    }
    del value["created_by_ref"]
    return value


SAMPLES = {"indicator": indicator, "report": report, "custom": custom, "identity": identity}
