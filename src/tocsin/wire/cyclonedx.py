"""CycloneDX 1.6 and 1.7 as JSON: an inventory out as an ML-BOM, and the components of another's bill in.

Out: the same inventory gives the same bytes; the serial number comes from the artefact's digest. What a file claims is
marked as claimed (`acknowledgement: declared`, properties named `tocsin:...:claimed`). In: bounded, names, versions and
hashes alone. Source: ECMA-424, and the published JSON schemas, against which the tests hold every document.
"""

import re
import uuid
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.clock import at_micros
from tocsin.kernel.inventory import Ancestor, BomComponent, Inventory, Licence, ListedFile, Requirement
from tocsin.wire.json_bounds import bad_json, deeper_than

Version = Literal["1.6", "1.7"]

SERIALS = uuid.UUID("0b2e4f7c-5d0a-5c53-9e5d-4f6b5a1f9c27")
"""Our own namespace for serial numbers (RFC 9562 section 5.5)."""

MODEL = "model"
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")

MAX_BOM_BYTES = 67_108_864
"""A serving image of 5,000 packages with their files has some 20 MB."""

MAX_COMPONENTS = 200_000
MAX_DEPTH = 64


def ml_bom(inventory: Inventory, version: Version) -> bytes:
    """The inventory as one document, indented, with a last newline."""
    parts = list(_components(inventory))
    refs = [part["bom-ref"] for part in parts]
    document = {
        "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": f"urn:uuid:{uuid.uuid5(SERIALS, inventory.artefact)}",
        "version": 1,
        "metadata": {
            "timestamp": at_micros(inventory.at).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tools": {"components": [_tool(inventory.scanner)]},
            "component": _model(inventory),
        },
        "components": parts,
        "dependencies": [{"ref": MODEL, "dependsOn": refs}],
        "compositions": [{"aggregate": "incomplete", "assemblies": [MODEL]}],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _tool(scanner: str) -> dict[str, Any]:
    name, _, version = scanner.partition(" ")
    return {"type": "application", "name": name or "tocsin", **({"version": version} if version else {})}


def _model(inventory: Inventory) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "machine-learning-model", "bom-ref": MODEL, "name": inventory.name}
    if inventory.version:
        found["version"] = inventory.version
    if inventory.is_file:
        found["hashes"] = _hashes(inventory.files[0])
    if inventory.licences:
        found["licenses"] = _licences(inventory.licences)
    if inventory.ancestors:
        found["pedigree"] = {"ancestors": [_ancestor(at, one) for at, one in enumerate(inventory.ancestors)]}
    found["modelCard"] = _model_card(inventory)
    found["properties"] = _properties(
        ("tocsin:artefact:sha256", inventory.artefact),
        ("tocsin:size", str(inventory.size)),
        ("tocsin:verdict", inventory.verdict.value),
        *((f"tocsin:told:{rule}", str(count)) for rule, count in inventory.told.items()),
    )
    return found


def _model_card(inventory: Inventory) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    if inventory.task:
        parameters["task"] = inventory.task
    if inventory.family:
        parameters["architectureFamily"] = inventory.family
    if inventory.architecture:
        parameters["modelArchitecture"] = inventory.architecture
    if inventory.datasets:
        parameters["datasets"] = [{"ref": _dataset_ref(at)} for at in range(len(inventory.datasets))]
    card: dict[str, Any] = {"bom-ref": "model-card"}
    if parameters:
        card["modelParameters"] = parameters
    considered = {
        field: [
            f"Claimed by the model's card: {inventory.claims[name]}"
            for name in names
            if name in inventory.claims
        ]
        for field, names in (
            ("useCases", ("intended_use",)),
            ("technicalLimitations", ("limitations", "out_of_scope")),
        )
    }
    kept: dict[str, Any] = {field: said for field, said in considered.items() if said}
    if "bias" in inventory.claims:
        kept["ethicalConsiderations"] = [{"name": f"Claimed by the model's card: {inventory.claims['bias']}"}]
    if kept:
        card["considerations"] = kept
    rows = [(f"tocsin:parameter:{name}", value) for name, value in inventory.parameters.items()]
    rows += [("tocsin:language:claimed", language) for language in inventory.languages]
    if rows:
        card["properties"] = _properties(*rows)
    return card


def _components(inventory: Inventory) -> Iterator[dict[str, Any]]:
    for at, file in enumerate(inventory.files):
        yield {
            "type": "file",
            "bom-ref": f"file-{at}",
            "name": file.path,
            **({"hashes": hashes} if (hashes := _hashes(file)) else {}),
            "properties": _properties(
                ("tocsin:size", str(file.size)),
                ("tocsin:format", file.format or "unknown"),
                ("tocsin:verdict", file.verdict.value),
            ),
        }
    for at, template in enumerate(inventory.templates):
        yield {
            "type": "data",
            "bom-ref": f"chat-template-{at}",
            "name": f"chat template of {template.path}",
            "hashes": [{"alg": "SHA-256", "content": template.sha256}],
            "data": [{"type": "configuration", "name": template.path}],
            "properties": _properties(("tocsin:kind", "chat-template")),
        }
    for at, name in enumerate(inventory.datasets):
        yield {
            "type": "data",
            "bom-ref": _dataset_ref(at),
            "name": name,
            "data": [{"type": "dataset", "name": name}],
            "properties": _properties(("tocsin:evidence", "claimed")),
        }
    for at, one in enumerate(inventory.requirements):
        yield _requirement(at, one)


def _dataset_ref(at: int) -> str:
    return f"dataset-{at}"


def _requirement(at: int, one: Requirement) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "library", "bom-ref": f"requirement-{at}", "name": one.name}
    if one.version:
        found["version"] = one.version
    found["purl"] = f"pkg:{one.ecosystem}/{_quoted(one.name)}" + (
        f"@{_quoted(one.version)}" if one.version else ""
    )
    rows = [("tocsin:specifier", one.specifier), ("tocsin:url", one.url), ("tocsin:evidence", "claimed")]
    found["properties"] = _properties(*((name, value) for name, value in rows if value))
    return found


def _ancestor(at: int, one: Ancestor) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "machine-learning-model", "bom-ref": f"ancestor-{at}", "name": one.name}
    if _HUB_NAME.fullmatch(one.name):
        found["purl"] = "pkg:huggingface/" + "/".join(_quoted(part) for part in one.name.split("/"))
    if one.digest:
        found["hashes"] = [{"alg": "SHA-256", "content": one.digest}]
    rows = [("tocsin:evidence", "measured" if one.measured else "claimed")]
    rows += [("tocsin:relation", one.relation)] if one.relation else []
    rows += [("tocsin:said-by", one.said_by)] if one.said_by else []
    found["properties"] = _properties(*rows)
    return found


def _hashes(file: ListedFile) -> list[dict[str, str]]:
    both = (("SHA-256", file.sha256), ("BLAKE3", file.blake3))
    return [{"alg": name, "content": digest} for name, digest in both if digest]


def _licences(licences: tuple[Licence, ...]) -> list[dict[str, Any]]:
    if len(licences) == 1 and " " in licences[0].spdx:
        return [{"expression": licences[0].spdx, "acknowledgement": "declared"}]
    return [{"license": _licence(one)} for one in licences]


def _licence(one: Licence) -> dict[str, Any]:
    named = {"id": one.spdx} if one.spdx and " " not in one.spdx else {"name": one.spdx or one.name}
    return {**named, "acknowledgement": "declared", **({"url": one.url} if one.url else {})}


def _properties(*rows: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in rows]


def _quoted(text: str) -> str:
    """Percent-encoded as purl wants it: letters, digits, "-", "." and "_" stand."""
    return "".join(
        char
        if char.isascii() and (char.isalnum() or char in "-._~")
        else "".join(f"%{b:02X}" for b in char.encode())
        for char in text
    )


def components_of(data: bytes) -> tuple[BomComponent, ...]:
    """The components of a CycloneDX document of any version in JSON, nested ones too, that of the whole first.

    Raises BadInput for what is none, TooLarge beyond a bound.
    """
    document = _document(data)
    metadata = document.get("metadata")
    waiting = [document.get("components")]
    if isinstance(metadata, dict):
        waiting.append([metadata.get("component")])
    found: list[BomComponent] = []
    while waiting:
        listed = waiting.pop()
        if listed is None:
            continue
        if not isinstance(listed, list):
            raise BadInput("components is no list; export the bill of materials again")
        for one in listed:
            if not isinstance(one, dict):
                continue
            found.append(_read(one))
            if len(found) > MAX_COMPONENTS:
                raise TooLarge(
                    f"a bill of materials has at most {MAX_COMPONENTS} components; leave its files out"
                )
            waiting.append(one.get("components"))
    return tuple(found)


def _document(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BOM_BYTES:
        raise TooLarge(f"a bill of materials has at most {MAX_BOM_BYTES} bytes; leave its files out")
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        raise BadInput("the bill of materials is XML; export it as CycloneDX JSON")
    try:
        document = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise bad_json(data, "the bill of materials") from None
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX":
        raise BadInput(
            "this is no CycloneDX document: bomFormat is not CycloneDX; export it as CycloneDX JSON"
        )
    if deeper_than(document, MAX_DEPTH):
        raise TooLarge(f"a bill of materials nests at most {MAX_DEPTH} deep")
    return document


def _read(one: dict[str, Any]) -> BomComponent:
    group, name = _text(one, "group"), _text(one, "name")
    hashes = one.get("hashes")
    return BomComponent(
        _text(one, "type"),
        f"{group}/{name}" if group else name,
        _text(one, "version"),
        _text(one, "purl"),
        {
            _text(row, "alg"): _text(row, "content").lower()
            for row in (hashes if isinstance(hashes, list) else [])
            if isinstance(row, dict) and _HEX.fullmatch(_text(row, "content"))
        },
    )


_HEX = re.compile(r"[0-9a-fA-F]{32,128}")
MAX_TEXT_CHARS = 1_024


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    return value[:MAX_TEXT_CHARS] if isinstance(value, str) else ""
