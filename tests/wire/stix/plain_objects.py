"""One plain object of every type, as small as the standard allows and a little more. Invented."""

from typing import Any

UUID = "5b3f83a9-e987-4fad-8b7e-d5be3b969808"
AT = "2025-01-01T00:00:00.000Z"
NAMED = {"name": "n"}
REFS = {"object_refs": [f"indicator--{UUID}"]}
SEEN = {"first_observed": AT, "last_observed": AT, "number_observed": 1}

PLAIN: dict[str, dict[str, Any]] = {
    "artifact": {"payload_bin": "aGVsbG8=", "mime_type": "text/plain"},
    "attack-pattern": NAMED,
    "autonomous-system": {"number": 3},
    "campaign": NAMED,
    "course-of-action": NAMED,
    "directory": {"path": "/tmp"},
    "domain-name": {"value": "example.com"},
    "email-addr": {"value": "john@example.com"},
    "email-message": {"is_multipart": True, "body_multipart": [{"body": "b"}]},
    "extension-definition": {
        **NAMED,
        "created_by_ref": f"identity--{UUID}",
        "schema": "s",
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    },
    "file": {
        **NAMED,
        "extensions": {
            "ntfs-ext": {"alternate_data_streams": [{"name": "a"}]},
            "pdf-ext": {"version": "1.7"},
            "windows-pebinary-ext": {
                "pe_type": "dll",
                "imphash": "i",
                "sections": [{"name": "s", "entropy": 1.5}],
            },
        },
    },
    "grouping": {"context": "suspicious-activity", **REFS},
    "identity": NAMED,
    "incident": NAMED,
    "indicator": {"pattern": "[url:value = 'u']", "pattern_type": "stix", "valid_from": AT},
    "infrastructure": NAMED,
    "intrusion-set": NAMED,
    "ipv4-addr": {"value": "198.51.100.0/24"},
    "ipv6-addr": {"value": "2001:db8::/32"},
    "language-content": {"object_ref": f"campaign--{UUID}", "contents": {"de": {"name": "N"}}},
    "location": {"latitude": 48.8566, "longitude": 2, "precision": 10.5},
    "mac-addr": {"value": "d2:fb:49:24:37:18"},
    "malware": {"is_family": False},
    "malware-analysis": {"product": "p", "result": "benign"},
    "marking-definition": {"definition_type": "statement", "definition": {"statement": "s"}},
    "mutex": NAMED,
    "network-traffic": {
        "src_ref": f"ipv4-addr--{UUID}",
        "protocols": ["tcp"],
        "is_active": False,
        "extensions": {"tcp-ext": {"src_flags_hex": "00000002"}},
    },
    "note": {"content": "c", **REFS},
    "observed-data": {**SEEN, "object_refs": [f"url--{UUID}"]},
    "opinion": {"opinion": "agree", **REFS},
    "process": {"pid": 7, "extensions": {"windows-service-ext": {"service_name": "s"}}},
    "relationship": {
        "relationship_type": "uses",
        "source_ref": f"campaign--{UUID}",
        "target_ref": f"malware--{UUID}",
    },
    "report": {**NAMED, "published": AT, **REFS},
    "sighting": {"sighting_of_ref": f"indicator--{UUID}"},
    "software": NAMED,
    "threat-actor": NAMED,
    "tool": NAMED,
    "url": {"value": "https://example.com/"},
    "user-account": {"user_id": "1", "extensions": {"unix-account-ext": {"gid": 1}}},
    "vulnerability": NAMED,
    "windows-registry-key": {"key": "k", "values": [{"name": "n", "data_type": "REG_SZ"}]},
    "x509-certificate": {"issuer": "CN=i", "x509_v3_extensions": {"basic_constraints": "CA:FALSE"}},
}
