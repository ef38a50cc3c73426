"""Made-up STIX objects with every kind of marking, and MISP events that never were ours."""

from typing import Any

import msgspec

from tocsin.kernel import TLP
from tocsin.wire.stix import marking_id

CREATED = "2026-03-05T10:20:30.123Z"
AUTHOR = "identity--6f1c3a52-9c1e-4b7e-8a90-0d6f4b7c1a01"
PAP_RED = "marking-definition--6f1c3a52-9c1e-4b7e-8a90-0d6f4b7c1a02"
STATEMENT = "marking-definition--6f1c3a52-9c1e-4b7e-8a90-0d6f4b7c1a03"
TECHNIQUE = "attack-pattern--6f1c3a52-9c1e-5b7e-8a90-0d6f4b7c1a04"
SECOND = "attack-pattern--6f1c3a52-9c1e-5b7e-8a90-0d6f4b7c1a05"
INDICATOR = "indicator--6f1c3a52-9c1e-4b7e-8a90-0d6f4b7c1a06"
UNMARKED = "course-of-action--6f1c3a52-9c1e-4b7e-8a90-0d6f4b7c1a07"


def stix(kind: str, identifier: str, *refs: str, **more: Any) -> dict[str, Any]:
    """An object as a dictionary, marked with `refs`."""
    made = {"type": kind, "spec_version": "2.1", "id": identifier, "created": CREATED, "modified": CREATED}
    return made | ({"object_marking_refs": list(refs)} if refs else {}) | more


OBJECTS: list[dict[str, Any]] = [
    stix("identity", AUTHOR, marking_id(TLP.CLEAR), name="A node", identity_class="organization"),
    {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": PAP_RED,
        "created": CREATED,
        "name": "PAP:RED",
        "definition_type": "statement",
        "definition": {"statement": "PAP:RED"},
    },
    {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": STATEMENT,
        "created": CREATED,
        "definition_type": "statement",
        "definition": {"statement": "Not for the press."},
    },
    stix(
        "attack-pattern",
        TECHNIQUE,
        marking_id(TLP.GREEN),
        PAP_RED,
        created_by_ref=AUTHOR,
        name="Lottery refund bait",
        description="  A text with ends that a form would trim, \u00e4\u4e2d, and a tab\t.\n ",
        external_references=[{"source_name": "x", "url": "https://example.org/a", "external_id": "AML.T1"}],
    ),
    stix("attack-pattern", SECOND, STATEMENT, name="Second", description="long " * 20_000),
    stix(
        "indicator",
        INDICATOR,
        marking_id(TLP.AMBER),
        created_by_ref=AUTHOR,
        pattern="[domain-name:value = 'refund.example']",
        pattern_type="stix",
        valid_from=CREATED,
        labels=["PAP:AMBER"],
        revoked=True,
        granular_markings=[{"marking_ref": marking_id(TLP.AMBER_STRICT), "selectors": ["pattern"]}],
        extensions={"extension-definition--6f1c3a52-9c1e-4b7e-8a90-0d6f4b7c1a08": {
            "extension_type": "property-extension", "n": 9_007_199_254_740_991}},
    ),
    stix(
        "relationship",
        "relationship--6f1c3a52-9c1e-4b7e-8a90-0d6f4b7c1a09",
        marking_id(TLP.AMBER),
        relationship_type="indicates",
        source_ref=INDICATOR,
        target_ref=TECHNIQUE,
    ),
    stix("course-of-action", UNMARKED, name="Warn people"),
    stix(
        "x-odd-type",
        "x-odd-type--6f1c3a52-9c1e-4b7e-8a90-0d6f4b7c1a0a",
        marking_id(TLP.RED),
        x_ours={"empty": "", "list": [], "float": 1.5},
        x_empty="",
        x_null=None,
    ),
]  # fmt: skip


def event(*attributes: dict[str, Any], tags: tuple[str, ...] = (), **more: Any) -> bytes:
    """A MISP event of somebody else, as MISP exports it."""
    made = {
        "uuid": "5e384ae7-672c-4250-9cda-3b4da964451a",
        "info": "Refund bait",
        "date": "2026-01-01",
        "timestamp": "1700000000",
        "published": True,
        "publish_timestamp": "1700000001",
        "distribution": "1",
        "Orgc": {"name": "CERT", "uuid": "a0c22599-9e58-4da4-96ac-7051603fa951"},
        "Tag": [{"name": name} for name in tags],
        "Attribute": list(attributes),
    }
    return msgspec.json.encode({"Event": made | more})


def attribute(number: int, value: str, *tags: str, **more: Any) -> dict[str, Any]:
    """An attribute of it."""
    made = {
        "uuid": f"5e384ae7-672c-4250-9cda-3b4da96{number:05d}",
        "type": "domain",
        "category": "Network activity",
        "value": value,
        "to_ids": True,
        "timestamp": "1700000000",
        "Tag": [{"name": name} for name in tags],
    }
    return made | more
