"""A second reader of docs/signatures.md, for the tests: `cryptography` and `rfc8785`, and none of our code."""

import base64
import hashlib
import uuid
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

EXTENSION = "extension-definition--e9d5dae0-3b40-5e5f-874b-d76ee6c00e38"
NODES = uuid.UUID("6f1f4c2e-7a0b-5d54-9c0e-3f6f5d0c7a11")
ELEMENTWISE = {
    "aliases",
    "external_references",
    "kill_chain_phases",
    "labels",
    "object_refs",
    "observed_data_refs",
    "sample_refs",
    "where_sighted_refs",
}
COMMON = "type id spec_version created modified created_by_ref object_marking_refs granular_markings revoked"
BY_TYPE = {
    "attack-pattern": "name",
    "campaign": "name",
    "course-of-action": "name",
    "extension-definition": "name schema version extension_types",
    "grouping": "context",
    "identity": "name",
    "indicator": "indicator_types pattern pattern_type valid_from valid_until",
    "infrastructure": "name",
    "intrusion-set": "name",
    "language-content": "object_ref object_modified contents",
    "malware": "is_family",
    "malware-analysis": "product result",
    "note": "content",
    "observed-data": "first_observed last_observed number_observed",
    "opinion": "opinion",
    "relationship": "relationship_type source_ref target_ref start_time stop_time",
    "report": "name published",
    "sighting": "sighting_of_ref count",
    "threat-actor": "name",
    "tool": "name",
    "vulnerability": "name",
}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert b64(data) == text
    return data


def hashed(label: str, value: Any) -> str:
    text = f"tocsin/signed-fields/1/{label}".encode() + b"\0" + rfc8785.dumps(value)
    return b64(hashlib.sha256(text).digest())


def escaped(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def fields(item: dict[str, Any], salts: dict[str, Any]) -> list[tuple[str | None, str, Any]]:
    """Every (salt, path, value) of a view; KeyError where a salt is missing, AssertionError where the form is wrong."""
    shown = (COMMON + " " + BY_TYPE.get(item["type"], "")).split()
    assert None not in item.values()
    found: list[tuple[str | None, str, Any]] = [(None, escaped(name), item.get(name)) for name in shown]
    others = {key: inner for key, inner in item["extensions"].items() if key != EXTENSION}
    found.append((None, "/extensions", sorted(others) or None))
    expected: dict[str, Any] = {}
    for name, inner in item.items():
        if name in ELEMENTWISE:
            forms = [rfc8785.dumps(one) for one in inner]
            assert forms
            assert forms == sorted(set(forms))
            assert len(salts[name]) == len(inner)
            found += [(salt, escaped(name) + "/-", one) for salt, one in zip(salts[name], inner, strict=True)]
            expected[name] = salts[name]
        elif name not in shown and name != "extensions":
            found.append((salts[name], escaped(name), inner))
            expected[name] = salts[name]
    for key, extension in others.items():
        assert extension
        for name, inner in extension.items():
            salt = salts["extensions"][key][name]
            found.append((salt, "/extensions" + escaped(key) + escaped(name), inner))
            expected.setdefault("extensions", {}).setdefault(key, {})[name] = salt
    assert expected == salts
    return found


def check(item: dict[str, Any]) -> tuple[str, int] | None:
    """The root and how many fields are withheld; None when the object is not what its author signed."""
    try:
        said = item["extensions"][EXTENSION]
        assert set(said) == {
            *("extension_type", "algorithm", "hash", "key", "signature", "digests", "salts"),
        }
        assert (said["extension_type"], said["algorithm"], said["hash"]) == (
            "property-extension",
            "Ed25519",
            "sha-256",
        )
        digests, key = said["digests"], unb64(said["key"])
        assert digests == sorted(set(digests))
        author = item.get("created_by_ref", item["id"])
        assert author == f"identity--{uuid.uuid5(NODES, key.hex())}"
        root = hashed("root", digests)
        statement = {
            "algorithm": "Ed25519",
            "author": author,
            "hash": "sha-256",
            "id": item["id"],
            "key": said["key"],
            "root": root,
            "type": item["type"],
            "version": item.get("modified", item["created"]),
        }
        message = b"tocsin/signed-fields/1\0" + rfc8785.dumps(statement)
        Ed25519PublicKey.from_public_bytes(key).verify(unb64(said["signature"]), message)
        found = fields(item, said["salts"])
        for salt, path, value in found:
            assert salt is None or len(unb64(salt)) == 16
            assert hashed("field", [salt, path, value]) in digests
    except (AssertionError, KeyError, TypeError, ValueError, AttributeError, InvalidSignature):
        return None
    return root, len(digests) - len(found)
