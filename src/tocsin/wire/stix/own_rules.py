"""What a type of the standard must keep by itself: which properties it needs together, what a value may be.

A broken rule of these leaves a usable object, and is told. Source: STIX Version 2.1, OASIS Standard, each object's
own section.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from tocsin.wire.stix.fields import EXTENSION_REFERENCES
from tocsin.wire.stix.ids import type_of
from tocsin.wire.stix.problems import Code
from tocsin.wire.stix.sco_extensions import NEED_A_PROPERTY, STANDARD_EXTENSIONS
from tocsin.wire.stix.times import is_timestamp
from tocsin.wire.stix.tlp import VERSION_1_NAMES

Found = tuple[str, Code, str, bool]
"""Property, code, reason, whether it is fatal."""

_HASH_DIGITS = {"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-512": 128, "SHA3-256": 64, "SHA3-512": 128}
"""Of the hashing-algorithm-ov (section 10.3), those of a fixed length."""

_hexadecimal = re.compile(r"[0-9a-fA-F]+").fullmatch
_mac_address = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}").fullmatch
_language = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*").fullmatch
_semantic_version = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:[-+][0-9A-Za-z.+-]+)?").fullmatch


def _missing(field: str, reason: str) -> Found:
    return field, Code.MISSING, reason, False


def _wrong(field: str, reason: str) -> Found:
    return field, Code.VALUE, reason, False


def _location(item: Any) -> Iterator[Found]:
    has_latitude, has_longitude = item.latitude is not UNSET, item.longitude is not UNSET
    if has_latitude != has_longitude:
        yield _missing("longitude" if has_latitude else "latitude", "is needed beside the other of the two")
    elif not has_latitude and item.region is UNSET and item.country is UNSET:
        yield _missing("region", "is needed, or country, or latitude and longitude")
    if item.precision is not UNSET and not (has_latitude and has_longitude):
        yield _wrong("precision", "says nothing without latitude and longitude")


def _malware(item: Any) -> Iterator[Found]:
    if item.is_family and item.name is UNSET:
        yield _missing("name", "is needed for a family")


def _malware_analysis(item: Any) -> Iterator[Found]:
    if item.result is UNSET and item.analysis_sco_refs is UNSET:
        yield _missing("result", "is needed, or analysis_sco_refs")


def _observed_data(item: Any) -> Iterator[Found]:
    if item.objects is UNSET and item.object_refs is UNSET:
        yield _missing("object_refs", "is needed")
    elif item.objects is not UNSET and item.object_refs is not UNSET:
        yield _wrong("objects", "may not stand beside object_refs")


def _artifact(item: Any) -> Iterator[Found]:
    if (item.payload_bin is UNSET) == (item.url is UNSET):
        yield _missing("payload_bin", "or url is needed, and not both")
    if item.url is not UNSET and item.hashes is UNSET:
        yield _missing("hashes", "is needed beside url")
    if item.decryption_key is not UNSET and item.encryption_algorithm is UNSET:
        yield _missing("encryption_algorithm", "is needed beside decryption_key")
    yield from _hashes(item)


def _email_message(item: Any) -> Iterator[Found]:
    if item.is_multipart and item.body is not UNSET:
        yield _wrong("body", "may not stand in a message of several parts; use body_multipart")
    if not item.is_multipart and item.body_multipart is not UNSET:
        yield _wrong("body_multipart", "may not stand in a message of one part; use body")
    for index, part in enumerate(() if item.body_multipart is UNSET else item.body_multipart):
        if (part.body is UNSET) == (part.body_raw_ref is UNSET):
            yield _missing(f"body_multipart[{index}].body", "or body_raw_ref is needed, and not both")
        elif part.body_raw_ref is not UNSET and type_of(part.body_raw_ref) not in {"artifact", "file"}:
            yield _wrong(f"body_multipart[{index}].body_raw_ref", "is not the id of an artifact or a file")


def _file(item: Any) -> Iterator[Found]:
    if item.hashes is UNSET and item.name is UNSET:
        yield _missing("hashes", "or name is needed")
    yield from _hashes(item)


def _hashes(item: Any) -> Iterator[Found]:
    for name, value in ({} if item.hashes is UNSET else item.hashes).items():
        digits = _HASH_DIGITS.get(name)
        if digits is not None and (len(value) != digits or _hexadecimal(value) is None):
            yield _wrong(f"hashes.{name}", f"is not {digits} hexadecimal digits")


def _address(item: Any) -> Iterator[Found]:
    if item.defanged is True:
        return
    try:
        found = ipaddress.ip_network(item.value, strict=False)
    except ValueError:
        found = None
    if found is None or item.type != f"ipv{found.version}-addr":
        yield _wrong("value", f"is not one {item.type[:4]} address or range")


def _mac(item: Any) -> Iterator[Found]:
    if item.defanged is not True and _mac_address(item.value) is None:
        yield _wrong("value", "is not written as 00:1b:44:11:3a:b7")


def _network_traffic(item: Any) -> Iterator[Found]:
    if item.src_ref is UNSET and item.dst_ref is UNSET:
        yield _missing("src_ref", "or dst_ref is needed")
    if item.end is not UNSET and item.is_active is True:
        yield _wrong("end", "may not stand in traffic that is_active")


def _needs_a_property(*without: str) -> Callable[[Any], Iterator[Found]]:
    """Of a type all of whose own properties are optional."""
    common = {"id", "spec_version", "object_marking_refs", "granular_markings", "defanged", "created",
              "created_by_ref", *without}  # fmt: skip

    def rule(item: Any) -> Iterator[Found]:
        names = [name for name in item.__struct_fields__ if name not in common]
        if all(getattr(item, name) is UNSET for name in names):
            yield _missing("", "says nothing: it needs one property of its own")

    return rule


def _certificate(item: Any) -> Iterator[Found]:
    yield from _needs_a_property("extensions")(item)
    yield from _hashes(item)
    if item.x509_v3_extensions is UNSET:
        return
    period = ("private_key_usage_period_not_before", "private_key_usage_period_not_after")
    for name in period:
        text = getattr(item.x509_v3_extensions, name)
        if text is not UNSET and not is_timestamp(text):
            yield f"x509_v3_extensions.{name}", Code.TIMESTAMP, "is not a timestamp", False


def _language_content(item: Any) -> Iterator[Found]:
    for language in item.contents:
        if _language(language) is None:
            yield _wrong("contents", "has a name that is not a language (RFC 5646), as en or zh-Hans")
            return


def _marking_definition(item: Any) -> Iterator[Found]:
    if item.definition_type is UNSET or item.definition is UNSET:
        return
    definition = item.definition
    if item.definition_type == "statement" and not isinstance(definition.get("statement"), str):
        yield _missing("definition.statement", "is needed")
    if item.definition_type == "tlp" and VERSION_1_NAMES.get(item.id) != definition.get("tlp"):
        yield _wrong("definition.tlp", "is not the level whose published id this is")


def _extension_definition(item: Any) -> Iterator[Found]:
    if item.created_by_ref is UNSET:
        yield _missing("created_by_ref", "is needed")
    if _semantic_version(item.version) is None:
        yield _wrong("version", "is not a version as 1.0.0 (Semantic Versioning 2.0)")
    if item.extension_properties is not UNSET and "toplevel-property-extension" not in item.extension_types:
        yield _wrong("extension_properties", "says nothing without toplevel-property-extension")


OWN_RULES: Mapping[str, Callable[[Any], Iterator[Found]]] = {
    "artifact": _artifact,
    "email-message": _email_message,
    "extension-definition": _extension_definition,
    "file": _file,
    "ipv4-addr": _address,
    "ipv6-addr": _address,
    "language-content": _language_content,
    "location": _location,
    "mac-addr": _mac,
    "malware": _malware,
    "malware-analysis": _malware_analysis,
    "marking-definition": _marking_definition,
    "network-traffic": _network_traffic,
    "observed-data": _observed_data,
    "process": _needs_a_property(),
    "user-account": _needs_a_property(),
    "windows-registry-key": _needs_a_property("extensions"),
    "x509-certificate": _certificate,
}


def broken_extensions(item: Any) -> Iterator[Found]:
    """What is wrong with the standard's own extensions of an observable, and with the names of the others."""
    if item.extensions is UNSET:
        return
    known = STANDARD_EXTENSIONS.get(item.type, {})
    for name, value in item.extensions.items():
        field = f"extensions.{name}"
        struct = known.get(name)
        if struct is None:
            if type_of(name) != "extension-definition" and not name.endswith("-ext"):
                yield _wrong("extensions", "has a name that is not an extension definition's id")
            continue
        try:
            typed = msgspec.convert(value, struct)
        except msgspec.ValidationError:
            yield _wrong(field, "is not as the standard says")
            continue
        if name in NEED_A_PROPERTY and not any(key in struct.__struct_fields__ for key in value):
            yield _missing(field, "says nothing: it needs one property of its own")
        for reference, allowed in EXTENSION_REFERENCES.get(name, {}).items():
            said = getattr(typed, reference)
            refs = [] if said is UNSET else [said] if isinstance(said, str) else said
            if not all((kind := type_of(ref)) is not None and allowed(kind) for ref in refs):
                yield _wrong(f"{field}.{reference}", "names what the standard does not allow here")
