"""The published JSON Schemas (2020-12), by the name under /schemas/ at which every node serves them.

They are made of the structs that decode, so that they cannot differ; the files beside this one are the same
bytes, for readers and for other implementations.
"""

from typing import Any

import msgspec

from tocsin.wire.events import event_json_schema
from tocsin.wire.stix.extensions import EXTENSIONS, Extension


def published() -> dict[str, dict[str, Any]]:
    """File name → schema."""
    found = {f"{kind.NAME}-1.json": _extension_schema(kind) for kind in EXTENSIONS}
    found["event.json"] = event_json_schema()
    return dict(sorted(found.items()))


def schema_bytes(schema: dict[str, Any]) -> bytes:
    """A schema as its file and as the node serves it."""
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


def _extension_schema(kind: type[Extension]) -> dict[str, Any]:
    (reference,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    own = reference["$ref"].rpartition("/")[2]
    body = parts.pop(own)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tocsin:schema:{kind.NAME}:1",
        **body,
        "title": kind.NAME,
    }
    for part in parts.values():
        part.pop("description", None)  # of the code, not of the wire
    # A default is for those who build; those who read find every property there.
    optional = {name for name, part in body["properties"].items() if "default" not in part}
    optional -= set(body.get("required", ()))
    schema["required"] = [name for name in body["properties"] if name not in optional]
    return {**schema, "$defs": parts} if parts else schema
