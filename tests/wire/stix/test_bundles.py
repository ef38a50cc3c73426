"""Bundles: each defect by object, each version once; MITRE ATLAS with its real defects."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.wire.stix.test_reading import INDICATOR, RELATIONSHIP, UUID
from tocsin.ingest import import_bundle
from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.stix import Code, bundles, canonical, parse_bundle, version_of, view


def bundle(*objects: Any) -> bytes:
    return json.dumps({"type": "bundle", "id": f"bundle--{UUID}", "objects": objects}).encode()


def test_each_object_answers_for_itself() -> None:
    found = parse_bundle(bundle(INDICATOR, 7, {**RELATIONSHIP, "source_ref": "x"}, {"a": 1}, RELATIONSHIP))
    assert [item.id for item in found.objects] == [INDICATOR["id"], RELATIONSHIP["id"]]
    assert [(problem.index, problem.field, problem.code) for problem in found.problems] == [
        (1, "", Code.TYPE),
        (2, "source_ref", Code.ID),
        (3, "type", Code.MISSING),
    ]
    assert str(found.problems[0]) == "objects[1]: is not a JSON object"


def test_doubles() -> None:
    later = {**INDICATOR, "modified": "2025-01-03T00:00:00.000Z"}
    reordered = dict(reversed(INDICATOR.items()))
    other = {**INDICATOR, "name": "another"}
    found = parse_bundle(bundle(INDICATOR, later, reordered, other))
    assert [version_of(item) for item in found.objects] == [INDICATOR["modified"], later["modified"]]
    assert [(problem.index, problem.code, problem.fatal) for problem in found.problems] == [
        (2, Code.DUPLICATE, False),
        (3, Code.CONFLICT, True),
    ]


def test_a_nul_in_one_object_is_that_objects_defect() -> None:
    found = parse_bundle(bundle(INDICATOR, {**RELATIONSHIP, "description": "a\x00"}))
    assert [item.id for item in found.objects] == [INDICATOR["id"]]
    assert [(problem.index, problem.code) for problem in found.problems] == [(1, Code.CHARACTER)]


def test_an_empty_bundle_is_one() -> None:
    assert parse_bundle(b'{"type": "bundle", "id": "x"}').objects == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"type": "indicator"}',
        b'{"type": "bundle", "objects": 1}',
        b"\xff",
        b'{"type": "bundle", "objects": [',
    ],
)
def test_what_is_no_bundle(data: bytes) -> None:
    with pytest.raises(BadInput):
        parse_bundle(data)


def test_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge):
        parse_bundle(b'{"type": "bundle", "objects": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    monkeypatch.setattr(bundles, "MAX_BUNDLE_OBJECTS", 1)
    with pytest.raises(TooLarge, match="objects"):
        parse_bundle(bundle(INDICATOR, RELATIONSHIP))
    monkeypatch.setattr(bundles, "MAX_BUNDLE_BYTES", 10)
    with pytest.raises(TooLarge, match="bytes"):
        parse_bundle(bundle(INDICATOR))


def test_atlas_comes_in_with_its_real_defects(shared_data: Path) -> None:
    path = shared_data / "atlas" / "stix-atlas.json"
    found = import_bundle(path)
    whole = json.loads(path.read_bytes())["objects"]
    defects = Counter((problem.code, problem.field) for problem in found.problems)
    assert defects == {
        (Code.CONFLICT, "id"): 80,
        (Code.ORDER, "modified"): 2,
        (Code.MISSING, "created"): 1,
        (Code.MISSING, "modified"): 1,
    }
    assert all(problem.object for problem in found.problems)
    late = {item["id"] for item in whole if item.get("modified", "9") < item.get("created", "0")}
    assert {problem.object for problem in found.problems if problem.code is Code.ORDER} == late
    assert Counter(view(item).type for item in found.objects)["attack-pattern"] == 170
    assert len(found.objects) == len(whole) - 80
    first = {item["id"]: item for item in reversed(whole)}
    assert all(canonical(item) == canonical(first[item.id]) for item in found.objects)
