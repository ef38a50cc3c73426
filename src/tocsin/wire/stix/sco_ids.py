"""Deterministic ids of cyber-observables: the same thing seen twice is one object, whoever writes it down.

Source: STIX Version 2.1, OASIS Standard, section 2.9: UUIDv5 over the JCS form (RFC 8785) of the properties that
each type names as contributing, in OASIS's own namespace. It is a SHOULD: another id is reported, never refused.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

import msgspec

from tocsin.kernel import BadInput
from tocsin.wire.stix.canonical_form import canonical
from tocsin.wire.stix.objects import OBSERVABLE_TYPES, Extended, StixObject
from tocsin.wire.stix.problems import Code, Problem

OASIS_NAMESPACE = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")

CONTRIBUTING: Mapping[str, tuple[str, ...]] = {
    "artifact": ("hashes", "payload_bin"),
    "autonomous-system": ("number",),
    "directory": ("path",),
    "domain-name": ("value",),
    "email-addr": ("value",),
    "email-message": ("from_ref", "subject", "body"),
    "file": ("hashes", "name", "parent_directory_ref", "extensions"),
    "ipv4-addr": ("value",),
    "ipv6-addr": ("value",),
    "mac-addr": ("value",),
    "mutex": ("name",),
    "network-traffic": (
        "start",
        "end",
        "src_ref",
        "dst_ref",
        "src_port",
        "dst_port",
        "protocols",
        "extensions",
    ),
    "process": (),
    "software": ("name", "cpe", "swid", "vendor", "version"),
    "url": ("value",),
    "user-account": ("account_type", "user_id", "account_login"),
    "windows-registry-key": ("key", "values"),
    "x509-certificate": ("hashes", "serial_number"),
}
"""A process has none: its id is random."""

_PREFERRED = ("MD5", "SHA-1", "SHA-256", "SHA-512")


def observable_id(kind: str, properties: Mapping[str, Any]) -> str | None:
    """The id that these properties give an observable, None where none of them contributes. Raises BadInput."""
    found = {name: properties[name] for name in CONTRIBUTING[kind] if name in properties}
    if found.get("hashes"):
        found["hashes"] = _one_hash(found["hashes"])
    if not found:
        return None
    return f"{kind}--{uuid5(OASIS_NAMESPACE, canonical(found).decode())}"


def _one_hash(hashes: Mapping[str, str]) -> dict[str, str]:
    """The first of those that section 2.9 prefers, else the first by name."""
    name = next((name for name in _PREFERRED if name in hashes), min(hashes))
    return {name: hashes[name]}


def advice(item: StixObject | Extended) -> tuple[Problem, ...]:
    """What the standard would rather see of a sound object (SHOULD, not MUST). Never a reason to refuse it."""
    if item.type not in OBSERVABLE_TYPES:
        return ()
    data = item.data if isinstance(item, Extended) else msgspec.to_builtins(item)
    try:
        expected = observable_id(item.type, data)
    except BadInput:
        return ()
    if expected is None or expected == item.id:
        return ()
    return (
        Problem(item.id, "id", Code.ADVICE, f"is not the one its properties give: {expected}", fatal=False),
    )
