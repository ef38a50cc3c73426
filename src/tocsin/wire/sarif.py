"""An inspection as SARIF 2.1.0 (OASIS), which code hosts and editors show. Pure: a document of plain values.

A finding becomes a result; a rule, its help in English and Chinese. A place inside an archive is the archive's file as
the artefact location, the whole path as a logical location, and the byte offset as a region of it.
"""

from typing import Any

from tocsin.kernel.artefacts import ArtefactVerdict, Finding, Inspection, Part, Severity
from tocsin.taxonomy.artefact_rules import ArtefactRule, artefact_rules
from tocsin.taxonomy.artefact_words import words

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {
    Severity.NOTE: "note",
    Severity.LOW: "warning",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
_SCORES = {
    Severity.NOTE: "0.0",
    Severity.LOW: "3.0",
    Severity.MEDIUM: "5.0",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
"""What code hosts sort by (`security-severity`), in the middle of CVSS's bands."""

_KINDS = {
    ArtefactVerdict.FOUND: "fail",
    ArtefactVerdict.INCONCLUSIVE: "open",
    ArtefactVerdict.NOT_EXAMINED: "review",
    ArtefactVerdict.CLEAN: "informational",
}
"""SARIF 3.27.9. What could not be judged is open, what nobody knew wants a person; neither is a pass."""


def sarif(inspection: Inspection, language: str = "en") -> dict[str, Any]:
    """The document. `executionSuccessful` says that the look came to its end, whatever it found."""
    known = artefact_rules()
    ids = {each: index for index, each in enumerate(sorted({found.rule for found in inspection.findings}))}
    name, _, version = inspection.scanner.partition(" ")
    run = {
        "tool": {
            "driver": {
                "name": name,
                "semanticVersion": version,
                "rules": [_rule(known[each]) if each in known else {"id": each} for each in ids],
            }
        },
        "language": "zh-CN" if language.startswith("zh") else "en",
        "artifacts": [_artifact(part) for part in inspection.parts if "!/" not in part.path],
        "results": [_result(found, ids[found.rule], language) for found in inspection.findings],
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "verdict": inspection.verdict,
            "artefact": inspection.artefact,
            "name": inspection.name,
            "rules": inspection.rules,
        },
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: ArtefactRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.en},
        "fullDescription": {"text": rule.en},
        "help": {"text": f"{rule.do_en}\n{rule.do_zh}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "security-severity": _SCORES[rule.severity],
            "verdict": rule.verdict,
            "version": rule.version,
            "zh": rule.zh,
            "tags": ["security", *([rule.source] if rule.source else [])],
        },
    }


def _artifact(part: Part) -> dict[str, Any]:
    hashes = {"sha-256": part.sha256, "blake3": part.blake3}
    return {
        "location": {"uri": _uri(part.path)},
        "length": part.size,
        "hashes": {name: digest for name, digest in hashes.items() if digest},
        "properties": {"format": part.format, "verdict": part.verdict},
    }


def _result(found: Finding, index: int, language: str) -> dict[str, Any]:
    file, inside, _ = found.place.path.partition("!/")
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if found.place.offset is not None and not inside:
        physical["region"] = {"byteOffset": found.place.offset}
    location: dict[str, Any] = {"physicalLocation": physical}
    if inside or found.place.field:
        full = found.place.path if found.place.field is None else f"{found.place.path}#{found.place.field}"
        location["logicalLocations"] = [{"fullyQualifiedName": full}]
    kind = _KINDS[found.verdict]
    return {
        "ruleId": found.rule,
        "ruleIndex": index,
        "kind": kind,
        "level": _LEVELS[found.severity] if kind == "fail" else "none",
        "message": {"text": " ".join(words(found, language)).strip()},
        "locations": [location],
        "properties": {
            "verdict": found.verdict,
            "severity": found.severity,
            "offset": found.place.offset,
            "values": found.values,
        },
    }


def _uri(path: str) -> str:
    """A relative reference (RFC 3986): what is not of the unreserved letters is written in hex."""
    kept = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"
    return "".join(chr(byte) if chr(byte) in kept else f"%{byte:02X}" for byte in path.encode())
