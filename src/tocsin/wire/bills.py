"""Another's bill of materials in JSON, CycloneDX or SPDX: components by name, version, package URL and hashes.

SPDX 2.2 and 2.3 (`packages`) and SPDX 3.0 as JSON-LD (`@graph`). Bounded; what is not understood is left out, and a
document that is neither is refused. Sources: ECMA-424; SPDX 2.3 clause 7; SPDX 3.0.1, Software and AI profiles.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.inventory import BomComponent
from tocsin.wire.cyclonedx import MAX_BOM_BYTES, MAX_COMPONENTS, MAX_DEPTH, MAX_TEXT_CHARS, components_of
from tocsin.wire.json_bounds import bad_json, deeper_than

MODEL = "machine-learning-model"
"""The kind of a component that is a model, as CycloneDX has it."""

_KINDS = {"ai_AIPackage": MODEL, "software_Package": "library", "software_File": "file"}


def components_in(data: bytes) -> tuple[BomComponent, ...]:
    """The components of either form. Raises BadInput for what is none, TooLarge beyond a bound."""
    if len(data) > MAX_BOM_BYTES:
        raise TooLarge(f"a bill of materials has at most {MAX_BOM_BYTES} bytes; leave its files out")
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return components_of(data)  # says what to do with XML
    try:
        document = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise bad_json(data, "the bill of materials") from None
    if not isinstance(document, dict):
        raise BadInput("this is no bill of materials; export it as CycloneDX or SPDX in JSON")
    if "bomFormat" in document:
        return components_of(data)
    if deeper_than(document, MAX_DEPTH):
        raise TooLarge(f"a bill of materials nests at most {MAX_DEPTH} deep")
    rows = document.get("packages") if "spdxVersion" in document else document.get("@graph")
    if not isinstance(rows, list):
        raise BadInput("this is no bill of materials; export it as CycloneDX or SPDX in JSON")
    if len(rows) > MAX_COMPONENTS:
        raise TooLarge(f"a bill of materials has at most {MAX_COMPONENTS} components; leave its files out")
    read = _package if "spdxVersion" in document else _element
    return tuple(one for row in rows if isinstance(row, dict) and (one := read(row)) is not None)


def _package(row: dict[str, Any]) -> BomComponent:
    """A package of SPDX 2."""
    purl = next(
        (
            _text(one, "referenceLocator")
            for one in _rows(row, "externalRefs")
            if _text(one, "referenceType") == "purl"
        ),
        "",
    )
    hashes = {
        _algorithm(_text(one, "algorithm")): _text(one, "checksumValue") for one in _rows(row, "checksums")
    }
    return BomComponent("library", _text(row, "name"), _text(row, "versionInfo"), purl, _hex(hashes))


def _element(row: dict[str, Any]) -> BomComponent | None:
    """A package, a model or a file of SPDX 3; None for what is none of them."""
    kind = _KINDS.get(_text(row, "type"))
    if kind is None:
        return None
    purl = _text(row, "software_packageUrl") or next(
        (
            _text(one, "identifier")
            for one in _rows(row, "externalIdentifier")
            if _text(one, "externalIdentifierType") == "packageUrl"
        ),
        "",
    )
    hashes = {
        _algorithm(_text(one, "algorithm")): _text(one, "hashValue") for one in _rows(row, "verifiedUsing")
    }
    return BomComponent(kind, _text(row, "name"), _text(row, "software_packageVersion"), purl, _hex(hashes))


def _algorithm(name: str) -> str:
    """As CycloneDX names it: "SHA256" and "sha256" are SHA-256."""
    return "SHA-256" if name.upper() == "SHA256" else name.upper()


def _hex(hashes: dict[str, str]) -> dict[str, str]:
    return {
        name: value.lower()
        for name, value in hashes.items()
        if 32 <= len(value) <= 128 and set(value.lower()) <= set("0123456789abcdef")
    }


def _rows(row: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    listed = row.get(key)
    yield from (one for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict))


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    return value[:MAX_TEXT_CHARS] if isinstance(value, str) else ""
