"""Hostile and broken records: each has one outcome, written in docs/bad-input.md, and is held here."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.wire.stix.test_reading import INDICATOR, MARKING, RELATIONSHIP, UUID
from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.stix import Code, canonical, check, parse_bundle, serialise, strictest, view
from tocsin.wire.stix.patterns import MAX_PATTERN_CHARS

OTHER = "7c1f0e5a-2b6d-4e57-9a80-1d3f5b7a9c02"
PAGE = Path(__file__).parents[3] / "docs" / "bad-input.md"


def bundle(*objects: Any) -> bytes:
    return json.dumps({"type": "bundle", "id": f"bundle--{UUID}", "objects": objects}).encode()


def codes(found: Any) -> list[tuple[int, str, Code, bool]]:
    return [(problem.index, problem.field, problem.code, problem.fatal) for problem in found.problems]


def report(identifier: str, *refs: str) -> dict[str, Any]:
    return {
        "type": "report",
        "spec_version": "2.1",
        "id": f"report--{identifier}",
        "created": "2025-01-01T00:00:00.000Z",
        "modified": "2025-01-01T00:00:00.000Z",
        "name": "r",
        "published": "2025-01-01T00:00:00Z",
        "object_refs": list(refs),
    }


def test_references_in_a_circle_are_kept_as_they_are() -> None:
    one, two = report(UUID, f"report--{OTHER}"), report(OTHER, f"report--{UUID}")
    itself = {**RELATIONSHIP, "source_ref": f"campaign--{UUID}", "target_ref": f"campaign--{UUID}"}
    marked = {**MARKING, "object_marking_refs": [MARKING["id"]]}
    found = parse_bundle(bundle(one, two, itself, marked))
    assert found.problems == ()
    assert [canonical(item) for item in found.objects] == [
        canonical(item) for item in (one, two, itself, marked)
    ]


def test_a_reference_to_nothing_is_kept() -> None:
    found = parse_bundle(bundle(report(UUID, f"indicator--{OTHER}")))
    assert (found.problems, len(found.objects)) == ((), 1)


def test_a_bundle_of_a_million_objects_is_refused_whole() -> None:
    with pytest.raises(TooLarge, match="split it"):
        parse_bundle(b'{"type":"bundle","objects":[' + b",".join([b"{}"] * 1_000_000) + b"]}")


@pytest.mark.parametrize(("length", "code"), [(MAX_PATTERN_CHARS, None), (MAX_PATTERN_CHARS + 1, Code.SIZE)])
def test_a_pattern_of_64_kib_is_taken_and_a_longer_one_keeps_its_object_out(
    length: int, code: Code | None
) -> None:
    start, end = "[domain-name:value = '", "']"
    pattern = start + "a" * (length - len(start) - len(end)) + end
    found = check(json.dumps({**INDICATOR, "pattern": pattern}).encode())
    assert [problem.code for problem in found.problems] == ([] if code is None else [code])
    assert (found.item is None) is (code is not None)


def test_one_id_with_two_contents_is_its_first() -> None:
    found = parse_bundle(bundle(INDICATOR, {**INDICATOR, "name": "another"}))
    assert codes(found) == [(1, "id", Code.CONFLICT, True)]
    assert [canonical(item) for item in found.objects] == [canonical(INDICATOR)]


def test_modified_before_created_is_told_and_kept() -> None:
    found = parse_bundle(bundle({**INDICATOR, "modified": "2024-12-31T00:00:00.000Z"}))
    assert codes(found) == [(0, "modified", Code.ORDER, False)]
    assert len(found.objects) == 1


def test_a_marking_that_refers_to_nothing_sets_no_level() -> None:
    """A node then takes its own level for what nobody marked (tests/app/test_importing.py)."""
    item = {**INDICATOR, "object_marking_refs": [f"marking-definition--{OTHER}"]}
    found = check(json.dumps(item).encode())
    assert found.problems == ()
    assert found.item is not None
    assert strictest(found.item) is None


def test_a_marking_of_a_part_that_is_not_there_is_told_and_still_counts() -> None:
    red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
    item = {**INDICATOR, "granular_markings": [{"marking_ref": red, "selectors": ["description"]}]}
    found = parse_bundle(bundle(item))
    assert codes(found) == [(0, "granular_markings[0].selectors[0]", Code.DANGLING, False)]
    level = strictest(found.objects[0])
    assert level is not None
    assert level.value == "red"


def test_an_extension_of_an_unknown_schema_is_carried_unread() -> None:
    extensions = {
        f"extension-definition--{OTHER}": {"extension_type": "property-extension", "deep": [{"x": 1.5}]}
    }
    item = {**INDICATOR, "extensions": extensions}
    found = parse_bundle(bundle(item))
    assert found.problems == ()
    assert canonical(found.objects[0]) == canonical(item)


def test_objects_of_another_version_are_left_out_one_by_one() -> None:
    without = {name: value for name, value in RELATIONSHIP.items() if name != "spec_version"}
    found = parse_bundle(bundle(INDICATOR, {**RELATIONSHIP, "spec_version": "2.0"}, without))
    assert codes(found) == [
        (1, "spec_version", Code.VALUE, True),
        (2, "spec_version", Code.MISSING, True),
    ]
    assert [item.id for item in found.objects] == [INDICATOR["id"]]


@pytest.mark.parametrize(
    "identifier",
    [
        f"indicаtor--{UUID}",  # a Cyrillic а
        f"indicator--{UUID.replace('5', '５', 1)}",  # a full-width 5
        f"indicator--{UUID}​",  # a zero-width space
        f"indicator\u2010\u2010{UUID}",  # typographic hyphens
        f"INDICATOR--{UUID}",
        f"indicator--{UUID.upper()}",
    ],
)
def test_an_id_with_look_alike_letters_is_no_id(identifier: str) -> None:
    found = parse_bundle(bundle(INDICATOR, {**INDICATOR, "id": identifier}))
    assert codes(found) == [(1, "id", Code.ID, True)]
    assert [item.id for item in found.objects] == [INDICATOR["id"]]


def test_nine_decimals_are_kept_and_order_versions() -> None:
    item = {
        **INDICATOR,
        "created": "2025-01-01T00:00:00.000000001Z",
        "modified": "2025-01-01T00:00:00.000000002Z",
    }
    found = parse_bundle(bundle(item))
    assert found.problems == ()
    assert json.loads(serialise(found.objects[0])) == item
    late = {**item, "created": "2025-01-01T00:00:00.000000003Z"}
    assert codes(parse_bundle(bundle(late))) == [(0, "modified", Code.ORDER, False)]


def test_a_name_that_comes_twice_counts_once_with_its_last_value() -> None:
    data = json.dumps(INDICATOR).encode()[:-1] + b', "name": "first", "name": "last"}'
    found = check(data)
    assert found.item is not None
    assert getattr(view(found.item), "name", None) == "last"
    assert canonical(found.item).count(b'"name"') == 1
    extended = check(data[:-1] + b', "x_own": 1, "x_own": 2}')
    assert extended.item is not None
    assert json.loads(canonical(extended.item))["x_own"] == 2


@pytest.mark.parametrize("data", [b"", b"[]", b'{"type":"bundle"', b"\xff\xfe"])
def test_what_is_no_bundle_is_refused_whole(data: bytes) -> None:
    with pytest.raises(BadInput):
        parse_bundle(data)


def test_every_row_of_the_page_names_a_test_that_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text())
    assert len(named) >= 15
    for file, function in named:
        assert f"def {function}(" in (PAGE.parents[1] / file).read_text(), (file, function)
    here = set(re.findall(r"^def (test_\w+)\(", Path(__file__).read_text(), re.MULTILINE))
    assert {function for _, function in named} >= here - {
        "test_every_row_of_the_page_names_a_test_that_exists"
    }
