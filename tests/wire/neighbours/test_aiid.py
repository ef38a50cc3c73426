"""AIID's snapshot, made up here to its documented form: the real one was never met (docs/neighbours.md)."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stix2validator import ValidationOptions, validate_string

from tests.neighbour_files import INCIDENTS, REPORTS
from tests.strategies import json_values
from tocsin.kernel import BadInput, EvidenceStatus
from tocsin.wire.neighbours import is_aiid_header, read_aiid
from tocsin.wire.stix import Bundle, own_id, read, serialise
from tocsin.wire.stix.extensions import NeighbourExtension


def of_type(bundle: Bundle, kind: str) -> list[dict[str, Any]]:
    return [msgspec.json.decode(serialise(item)) for item in bundle.objects if item.type == kind]


def rest_of(item: dict[str, Any]) -> Any:
    (extension,) = item["extensions"].values()
    return json.loads(extension["rest"])


def test_incidents_come_with_their_reports_and_parties() -> None:
    bundle = read_aiid(INCIDENTS)
    assert bundle.problems == ()
    first, second = of_type(bundle, "incident")
    assert first["name"] == 'Chatbot promised "refunds"'
    assert first["created"] == "2026-05-01T00:00:00.000Z"
    assert [one.get("external_id") for one in first["external_references"]] == ["901", "12", "13"]
    assert first["external_references"][0]["url"] == "https://incidentdatabase.ai/cite/901"
    assert rest_of(first)["Alleged harmed or nearly harmed parties"] == ["customers"]
    assert "description" not in second
    found = read(next(item for item in bundle.objects if item.type == "incident"), NeighbourExtension)
    assert found is not None
    assert found.evidence_status is EvidenceStatus.OBSERVED


def test_reports_point_at_their_incident_and_leave_the_article_where_it_is() -> None:
    bundle = read_aiid(REPORTS)
    assert bundle.problems == ()
    first, second = of_type(bundle, "report")
    assert first["object_refs"] == [own_id("incident", "aiid", "901")]
    assert second["object_refs"] == [own_id("identity", "aiid")]
    said = b" ".join(serialise(item) for item in bundle.objects)
    assert b"whole article" not in said
    assert b"Somebody" not in said
    assert len(rest_of(first)["text_sha256"]) == 64
    assert rest_of(first)["authors"] == ["A. Writer"]


def test_json_of_the_same_collections_gives_the_same_objects() -> None:
    exported = {
        "_id": {"$oid": "625763db343edc875fe63a15"},
        "incident_id": {"$numberInt": "901"},
        "date": "2026-05-01",
        "reports": [12, 13],
        "Alleged deployer of AI system": ["a-bank"],
        "title": "Chatbot",
    }
    for data in (json.dumps(exported).encode(), json.dumps([exported]).encode()):
        (incident,) = of_type(read_aiid(data), "incident")
        assert incident["id"] == of_type(read_aiid(INCIDENTS), "incident")[0]["id"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("x,x,2026-05-02,,,,,d,t", "incident_id"),
        ("x,5,soon,,,,,d,t", "date"),
        ("x,5,2026-05-02,,,,,d,", "title"),
        ("x,5", ""),
    ],
)
def test_a_row_that_cannot_be_taken_is_told(row: str, field: str) -> None:
    bundle = read_aiid(INCIDENTS + row.encode() + b"\n")
    assert [(problem.index, problem.field) for problem in bundle.problems] == [(2, field)]
    assert len(of_type(bundle, "incident")) == 2


def test_only_the_snapshot_s_own_header_is_taken_for_it() -> None:
    assert is_aiid_header(INCIDENTS.partition(b"\n")[0])
    assert is_aiid_header(b"\xef\xbb\xbf" + REPORTS.partition(b"\n")[0])
    assert not is_aiid_header(b"title,text")
    assert not is_aiid_header(b"\xff\xfe")


def test_a_file_that_is_not_utf8_says_so() -> None:
    with pytest.raises(BadInput, match="UTF-8"):
        read_aiid(INCIDENTS + b"\xff")


@given(st.binary(max_size=200))
def test_no_bytes_below_a_header_raise_anything_else(tail: bytes) -> None:
    try:
        bundle = read_aiid(INCIDENTS + tail)
    except BadInput:
        return
    assert len(of_type(bundle, "incident")) >= 2


@given(
    st.sampled_from(["incident_id", "date", "title", "description", "reports", "language"]),
    json_values(st.integers(-9, 9)),
)
def test_no_value_anywhere_raises(field: str, value: Any) -> None:
    entry = {"incident_id": 1, "date": "2026-05-01", "title": "t", "Alleged deployer of AI system": []}
    read_aiid(json.dumps([entry | {field: value}]).encode())


def test_stix2_validator_accepts_them() -> None:
    for item in (*read_aiid(INCIDENTS).objects, *read_aiid(REPORTS).objects):
        found = validate_string(serialise(item).decode(), ValidationOptions(version="2.1"))
        assert found.is_valid, [str(error) for error in found.errors]
