"""AVID, the AI Vulnerability Database, to STIX: a report or a vulnerability of theirs is a `vulnerability`.

Its form is that of avidtools 0.3 (avidml/avidtools, datamodels). What STIX has a place for goes there; all the
rest, letter by letter, into the `neighbour` extension. Measurements become a `note` besides, to be read.
"""

import re
from typing import Any, Literal

import msgspec

from tocsin.kernel import EvidenceStatus
from tocsin.wire.neighbours.building import (
    MAX_REFERENCES,
    Gathered,
    cves,
    extension,
    identity_id,
    is_url,
    moment,
    reference,
)
from tocsin.wire.neighbours.documents import Entry, entries, why
from tocsin.wire.stix import Bundle, own_id

WHAT = "the AVID file"
_ID = re.compile(r"AVID-[0-9]{4}-[RV][0-9]{1,6}")
_ATLAS = re.compile(r"AML\.TA?[0-9]{4}(?:\.[0-9]{3})?")
_EVIDENCE = {
    "Measurement": EvidenceStatus.TESTED,
    "Detection": EvidenceStatus.TESTED,
}
"""By their type of problem. An advisory or an issue does not say whether anybody tried it, so neither do we."""

_LANGUAGES = {"eng": "en", "en": "en"}


class _Said(msgspec.Struct):
    value: str
    lang: str = ""


class _Reference(msgspec.Struct):
    label: str | None = None
    url: str | None = None
    type: str | None = None


class _Metadata(msgspec.Struct):
    report_id: str | None = None
    vuln_id: str | None = None


class _ProblemType(msgspec.Struct):
    description: _Said
    classof: str | None = None
    type: str | None = None


class _Views(msgspec.Struct):
    vuln_id: str | None = None
    risk_domain: list[str] | None = None
    sep_view: list[str] | None = None
    lifecycle_view: list[str] | None = None


class _Weakness(msgspec.Struct):
    cwe: str | None = msgspec.field(name="cweId", default=None)


class _Impact(msgspec.Struct):
    avid: _Views | None = None
    cwe: list[_Weakness] | None = None
    atlas: Any = None


class _Summary(msgspec.Struct):
    report_id: str


class _Document(msgspec.Struct):
    data_type: Literal["AVID"]
    metadata: _Metadata
    problemtype: _ProblemType
    description: _Said | None = None
    references: list[_Reference] | None = None
    impact: _Impact | None = None
    metrics: list[dict[str, Any]] | None = None
    reports: list[_Summary] | None = None
    reported_date: str | None = None
    published_date: str | None = None
    last_modified_date: str | None = None


def read_avid(data: bytes) -> Bundle:
    """The objects of AVID documents: JSON lines, an array, or one; and what is wrong by entry.

    Raises BadInput when it is no JSON or holds nothing, TooLarge over a bound.
    """
    found = Gathered("avid")
    for entry in entries(data, WHAT):
        if isinstance(entry, Entry):
            _take(found, entry)
        else:
            found.problems.append(entry)
    return found.bundle(WHAT)


def _take(found: Gathered, entry: Entry) -> None:
    try:
        document = msgspec.convert(entry.value, _Document)
    except msgspec.ValidationError as error:
        code, field, reason = why(error)
        found.refuse(entry.index, "", field, reason, code)
        return
    name = document.metadata.report_id or document.metadata.vuln_id or ""
    if _ID.fullmatch(name) is None:
        found.refuse(entry.index, "", "metadata", "has no id such as AVID-2022-R0001")
        return
    created = moment(document.reported_date or document.published_date or "")
    modified = moment(document.last_modified_date or "") or created
    if created is None or modified is None:
        found.refuse(entry.index, name, "reported_date", "is needed, as 2026-01-31")
        return
    found.add(_vulnerability(document, entry.value, name, created, modified), entry.index, name)
    if document.metrics:
        found.add(_note(document.metrics, name, created, modified), entry.index, name)
    for summary in document.reports or ():
        if _ID.fullmatch(summary.report_id) is None:
            found.refuse(entry.index, name, "reports", "names a report by no id such as AVID-2022-R0001")
            continue
        found.add(_evidence(summary.report_id, name, created, modified), entry.index, name)


def _common(kind: str, key: tuple[str, ...], created: str, modified: str) -> dict[str, Any]:
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": own_id(kind, "avid", *key),
        "created": created,
        "modified": modified,
        "created_by_ref": identity_id("avid"),
    }


def _vulnerability(
    document: _Document, value: dict[str, Any], name: str, created: str, modified: str
) -> dict[str, Any]:
    made = _common("vulnerability", (name,), created, modified)
    made["name"] = document.problemtype.description.value or name
    rest = {key: part for key, part in value.items() if key not in ("references", "description")}
    said = document.description
    if said is not None:
        made["description"] = said.value
        rest["description"] = {key: part for key, part in value["description"].items() if key != "value"}
        if said.lang in _LANGUAGES:
            made["lang"] = _LANGUAGES[said.lang]
    listed = _references(document, name)
    made["external_references"] = listed[:MAX_REFERENCES]
    if len(listed) > MAX_REFERENCES or any(_odd(one) for one in value.get("references") or ()):
        rest["references"] = value["references"]
    labels = _labels(document)
    if labels:
        made["labels"] = labels
    made["extensions"] = extension(
        "avid",
        name,
        status=_EVIDENCE.get(document.problemtype.type or ""),
        terms=_terms(document),
        rest=rest,
    )
    return made


def _odd(one: dict[str, Any]) -> bool:
    """Whether a reference of theirs says more than a type, a label and an address that is one."""
    return not set(one) <= {"type", "label", "url"} or not is_url(one.get("url") or "")


def _references(document: _Document, name: str) -> list[dict[str, str]]:
    impact = document.impact or _Impact()
    listed = document.references or []
    found = [reference("avid", entry=name, url=f"https://avidml.org/database/{name.lower()}/")]
    if impact.avid is not None and impact.avid.vuln_id and impact.avid.vuln_id != name:
        found.append(reference("avid", entry=impact.avid.vuln_id))
    texts = [document.problemtype.description.value, *(one.url or "" for one in listed)]
    found += [reference("cve", entry=number) for number in cves(texts)]
    found += [reference("cwe", entry=one.cwe) for one in impact.cwe or () if one.cwe]
    for one in listed:
        if one.label or one.url:
            found.append(reference(one.type or "", label=one.label or "", url=one.url or ""))
    return found


def _labels(document: _Document) -> list[str]:
    views = document.impact.avid if document.impact else None
    if views is None:
        return []
    found = [f"avid-risk-domain:{name}" for name in views.risk_domain or ()]
    found += [f"avid-sep:{name.partition(':')[0]}" for name in views.sep_view or ()]
    found += [f"avid-lifecycle:{name.partition(':')[0]}" for name in views.lifecycle_view or ()]
    return list(dict.fromkeys(found))


def _terms(document: _Document) -> list[tuple[str, str]]:
    """What they name that a crosswalk of ours knows: weaknesses, and techniques of ATLAS."""
    impact = document.impact or _Impact()
    found = [("cwe", one.cwe) for one in impact.cwe or () if one.cwe]
    said = msgspec.json.encode(impact.atlas).decode()
    said += " ".join(one.url or "" for one in document.references or ())
    found += [("atlas", term) for term in _ATLAS.findall(said)]
    return list(dict.fromkeys(found))


def _note(metrics: list[dict[str, Any]], name: str, created: str, modified: str) -> dict[str, Any]:
    """Their measurements, a line each, for people; the extension of the vulnerability holds them whole."""
    lines = [" ".join(_measured(metric)) for metric in metrics]
    return _common("note", (name, "metrics"), created, modified) | {
        "abstract": f"Measurements of {name}",
        "content": "\n".join(lines),
        "object_refs": [own_id("vulnerability", "avid", name)],
    }


def _measured(metric: dict[str, Any]) -> list[str]:
    said = [str(metric.get("name", ""))]
    method = metric.get("detection_method")
    if isinstance(method, dict):
        said.append(f"({method.get('type', '')}: {method.get('name', '')})")
    for key, value in metric.items():
        if key not in ("name", "detection_method"):
            said.append(f"{key} {msgspec.json.encode(value).decode()}")
    return said


def _evidence(report: str, vulnerability: str, created: str, modified: str) -> dict[str, Any]:
    return _common("relationship", ("evidence", report, vulnerability), created, modified) | {
        "relationship_type": "related-to",
        "description": "The report is evidence of the vulnerability.",
        "source_ref": own_id("vulnerability", "avid", report),
        "target_ref": own_id("vulnerability", "avid", vulnerability),
    }
