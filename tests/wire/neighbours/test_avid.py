"""AVID documents become vulnerabilities; nothing that they say is lost; what is wrong is told by entry."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stix2validator import ValidationOptions, validate_string

from tests.neighbour_files import REPORT, lines
from tests.strategies import json_values
from tocsin.kernel import BadInput, EvidenceStatus
from tocsin.wire.neighbours import read_avid
from tocsin.wire.stix import Bundle, read, serialise, view
from tocsin.wire.stix.extensions import NeighbourExtension


def of_type(bundle: Bundle, kind: str) -> list[dict[str, Any]]:
    return [msgspec.json.decode(serialise(item)) for item in bundle.objects if item.type == kind]


def origin(bundle: Bundle) -> NeighbourExtension:
    found = next(read(item, NeighbourExtension) for item in bundle.objects if item.type == "vulnerability")
    assert found is not None
    return found


def leaves(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {leaf for inner in value.values() for leaf in leaves(inner)}
    if isinstance(value, list):
        return {leaf for inner in value for leaf in leaves(inner)}
    return {json.dumps(value)}


def test_a_report_is_a_vulnerability_with_its_references_and_its_measurement() -> None:
    bundle = read_avid(lines(REPORT))
    assert bundle.problems == ()
    (vulnerability,) = of_type(bundle, "vulnerability")
    assert vulnerability["name"].startswith("Lottery refund helper")
    assert vulnerability["created"] == "2026-03-04T00:00:00.000Z"
    assert vulnerability["lang"] == "en"
    named = {(one["source_name"], one.get("external_id", "")) for one in vulnerability["external_references"]}
    assert {("avid", "AVID-2026-R0001"), ("avid", "AVID-2026-V001"), ("cve", "CVE-2026-0001")} <= named
    assert ("cwe", "CWE-502") in named
    assert {"avid-risk-domain:Security", "avid-sep:S0403", "avid-lifecycle:L06"} == set(
        vulnerability["labels"]
    )
    assert any(one.get("description") == "Odd see the wiki" for one in vulnerability["external_references"])
    (note,) = of_type(bundle, "note")
    assert note["object_refs"] == [vulnerability["id"]]
    assert '{"passed":3}' in note["content"]


def test_evidence_and_concepts_are_what_they_say_and_what_a_crosswalk_knows() -> None:
    found = origin(read_avid(lines(REPORT)))
    assert found.evidence_status is EvidenceStatus.TESTED
    assert found.concepts is not msgspec.UNSET
    assert [(one.ours, one.relation, one.theirs) for one in found.concepts] == [
        ("code.unsafe-deserialisation", "exactMatch", "CWE-502")
    ]
    advisory = REPORT | {"problemtype": REPORT["problemtype"] | {"type": "Advisory"}}
    assert origin(read_avid(lines(advisory))).evidence_status is msgspec.UNSET


def test_a_vulnerability_of_theirs_is_tied_to_its_reports() -> None:
    theirs = {key: part for key, part in REPORT.items() if key not in ("metrics", "reported_date")} | {
        "metadata": {"vuln_id": "AVID-2026-V001"},
        "reports": [{"report_id": "AVID-2026-R0001", "type": "Issue", "name": "x"}],
        "published_date": "2026-03-05",
        "last_modified_date": "2026-03-06",
    }
    bundle = read_avid(lines(REPORT, theirs))
    report, vulnerability = of_type(bundle, "vulnerability")
    (tie,) = of_type(bundle, "relationship")
    assert (tie["source_ref"], tie["target_ref"]) == (report["id"], vulnerability["id"])
    assert vulnerability["modified"] == "2026-03-06T00:00:00.000Z"


def test_ids_do_not_depend_on_the_order_of_the_file() -> None:
    other = REPORT | {"metadata": {"report_id": "AVID-2026-R0002"}}
    one, two = read_avid(lines(REPORT, other)), read_avid(lines(other, REPORT))
    assert {item.id for item in one.objects} == {item.id for item in two.objects}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metadata": {"report_id": "AVID-1"}}, "metadata"),
        ({"metadata": {}}, "metadata"),
        ({"reported_date": "yesterday"}, "reported_date"),
        ({"reported_date": "2026-02-30"}, "reported_date"),
        ({"problemtype": None}, "problemtype"),
        ({"references": [1]}, "references[0]"),
        ({"data_type": "OTHER"}, "data_type"),
    ],
)
def test_an_entry_that_cannot_be_taken_is_told_and_the_others_are_kept(
    change: dict[str, Any], field: str
) -> None:
    good = REPORT | {"metadata": {"report_id": "AVID-2026-R0009"}}
    bundle = read_avid(lines(REPORT | change, good))
    assert [(problem.index, problem.field, problem.fatal) for problem in bundle.problems] == [
        (0, field, True)
    ]
    assert len(of_type(bundle, "vulnerability")) == 1


@pytest.mark.parametrize("data", [b"", b"  \n", b"[", b"\xff", b"[]", b"no json"])
def test_what_holds_no_entry_is_refused_whole(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_avid(data)


def test_lines_an_array_and_one_indented_document_are_the_same() -> None:
    forms = [lines(REPORT), json.dumps([REPORT]).encode(), json.dumps(REPORT, indent=2).encode()]
    assert len({tuple(item.id for item in read_avid(form).objects) for form in forms}) == 1


@given(st.sampled_from(sorted(REPORT)), json_values(st.integers(-9, 9)))
def test_no_value_anywhere_raises(field: str, value: Any) -> None:
    bundle = read_avid(lines(REPORT | {field: value}, REPORT))
    assert any(item.type == "vulnerability" for item in bundle.objects)


def test_every_report_of_the_real_file_is_taken_whole(shared_data: Path) -> None:
    data = (shared_data / "avid" / "reports.jsonl").read_bytes()
    bundle = read_avid(data)
    assert bundle.problems == ()
    made = {view(item).id: msgspec.json.decode(serialise(item)) for item in bundle.objects}
    by_entry = {
        read_back.entry: made[item.id]
        for item in bundle.objects
        if (read_back := read(item, NeighbourExtension)) is not None
    }
    documents = [json.loads(line) for line in data.splitlines()]
    assert len(by_entry) == len(documents) == 396
    for document in documents:
        item = by_entry[document["metadata"]["report_id"]]
        (extension,) = item["extensions"].values()
        kept = leaves(item) | leaves(json.loads(extension["rest"])) | {"null"}
        assert leaves(document) <= kept


def test_stix2_validator_accepts_what_is_made_of_the_real_file(shared_data: Path) -> None:
    bundle = read_avid((shared_data / "avid" / "reports.jsonl").read_bytes())
    for item in bundle.objects[:60]:  # the validator takes 20 ms an object
        found = validate_string(serialise(item).decode(), ValidationOptions(version="2.1"))
        assert found.is_valid, [str(error) for error in found.errors]
