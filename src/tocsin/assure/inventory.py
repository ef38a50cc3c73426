"""An inspection as an inventory: its parts and the facts its files claim, each once, in a settled order."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from tocsin.kernel.artefacts import Fact, Inspection
from tocsin.kernel.inventory import Ancestor, Inventory, Licence, ListedFile, Requirement, Template

MAX_FILES = 20_000
"""Listed one by one; an archive of more is listed by its own digest, and `told` says how many were left out."""

MAX_LISTED = 2_000
"""Of each other kind: datasets, requirements, templates."""

FILES_LEFT_OUT = "inventory.files-left-out"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_Row = TypeVar("_Row")


def inventory_of(inspection: Inspection, measured: Iterable[Ancestor] = ()) -> Inventory:
    """The inventory. `measured` are ancestors that a comparison of weights showed; the rest is claimed by files."""
    facts = inspection.facts
    parts = inspection.parts
    told: dict[str, int] = {}
    for found in inspection.findings:
        told[found.rule] = told.get(found.rule, 0) + 1
    if len(parts) > MAX_FILES:
        told[FILES_LEFT_OUT] = len(parts) - MAX_FILES
    architecture = _first(facts, "architecture")
    classes = architecture.get("architectures")
    return Inventory(
        name=_clean(inspection.name) or "model",
        artefact=inspection.artefact,
        is_file=bool(parts) and parts[0].sha256 == inspection.artefact,
        size=inspection.size,
        at=inspection.at,
        scanner=inspection.scanner,
        verdict=inspection.verdict,
        version=_clean(next((str(one["version"]) for one in _of(facts, "metadata") if "package" in one), "")),
        files=tuple(
            ListedFile(_clean(one.path), one.size, one.format, one.verdict, one.sha256, one.blake3)
            for one in parts[:MAX_FILES]
        ),
        licences=_once(_licence(one) for one in _of(facts, "licence")),
        ancestors=_once([*measured, *(_ancestor(one) for one in _of(facts, "base-model"))]),
        datasets=_once(_clean(str(one.get("name", ""))) for one in _of(facts, "dataset")),
        templates=_once(_templates(facts)),
        requirements=_once(_requirement(one) for one in _of(facts, "requirement") if one.get("name")),
        family=_clean(str(architecture.get("model_type", ""))),
        architecture=_clean(str(classes[0] if isinstance(classes, list) and classes else classes or "")),
        task=_clean(
            next((str(one["pipeline_tag"]) for one in _of(facts, "metadata") if "pipeline_tag" in one), "")
        ),
        languages=_once(
            _clean(str(tag)) for one in _of(facts, "metadata") for tag in one.get("language", [])
        ),
        parameters=dict(sorted(_parameters(facts))),
        claims={
            _clean(key): _clean(str(said))
            for one in _of(facts, "metadata")
            for key, said in sorted(dict(one.get("claims", {})).items())
        },
        told=dict(sorted(told.items())),
    )


def _of(facts: Iterable[Fact], kind: str) -> Iterator[dict[str, Any]]:
    return (fact.values for fact in facts if fact.kind == kind)


def _first(facts: Iterable[Fact], kind: str) -> dict[str, Any]:
    return next(_of(facts, kind), {})


def _once(rows: Iterable[_Row]) -> tuple[_Row, ...]:
    return tuple(list(dict.fromkeys(row for row in rows if row))[:MAX_LISTED])


def _licence(values: dict[str, Any]) -> Licence:
    said = _clean(str(values.get("id", "")))
    name = _clean(str(values.get("name", ""))) or said
    url = _clean(str(values.get("link", "")))
    try:
        spdx = str(canonicalize_license_expression(said))
    except InvalidLicenseExpression:
        return Licence(name, url=url if url.startswith("https://") else "")
    return Licence(name, "" if "LicenseRef" in spdx else spdx, url if url.startswith("https://") else "")


def _ancestor(values: dict[str, Any]) -> Ancestor:
    relation = _clean(str(values.get("relation", "")))
    return Ancestor(_clean(str(values.get("name", ""))), relation, _clean(str(values.get("said_by", "file"))))


def _templates(facts: Iterable[Fact]) -> Iterator[Template]:
    for fact in facts:
        digest = str(fact.values.get("sha256", ""))
        if fact.kind == "chat-template" and _DIGEST.fullmatch(digest):
            yield Template(_clean(fact.path), digest)


def _requirement(values: dict[str, Any]) -> Requirement:
    return Requirement(
        _clean(str(values["name"])),
        _clean(str(values.get("version", ""))),
        _clean(str(values.get("specifier", ""))),
        _clean(str(values.get("url", ""))),
        "conda" if values.get("from") == "conda" else "pypi",
    )


def _parameters(facts: Iterable[Fact]) -> Iterator[tuple[str, str]]:
    for kind, prefix in (("architecture", ""), ("quantisation", "quantisation."), ("tensors", "tensors.")):
        for name, value in _first(facts, kind).items():
            if isinstance(value, str | int | float):
                yield _clean(f"{prefix}{name}")[:80], _clean(str(value))
            elif isinstance(value, list) and all(isinstance(one, str | int) for one in value):
                yield _clean(f"{prefix}{name}")[:80], _clean(", ".join(str(one) for one in value[:16]))


def _clean(text: str) -> str:
    """Without what XML and JSON readers stumble over; at most a sentence or two."""
    return _CONTROL.sub("\ufffd", text).strip()[:MAX_TEXT_CHARS]


MAX_TEXT_CHARS = 1_000
