"""AIID, the AI Incident Database, to STIX: an incident is an `incident`, a press report a `report`.

Its form is that of the weekly snapshot: `incidents.csv` and `reports.csv` as mongoexport writes them (columns in
responsible-ai-collaborative/aiid, docker-db-backup/bin/backup.sh), or the same fields as JSON. Left out on purpose:
the articles' text, which is its publishers' own (a SHA-256 stands for it), and who submitted a report.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tocsin.kernel import BadInput, EvidenceStatus, TooLarge
from tocsin.wire.json_bounds import has_nul
from tocsin.wire.neighbours.building import (
    MAX_REFERENCES,
    Gathered,
    extension,
    identity_id,
    moment,
    reference,
)
from tocsin.wire.neighbours.documents import (
    MAX_DOCUMENT_BYTES,
    MAX_DOCUMENTS,
    MAX_FILE_BYTES,
    Entry,
    entries,
)
from tocsin.wire.stix import Bundle, own_id
from tocsin.wire.stix.problems import Code, Problem

WHAT = "the AIID file"
CITE = "https://incidentdatabase.ai/cite/"
_LISTS = (
    "reports",
    "Alleged deployer of AI system",
    "Alleged developer of AI system",
    "Alleged harmed or nearly harmed parties",
    "authors",
    "tags",
)
_LEFT_OUT = frozenset({"text", "plain_text", "submitters", "user", "_id", "embedding"})
_TOLD = frozenset({"title", "description", "language", "date"})
_NUMBER = re.compile(r"[0-9]{1,9}")


def is_aiid_header(line: bytes) -> bool:
    """Whether a CSV's first line is that of the snapshot's incidents or reports."""
    columns = set(line.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").strip().split(","))
    return "title" in columns and bool({"report_number", "Alleged deployer of AI system"} & columns)


def is_aiid_entry(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is an incident or a report of the snapshot."""
    return "title" in value and bool({"report_number", "Alleged deployer of AI system"} & set(value))


def read_aiid(data: bytes) -> Bundle:
    """The objects of incidents or reports, CSV or JSON, and what is wrong by entry.

    Raises BadInput when it is neither or holds nothing, TooLarge over a bound.
    """
    found = Gathered("aiid")
    rows = _csv(data) if is_aiid_header(data.lstrip().partition(b"\n")[0]) else entries(data, WHAT)
    for row in rows:
        if isinstance(row, Problem):
            found.problems.append(row)
        elif "report_number" in row.value:
            _take_report(found, row)
        elif "incident_id" in row.value:
            _take_incident(found, row)
        else:
            found.refuse(row.index, "", "", "is no incident and no report of the snapshot", Code.TYPE)
    return found.bundle(WHAT)


def _csv(data: bytes) -> Iterator[Entry | Problem]:
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"{WHAT} is larger than {MAX_FILE_BYTES} bytes; split it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{WHAT} is not UTF-8; export it again as UTF-8") from None
    before = csv.field_size_limit(MAX_DOCUMENT_BYTES)
    try:
        for index, row in enumerate(csv.DictReader(io.StringIO(text, newline=""), strict=True)):
            if index == MAX_DOCUMENTS:
                raise TooLarge(f"{WHAT} has more than {MAX_DOCUMENTS} entries; split it")
            yield _row(index, row)
    except csv.Error:
        raise BadInput(f"{WHAT} is not CSV as mongoexport writes it; export it again") from None
    finally:
        csv.field_size_limit(before)


def _row(index: int, row: dict[str, Any]) -> Entry | Problem:
    if None in row or None in row.values():
        return Problem("", "", Code.TYPE, "has another number of columns than the first line", index=index)
    if has_nul(row):
        return Problem("", "", Code.CHARACTER, "holds a NUL character", index=index)
    value: dict[str, Any] = {name: cell for name, cell in row.items() if cell != ""}
    for name in _LISTS:
        if name in value:
            value[name] = _list(value[name])
    return Entry(index, value)


def _list(cell: str) -> list[Any] | str:
    try:
        return msgspec.json.decode(cell, type=list[Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return cell


def _take_incident(found: Gathered, row: Entry) -> None:
    number = _number(row.value.get("incident_id"))
    if number is None:
        found.refuse(row.index, "", "incident_id", "is needed, as a number")
        return
    created = moment(_day(row.value.get("date")))
    if created is None:
        found.refuse(row.index, f"incident {number}", "date", "is needed, as 2026-01-31")
        return
    reports = row.value.get("reports", [])
    listed = [reference("aiid", entry=number, url=f"{CITE}{number}")]
    numbers = map(_number, reports if isinstance(reports, list) else ())
    listed += [reference("aiid-report", entry=report) for report in numbers if report is not None]
    made = _common("incident", number, created)
    made["external_references"] = listed[:MAX_REFERENCES]
    _finish(found, made, row, f"incident {number}", EvidenceStatus.OBSERVED)


def _take_report(found: Gathered, row: Entry) -> None:
    value = row.value
    number = _number(value.get("report_number"))
    if number is None:
        found.refuse(row.index, "", "report_number", "is needed, as a number")
        return
    published = moment(_day(value.get("date_published"))) or moment(_day(value.get("date_submitted")))
    if published is None:
        found.refuse(row.index, f"report {number}", "date_published", "is needed, as 2026-01-31")
        return
    incident = _number(value.get("incident_id"))
    made = _common("report", number, published)
    made["published"] = published
    made["report_types"] = ["incident"]
    # A report needs something to be about; newer snapshots say it at the incident alone.
    made["object_refs"] = [own_id("incident", "aiid", incident) if incident else identity_id("aiid")]
    listed = [reference("aiid-report", entry=number)]
    if value.get("url"):
        listed.append(reference(_text(value.get("source_domain")) or "press", url=_text(value["url"])))
    made["external_references"] = listed
    _finish(found, made, row, f"report {number}", None)


def _finish(
    found: Gathered, made: dict[str, Any], row: Entry, entry: str, status: EvidenceStatus | None
) -> None:
    value = row.value
    title = _text(value.get("title"))
    if not title:
        found.refuse(row.index, entry, "title", "is needed")
        return
    made["name"] = title
    if description := _text(value.get("description")):
        made["description"] = description
    rest = {key: part for key, part in value.items() if key not in _LEFT_OUT | _TOLD}
    language = _text(value.get("language"))
    if re.fullmatch(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", language):
        made["lang"] = language
    elif language:
        rest["language"] = value["language"]
    if text := _text(value.get("text")):
        rest["text_sha256"] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    made["extensions"] = extension("aiid", entry, status=status, rest=rest)
    found.add(made, row.index, entry)


def _common(kind: str, number: str, created: str) -> dict[str, Any]:
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": own_id(kind, "aiid", number),
        "created": created,
        "modified": created,
        "created_by_ref": identity_id("aiid"),
    }


def _number(value: Any) -> str | None:
    """A number of theirs, however an export writes it, without leading zeros."""
    if isinstance(value, dict):  # MongoDB's extended JSON
        value = value.get("$numberInt", value.get("$numberLong"))
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return str(int(text)) if _NUMBER.fullmatch(text) else None


def _day(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("$date")
    text = _text(value)
    return text[:10] if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]", text) else text


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
