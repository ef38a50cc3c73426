"""Per type: which properties are timestamps, which two have an order, which refer to what.

Source: STIX Version 2.1, OASIS Standard, each object's own section.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tocsin.wire.stix.objects import OBSERVABLE_TYPES, SDO_TYPES

TIMES: Mapping[str, tuple[str, ...]] = {
    "campaign": ("first_seen", "last_seen"),
    "directory": ("ctime", "mtime", "atime"),
    "email-message": ("date",),
    "file": ("ctime", "mtime", "atime"),
    "indicator": ("valid_from", "valid_until"),
    "infrastructure": ("first_seen", "last_seen"),
    "intrusion-set": ("first_seen", "last_seen"),
    "language-content": ("object_modified",),
    "malware": ("first_seen", "last_seen"),
    "malware-analysis": ("submitted", "analysis_started", "analysis_ended"),
    "network-traffic": ("start", "end"),
    "observed-data": ("first_observed", "last_observed"),
    "process": ("created_time",),
    "relationship": ("start_time", "stop_time"),
    "report": ("published",),
    "sighting": ("first_seen", "last_seen"),
    "threat-actor": ("first_seen", "last_seen"),
    "user-account": (
        "account_created",
        "account_expires",
        "credential_last_changed",
        "account_first_login",
        "account_last_login",
    ),
    "windows-registry-key": ("modified_time",),
    "x509-certificate": ("validity_not_before", "validity_not_after"),
}


class Order(NamedTuple):
    """`second` is not before `first`, or where `strict` after it."""

    first: str
    second: str
    strict: bool = False


_SEEN = Order("first_seen", "last_seen")
ORDERS: Mapping[str, Order] = {
    "campaign": _SEEN,
    "indicator": Order("valid_from", "valid_until", strict=True),
    "infrastructure": _SEEN,
    "intrusion-set": _SEEN,
    "malware": _SEEN,
    "network-traffic": Order("start", "end"),
    "observed-data": Order("first_observed", "last_observed"),
    "relationship": Order("start_time", "stop_time", strict=True),
    "sighting": _SEEN,
    "threat-actor": _SEEN,
}

NOT_IN_RELATIONSHIPS = frozenset(
    {"bundle", "language-content", "marking-definition", "relationship", "sighting"}
)
"""What a relationship may not join (section 5.1)."""

Allowed = Callable[[str], bool]


def _only(*kinds: str) -> Allowed:
    return frozenset(kinds).__contains__


def _but(*kinds: str) -> Allowed:
    """Any type but these: a custom one may be what the standard asks for."""
    refused = frozenset({"bundle", *kinds})
    return lambda kind: kind not in refused


_ANYTHING = _but()
_OBSERVABLE = _but(*SDO_TYPES, "extension-definition", "language-content", "marking-definition")
_DOMAIN = _but(*OBSERVABLE_TYPES, "language-content", "marking-definition", "relationship", "sighting")
_ADDRESS = _only("domain-name", "ipv4-addr", "ipv6-addr", "mac-addr")
_EMAIL = _only("email-addr")

REFERENCES: Mapping[str, Mapping[str, Allowed]] = {
    "email-addr": {"belongs_to_ref": _only("user-account")},
    "email-message": {"from_ref": _EMAIL, "sender_ref": _EMAIL, "raw_email_ref": _only("artifact")},
    "file": {"parent_directory_ref": _only("directory"), "content_ref": _only("artifact")},
    "language-content": {"object_ref": _but("language-content")},
    "malware-analysis": {
        "host_vm_ref": _only("software"),
        "operating_system_ref": _only("software"),
        "sample_ref": _only("artifact", "file", "network-traffic"),
    },
    "network-traffic": {
        "src_ref": _ADDRESS,
        "dst_ref": _ADDRESS,
        "src_payload_ref": _only("artifact"),
        "dst_payload_ref": _only("artifact"),
        "encapsulated_by_ref": _only("network-traffic"),
    },
    "process": {
        "creator_user_ref": _only("user-account"),
        "image_ref": _only("file"),
        "parent_ref": _only("process"),
    },
    "relationship": {"source_ref": _but(*NOT_IN_RELATIONSHIPS), "target_ref": _but(*NOT_IN_RELATIONSHIPS)},
    "sighting": {"sighting_of_ref": _DOMAIN},
    "windows-registry-key": {"creator_user_ref": _only("user-account")},
}
"""Type to property to the types that it may name."""

REFERENCE_LISTS: Mapping[str, Mapping[str, Allowed]] = {
    "directory": {"contains_refs": _only("directory", "file")},
    "domain-name": {"resolves_to_refs": _only("domain-name", "ipv4-addr", "ipv6-addr")},
    "email-message": {"to_refs": _EMAIL, "cc_refs": _EMAIL, "bcc_refs": _EMAIL},
    "file": {"contains_refs": _OBSERVABLE},
    "grouping": {"object_refs": _ANYTHING},
    "ipv4-addr": {"resolves_to_refs": _only("mac-addr"), "belongs_to_refs": _only("autonomous-system")},
    "ipv6-addr": {"resolves_to_refs": _only("mac-addr"), "belongs_to_refs": _only("autonomous-system")},
    "malware": {"operating_system_refs": _only("software"), "sample_refs": _only("artifact", "file")},
    "malware-analysis": {"installed_software_refs": _only("software"), "analysis_sco_refs": _OBSERVABLE},
    "network-traffic": {"encapsulates_refs": _only("network-traffic")},
    "note": {"object_refs": _ANYTHING},
    "observed-data": {"object_refs": _OBSERVABLE},
    "opinion": {"object_refs": _ANYTHING},
    "process": {"opened_connection_refs": _only("network-traffic"), "child_refs": _only("process")},
    "report": {"object_refs": _ANYTHING},
    "sighting": {
        "observed_data_refs": _only("observed-data"),
        "where_sighted_refs": _only("identity", "location"),
    },
}

EXTENSION_REFERENCES: Mapping[str, Mapping[str, Allowed]] = {
    "archive-ext": {"contains_refs": _only("directory", "file")},
    "http-request-ext": {"message_body_data_ref": _only("artifact")},
    "windows-service-ext": {"service_dll_refs": _only("file")},
}
"""The same, one or many, in the standard's own extensions."""
