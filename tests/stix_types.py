"""Hypothesis strategies for a sound object of every STIX type, drawn from the structs and mended by the rules."""

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from tests.strategies import floats, json_values, names, stix_ids, stix_timestamps, texts
from tocsin.wire.stix.fields import ORDERS, REFERENCE_LISTS, REFERENCES, TIMES
from tocsin.wire.stix.objects import OBSERVABLE_TYPES, TYPED
from tocsin.wire.stix.sco_extensions import STANDARD_EXTENSIONS
from tocsin.wire.stix.sco_ids import observable_id
from tocsin.wire.stix.times import exact

_KINDS = [*TYPED, "x-thing"]
_MARKED = frozenset({"id", "type", "created", "modified", "spec_version", "granular_markings", "extensions"})
hexadecimal = st.binary(min_size=1, max_size=8).map(bytes.hex)


def values_of(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """A value of a type, as decoded JSON."""
    match kind:
        case inspect.StrType(pattern=None):
            return names
        case inspect.StrType(pattern=pattern):
            return st.just("") if "A-Za-z0-9+/" in str(pattern) else hexadecimal
        case inspect.IntType(ge=ge, le=le):
            return st.integers(-(2**53) + 1 if ge is None else int(ge), 2**53 - 1 if le is None else int(le))
        case inspect.FloatType(ge=ge, le=le):
            return st.floats(ge, le, allow_nan=False, allow_infinity=False)
        case inspect.BoolType():
            return st.booleans()
        case inspect.LiteralType(values=values):
            return st.sampled_from([str(value) for value in values])
        case inspect.ListType(item_type=item):
            return st.lists(values_of(item), min_size=1, max_size=2)
        case inspect.DictType(value_type=value):
            return st.dictionaries(names, values_of(value), min_size=1, max_size=2)
        case inspect.UnionType(types=types):
            return st.one_of([values_of(inner) for inner in types])
        case inspect.StructType(cls=cls):
            return fields_of(cls)
        case inspect.AnyType():
            return json_values()
    raise AssertionError(kind)


@st.composite
def fields_of(draw: st.DrawFn, struct: type[msgspec.Struct]) -> dict[str, Any]:
    """What a struct holds, its optional parts now and then."""
    found: dict[str, Any] = {}
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    for field in info.fields:
        if field.required or draw(st.integers(0, 2)) == 0:
            found[field.name] = draw(values_of(field.type))
    return found


def _one_that(allowed: Callable[[str], bool]) -> st.SearchStrategy[str]:
    return st.sampled_from([kind for kind in _KINDS if allowed(kind)]).flatmap(stix_ids)


@st.composite
def sound(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """A sound object of one type: nothing about it is a problem."""
    item = {name: value for name, value in draw(fields_of(TYPED[kind])).items() if name not in _MARKED}
    item |= {"type": kind, "id": draw(stix_ids(kind)), "spec_version": "2.1"}
    for name in sorted(item.keys() & set(TIMES.get(kind, ()))):
        item[name] = draw(stix_timestamps())
    for name in sorted(item.keys() & REFERENCES.get(kind, {}).keys()):
        item[name] = draw(_one_that(REFERENCES[kind][name]))
    for name in sorted(item.keys() & REFERENCE_LISTS.get(kind, {}).keys()):
        item[name] = draw(st.lists(_one_that(REFERENCE_LISTS[kind][name]), min_size=1, max_size=2))
    if "created_by_ref" in item:
        item["created_by_ref"] = draw(stix_ids("identity"))
    if "object_marking_refs" in item:
        item["object_marking_refs"] = [draw(stix_ids("marking-definition"))]
    if kind in OBSERVABLE_TYPES:
        item.pop("created_by_ref", None)
    else:
        item["created"], later = sorted([draw(stix_timestamps(3)), draw(stix_timestamps(3))])
        if kind != "marking-definition":
            item["modified"] = later
    order = ORDERS.get(kind)
    if order and order.first in item and order.second in item:
        first, second = sorted([item[order.first], item[order.second]], key=exact)
        item[order.first], item[order.second] = first, second
        if order.strict and exact(first) == exact(second):
            del item[order.second]
    _mend(draw, item)
    _extend(draw, item)
    if draw(st.booleans()):
        mark = (
            {"marking_ref": draw(stix_ids("marking-definition"))} if draw(st.booleans()) else {"lang": "en"}
        )
        item["granular_markings"] = [{**mark, "selectors": [draw(st.sampled_from(sorted(item)))]}]
    return item


def _extend(draw: st.DrawFn, item: dict[str, Any]) -> None:
    """The standard's own extensions, and one that nobody knows."""
    found: dict[str, Any] = {}
    for name, struct in STANDARD_EXTENSIONS.get(item["type"], {}).items():
        if draw(st.booleans()):
            value = draw(fields_of(struct))
            for field in ("contains_refs", "service_dll_refs"):
                if field in value:
                    value[field] = [draw(stix_ids("file"))]
            if "message_body_data_ref" in value:
                value["message_body_data_ref"] = draw(stix_ids("artifact"))
            if value:
                found[name] = value
    if draw(st.booleans()):
        found[draw(stix_ids("extension-definition"))] = draw(
            st.dictionaries(texts, json_values(), max_size=2)
        )
    if found:
        item["extensions"] = found


def _mend(draw: st.DrawFn, item: dict[str, Any]) -> None:  # noqa: C901  # a table in the form of a match
    """What a type's own rules ask for."""
    if "hashes" in item:
        item["hashes"] = {"SHA-256": draw(st.binary(min_size=32, max_size=32)).hex(), "x-own": "1"}
    match item["type"]:
        case "artifact":
            item.pop("url", None)
            item["payload_bin"] = "aGVsbG8="
            if "decryption_key" in item:
                item["encryption_algorithm"] = "AES-256-GCM"
        case "email-message":
            item.pop("body" if item["is_multipart"] else "body_multipart", None)
            for part in item.get("body_multipart", []):
                part.pop("body", None)
                part["body_raw_ref"] = draw(stix_ids("artifact"))
        case "extension-definition":
            item |= {"created_by_ref": draw(stix_ids("identity")), "version": "1.0.0"}
            item["extension_types"] = ["toplevel-property-extension"]
        case "file" | "user-account" | "process" | "windows-registry-key" | "x509-certificate" as kind:
            field = {
                "file": "name",
                "user-account": "user_id",
                "process": "cwd",
                "windows-registry-key": "key",
            }
            item.setdefault(field.get(kind, "subject"), draw(names))
            if "x509_v3_extensions" in item:
                for name in ("private_key_usage_period_not_before", "private_key_usage_period_not_after"):
                    if name not in item["x509_v3_extensions"]:
                        continue
                    item["x509_v3_extensions"][name] = draw(stix_timestamps())
        case "indicator":
            item |= {"pattern": "[domain-name:value = 'a.example']", "pattern_type": "stix"}
        case "ipv4-addr":
            item["value"] = draw(st.ip_addresses(v=4).map(str))
        case "ipv6-addr":
            item["value"] = draw(st.ip_addresses(v=6).map(str))
        case "mac-addr":
            item["value"] = ":".join(f"{octet:02x}" for octet in draw(st.binary(min_size=6, max_size=6)))
        case "language-content":
            item["contents"] = {"zh-Hans": {"name": draw(texts)}, "de": {"labels": [draw(texts)]}}
        case "location":
            item |= {"latitude": draw(floats_in(90)), "longitude": draw(floats_in(180))}
        case "malware":
            item["name"] = draw(names)
        case "malware-analysis":
            item["result"] = "unknown"
        case "marking-definition":
            item |= {"definition_type": "statement", "definition": {"statement": draw(texts)}}
        case "network-traffic":
            item["src_ref"] = draw(stix_ids("ipv4-addr"))
            if "end" in item:
                item["is_active"] = False
        case "observed-data":
            item.pop("objects", None)
            item["object_refs"] = [draw(stix_ids("file"))]


def floats_in(limit: int) -> st.SearchStrategy[Any]:
    return st.integers(-limit, limit) | floats.filter(lambda value: abs(value) <= limit)


def any_sound() -> st.SearchStrategy[dict[str, Any]]:
    """A sound object of any type of the standard."""
    return st.sampled_from(sorted(TYPED)).flatmap(sound)


def with_own_id(item: dict[str, Any]) -> dict[str, Any]:
    """An observable under the id that section 2.9 gives it."""
    return {**item, "id": observable_id(item["type"], item) or item["id"]}
