"""A STIX object as a MISP object of our own template, and back: an attribute for each property.

misp-stix keeps no id of a technique, no marking of it, no relationship between two, and no type that it does not
know. This carries them in MISP's own means: a text stands as an attribute under its property's name, anything else as
JSON under `NAME.json`; each attribute has the markings as tags; relationships are object references.
A value that MISP's column cannot hold is an attachment, `NAME.file`.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import uuid5

import msgspec

from tocsin.kernel import BadInput
from tocsin.wire.misp.bounds import CARRIER, listed
from tocsin.wire.stix.ids import NAMESPACE, type_of
from tocsin.wire.stix.times import is_timestamp, micros_of

NAME = CARRIER
TEMPLATE = "6c6ab0f2-9f0e-5d0a-8b1f-0f6f0c7b7f15"
VERSION = "1"
MAX_COLUMN_BYTES = 60_000
"""MISP keeps a value in a MySQL TEXT column of 65,535 bytes; what is longer would be cut."""

_JSON = ".json"
_FILE = ".file"
LINK = "see-also"
"""For people, passed over on reading: no STIX property has a hyphen in its name."""

MAX_LINKS = 20
_OWN_INHERITED = "5"
"""MISP's distribution level `inherit event`."""


def key_uuid(*parts: str) -> str:
    """A deterministic UUID for an element of an event."""
    return str(uuid5(NAMESPACE, "\x1f".join(("misp", *parts))))


def carrier_uuid(value: Mapping[str, Any]) -> str:
    """The uuid of the MISP object that carries a STIX object; one for each version."""
    return key_uuid("record", value["id"], str(value.get("modified", value.get("created", ""))))


def carrier(
    value: Mapping[str, Any], tags: Iterable[str], references: Iterable[tuple[str, str]] = ()
) -> dict[str, Any]:
    """The MISP object of a STIX object; `references` are pairs of a relationship type and a carrier's uuid."""
    own = carrier_uuid(value)
    marks = [{"name": name} for name in tags]
    stamp = str(seconds(value))
    attributes = [_attribute(own, name, part, marks, stamp) for name, part in sorted(value.items())]
    attributes += _links(own, value, marks, stamp)
    return {
        "name": NAME,
        "meta-category": "misc",
        "description": "A STIX 2.1 object, a property an attribute, with its markings as tags.",
        "template_uuid": TEMPLATE,
        "template_version": VERSION,
        "uuid": own,
        "timestamp": stamp,
        "distribution": _OWN_INHERITED,
        "Attribute": attributes,
        "ObjectReference": [
            {
                "uuid": key_uuid("reference", own, kind, target),
                "object_uuid": own,
                "referenced_uuid": target,
                "relationship_type": kind,
                "timestamp": stamp,
            }
            for kind, target in sorted(set(references))
        ],
    }


def seconds(value: Mapping[str, Any]) -> int:
    """When a version was made, in whole seconds since 1970, as MISP counts; 0 where it does not say."""
    said = value.get("modified", value.get("created", ""))
    return max(0, micros_of(said) // 1_000_000) if isinstance(said, str) and is_timestamp(said) else 0


def _attribute(own: str, name: str, part: Any, tags: list[dict[str, Any]], stamp: str) -> dict[str, Any]:
    plain = isinstance(part, str) and _stands(part)
    text = part if plain else msgspec.json.encode(part).decode()
    made: dict[str, Any] = {
        "type": "text",
        "category": "Other",
        "object_relation": name if plain else name + _JSON,
        "value": text,
        "uuid": key_uuid("attribute", own, name),
        "timestamp": stamp,
        "distribution": _OWN_INHERITED,
        "to_ids": False,
        "disable_correlation": True,
        "Tag": tags,
    }
    if len(text.encode()) > MAX_COLUMN_BYTES:
        content = base64.b64encode(msgspec.json.encode(part)).decode()
        made |= {
            "type": "attachment",
            "object_relation": name + _FILE,
            "value": f"{name}.json",
            "data": content,
        }
    return made


def _stands(text: str) -> bool:
    """Whether MISP keeps a text as it is: it trims ends, refuses what is empty, and may change odd characters."""
    return bool(text) and text == text.strip() and all(char.isprintable() or char == "\n" for char in text)


def _links(
    own: str, value: Mapping[str, Any], tags: list[dict[str, Any]], stamp: str
) -> Iterator[dict[str, Any]]:
    references = value.get("external_references", ())
    urls = (
        [one.get("url") for one in references if isinstance(one, dict)]
        if isinstance(references, list)
        else []
    )
    for url in list(dict.fromkeys(url for url in urls if isinstance(url, str) and _stands(url)))[:MAX_LINKS]:
        if len(url) <= MAX_COLUMN_BYTES:
            yield _attribute(own, f"{LINK}:{url}", url, tags, stamp) | {
                "type": "link",
                "category": "External analysis",
                "object_relation": LINK,
            }


def is_carrier(misp_object: Mapping[str, Any]) -> bool:
    """Whether a MISP object says that it carries a STIX object."""
    return misp_object.get("name") == NAME and not misp_object.get("deleted")


def carried(misp_object: dict[str, Any]) -> dict[str, Any]:
    """The STIX object that a carrier holds, unchecked. Raises BadInput when it is not of the template's form."""
    value: dict[str, Any] = {}
    for attribute in listed(misp_object, "Attribute"):
        relation, text = attribute.get("object_relation"), attribute.get("value")
        if relation == LINK or attribute.get("deleted"):
            continue
        if not isinstance(relation, str) or not isinstance(text, str):
            raise BadInput("an attribute has no relation or no text")
        name, part = _property(relation, text, attribute.get("data"))
        if name in value:
            raise BadInput(f"says {name[:64]} twice")
        value[name] = part
    identifier = value.get("id")
    if not isinstance(identifier, str) or type_of(identifier) is None:
        raise BadInput("has no id")
    return value


def _property(relation: str, text: str, data: Any) -> tuple[str, Any]:
    if relation.endswith(_FILE):
        try:
            content = base64.b64decode(data if isinstance(data, str) else "", validate=True)
        except (binascii.Error, ValueError):
            raise BadInput("an attachment is not base64") from None
        return relation.removesuffix(_FILE), _decoded(content)
    if relation.endswith(_JSON):
        return relation.removesuffix(_JSON), _decoded(text.encode("utf-8", "replace"))
    return relation, text


def _decoded(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadInput("a property is not the JSON that its name says") from None
