"""STIX objects from bytes: nothing lost, nothing crashed, each defect named."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import json_values, stix_indicators, stix_objects, stix_relationships
from tocsin.kernel import BadInput
from tocsin.kernel.limits import MAX_STIX_OBJECT_BYTES
from tocsin.wire.stix import Code, Extended, Indicator, canonical, check, check_object, parse, serialise, view
from tocsin.wire.stix.objects import Other, Relationship
from tocsin.wire.stix.reading import read_many

UUID = "5b3f83a9-e987-4fad-8b7e-d5be3b969808"
INDICATOR: dict[str, Any] = {
    "type": "indicator",
    "spec_version": "2.1",
    "id": f"indicator--{UUID}",
    "created": "2025-01-01T00:00:00.000Z",
    "modified": "2025-01-02T00:00:00.000Z",
    "pattern": "[domain-name:value = 'a.example']",
    "pattern_type": "stix",
    "valid_from": "2025-01-01T00:00:00Z",
}
RELATIONSHIP: dict[str, Any] = {
    "type": "relationship",
    "spec_version": "2.1",
    "id": f"relationship--{UUID}",
    "created": "2025-01-01T00:00:00.000Z",
    "modified": "2025-01-01T00:00:00.000Z",
    "relationship_type": "indicates",
    "source_ref": f"indicator--{UUID}",
    "target_ref": f"campaign--{UUID}",
}
MARKING: dict[str, Any] = {
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": f"marking-definition--{UUID}",
    "created": "2025-01-01T00:00:00.000Z",
    "definition_type": "statement",
    "definition": {"statement": "Ask first."},
}


def data(base: dict[str, Any] = INDICATOR, **changes: Any) -> bytes:
    return json.dumps({key: value for key, value in {**base, **changes}.items() if value is not ...}).encode()


@given(stix_objects())
def test_a_sound_object_survives_equal_in_canonical_bytes(item: dict[str, Any]) -> None:
    text = json.dumps(item).encode()
    found = check(text)
    assert found.problems == ()
    assert found.item is not None
    whole = msgspec.json.decode(text)
    assert canonical(found.item) == canonical(whole)
    assert canonical(parse(serialise(found.item))) == canonical(whole)
    assert check_object(found.item) == ()


@settings(max_examples=30)
@given(st.lists(stix_objects(), max_size=5), st.data())
def test_many_at_once_say_what_each_says(items: list[dict[str, Any]], draws: Any) -> None:
    """Columns are a short cut, never another answer: with any one property of any object changed."""
    if items and draws.draw(st.booleans()):
        victim = draws.draw(st.sampled_from(items))
        field = draws.draw(st.sampled_from([*victim, "x_new"]))
        victim[field] = draws.draw(
            json_values()
            | st.sampled_from([UUID, f"indicator--{UUID}", victim["id"].upper(), "2025-02-30T00:00:00.000Z"])
        )
    texts = [json.dumps(item).encode() for item in items]
    found, problems = read_many(texts)
    alone = [check(text, index) for index, text in enumerate(texts)]
    assert [None if item is None else serialise(item) for item in found] == [
        None if one.item is None else serialise(one.item) for one in alone
    ]
    assert problems == [problem for one in alone for problem in one.problems]


@given(stix_indicators() | stix_relationships(), st.data())
def test_columns_miss_no_broken_text(item: dict[str, Any], draws: Any) -> None:
    """One character of one id or timestamp changed: the quick way and the slow way say the same."""
    field = draws.draw(
        st.sampled_from(
            [name for name in ("id", "created", "modified", "source_ref", "valid_from") if name in item]
        )
    )
    at = draws.draw(st.integers(0, len(item[field]) - 1))
    char = draws.draw(st.sampled_from("0159afghTZ-:.\n é") | st.characters(codec="ascii"))
    item[field] = item[field][:at] + char + item[field][at + 1 :]
    text = json.dumps(item).encode()
    alone = check(text)
    found, problems = read_many([text] * 3)
    assert len({item is None for item in found}) == 1
    assert (found[0] is None, len(problems)) == (alone.item is None, 3 * len(alone.problems))


def test_standard_properties_alone_give_the_typed_struct() -> None:
    assert isinstance(parse(data()), Indicator)
    assert isinstance(parse(data(RELATIONSHIP)), Relationship)


@pytest.mark.parametrize(
    "changes",
    [
        {"x_custom": {"deep": [1.5, None]}},
        {"external_references": [{"source_name": "a", "x_inner": 1}]},
        {"kill_chain_phases": [{"kill_chain_name": "a", "phase_name": "b", "x_inner": 1}]},
    ],
)
def test_unknown_properties_survive(changes: dict[str, Any]) -> None:
    found = parse(data(**changes))
    assert isinstance(found, Extended)
    assert isinstance(view(found), Indicator)
    assert json.loads(serialise(found)) == {**INDICATOR, **changes}


def test_a_pattern_of_another_language_is_not_read() -> None:
    found = check(data(pattern="rule x { condition: true }", pattern_type="yara"))
    assert found.problems == ()
    assert read_many([data(pattern="[", pattern_type="sigma")] * 2)[1] == []


def test_a_broken_pattern_is_told_with_its_place_and_without_its_text() -> None:
    (problem,) = check(data(pattern="[domain-name:value = lottery]")).problems
    assert problem.reason == (
        "at character 22: expected a constant: a string in quotes, a number, true, t'...', h'...' or b'...'"
    )
    assert read_many([data(pattern="[domain-name:value = lottery]")])[1] == [problem]


def test_an_unknown_type_survives() -> None:
    item = {**RELATIONSHIP, "type": "x-thing", "id": f"x-thing--{UUID}", "x": [1]}
    found = parse(data(item))
    assert isinstance(found, Extended)
    assert isinstance(found.view, Other)
    assert (found.type, found.id) == ("x-thing", f"x-thing--{UUID}")


@pytest.mark.parametrize(
    ("changes", "field", "code", "fatal"),
    [
        ({"id": ...}, "id", Code.MISSING, True),
        ({"id": 7}, "id", Code.TYPE, True),
        ({"type": ...}, "type", Code.MISSING, True),
        ({"type": "campaign"}, "name", Code.MISSING, True),
        ({"id": f"indicаtor--{UUID}"}, "id", Code.ID, True),  # a Cyrillic letter
        ({"id": f"indicator--{UUID.upper()}"}, "id", Code.ID, True),
        ({"id": f"indicator--{UUID}\n"}, "id", Code.ID, True),
        ({"id": f"campaign--{UUID}"}, "id", Code.ID, True),
        ({"id": "indicator--00000000-0000-0000-0000-000000000000"}, "id", Code.ID, True),
        ({"spec_version": "2.0"}, "spec_version", Code.VALUE, True),
        ({"created": ...}, "created", Code.MISSING, True),
        ({"created": "2025-02-30T00:00:00.000Z"}, "created", Code.TIMESTAMP, True),
        ({"created": "2025-01-01T00:00:00.000+00:00"}, "created", Code.TIMESTAMP, True),
        ({"created": 1735689600}, "created", Code.TYPE, True),
        ({"created": "2025-01-01T00:00:00Z"}, "created", Code.TIMESTAMP, False),
        ({"modified": "2024-12-31T23:59:59.999Z"}, "modified", Code.ORDER, False),
        ({"modified": "2024-12-31T23:59:59.999999999Z"}, "modified", Code.ORDER, False),
        ({"valid_until": "2025-01-01T00:00:00.000Z"}, "valid_until", Code.ORDER, False),
        ({"valid_from": "now"}, "valid_from", Code.TIMESTAMP, True),
        ({"created_by_ref": f"indicator--{UUID}"}, "created_by_ref", Code.ID, True),
        ({"object_marking_refs": ["tlp:green"]}, "object_marking_refs[0]", Code.ID, True),
        ({"object_marking_refs": []}, "object_marking_refs", Code.VALUE, True),
        ({"confidence": 101}, "confidence", Code.NUMBER, True),
        ({"confidence": 2**60}, "", Code.NUMBER, True),
        ({"confidence": "high"}, "confidence", Code.TYPE, True),
        ({"revoked": "no"}, "revoked", Code.TYPE, True),
        ({"pattern": ""}, "pattern", Code.SIZE, True),
        ({"pattern": "domain-name:value = 'a.example'"}, "pattern", Code.PATTERN, False),
        ({"pattern": "(" * 65 + "[a:b = 1]" + ")" * 65}, "pattern", Code.PATTERN, True),
        ({"pattern": "[" * 65_537}, "pattern", Code.SIZE, True),
        ({"granular_markings": [{"selectors": ["pattern"]}]}, "granular_markings[0]", Code.VALUE, True),
        (
            {"granular_markings": [{"selectors": ["pattern"], "marking_ref": "x"}]},
            "granular_markings[0].marking_ref",
            Code.ID,
            True,
        ),
        ({"extensions": {}}, "extensions", Code.VALUE, True),
        ({"extensions": {f"extension-definition--{UUID}": {"n": 2**53}}}, "", Code.NUMBER, True),
        ({"x_big": -(2**53)}, "", Code.NUMBER, True),
        ({"x_nul": "a\x00"}, "", Code.CHARACTER, True),
        ({"name": "a\x00"}, "", Code.CHARACTER, True),
        ({"description": "a" * MAX_STIX_OBJECT_BYTES}, "", Code.SIZE, True),
    ],
)
def test_a_defect_is_named(changes: dict[str, Any], field: str, code: Code, fatal: bool) -> None:
    found = check(data(**changes))
    assert [(problem.field, problem.code, problem.fatal) for problem in found.problems] == [
        (field, code, fatal)
    ]
    assert (found.item is None) is fatal
    with pytest.raises(BadInput):
        parse(data(**changes))


@pytest.mark.parametrize(
    ("base", "changes", "field"),
    [
        (RELATIONSHIP, {"source_ref": "x"}, "source_ref"),
        (RELATIONSHIP, {"target_ref": f"relationship--{UUID}"}, "target_ref"),
        (
            RELATIONSHIP,
            {"start_time": "2025-01-02T00:00:00Z", "stop_time": "2025-01-01T00:00:00Z"},
            "stop_time",
        ),
        (MARKING, {"definition": ...}, "definition"),
        (
            {**RELATIONSHIP, "type": "sighting", "id": f"sighting--{UUID}", "relationship_type": ...},
            {"source_ref": ..., "target_ref": ..., "sighting_of_ref": "x"},
            "sighting_of_ref",
        ),
        (
            {
                **RELATIONSHIP,
                "type": "report",
                "id": f"report--{UUID}",
                "relationship_type": ...,
                "name": "r",
            },
            {"source_ref": ..., "target_ref": ..., "published": "2025-01-01T00:00:00Z", "object_refs": ["x"]},
            "object_refs[0]",
        ),
    ],
)
def test_each_type_has_rules_of_its_own(base: dict[str, Any], changes: dict[str, Any], field: str) -> None:
    found = check(data(base, **changes))
    assert [problem.field for problem in found.problems] == [field]
    found_many, problems = read_many([data(base, **changes)])
    assert [problem.field for problem in problems] == [field]
    assert (found_many[0] is None) is found.problems[0].fatal


def test_an_observable_needs_no_versions() -> None:
    assert (
        check(data({"type": "domain-name", "id": f"domain-name--{UUID}", "value": "a.example"})).problems
        == ()
    )
    custom = {"type": "x-text", "id": f"x-text--{UUID}"}
    assert {problem.field for problem in check(data(custom)).problems} == {"created", "modified"}
    extensions = {f"extension-definition--{UUID}": {"extension_type": "new-sco"}}
    assert check(data(custom, extensions=extensions)).problems == ()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", Code.JSON),
        (b"[]", Code.TYPE),
        (b'{"type": "indicator"', Code.JSON),
        (b'{"type": "\xff"}', Code.JSON),
        (b'{"type": NaN}', Code.JSON),
        (b'{"a": 1e999}', Code.NUMBER),
        (b'{"type": "indicator", "extensions": ' + b'{"a":' * 100_000 + b"}" * 100_000 + b"}", Code.SIZE),
        (b'{"type": "indicator", "x": ' + b"[" * 60_000 + b"]" * 60_000 + b"}", Code.DEPTH),
        (
            b'{"type": "x-a", "id": "x-a--' + UUID.encode() + b'", "x": ' + b"[" * 70 + b"]" * 70 + b"}",
            Code.DEPTH,
        ),
    ],
)
def test_bytes_that_are_no_object(raw: bytes, code: Code) -> None:
    assert [problem.code for problem in check(raw).problems] == [code]


def test_depth_is_bounded_on_the_quick_way_too() -> None:
    value: Any = 1
    for _ in range(70):
        value = [value]
    extensions = {f"extension-definition--{UUID}": {"v": value}}
    assert check(data(extensions=extensions)).problems[0].code is Code.DEPTH
    assert read_many([data(extensions=extensions)])[1][0].code is Code.DEPTH


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer(raw: bytes) -> None:
    found = check(raw)
    assert found.item is not None or found.problems


@given(
    json_values(),
    st.sampled_from([*INDICATOR, *RELATIONSHIP, "extensions", "external_references", "granular_markings"]),
)
def test_any_value_anywhere_is_an_answer(value: Any, field: str) -> None:
    for base in (INDICATOR, RELATIONSHIP, MARKING):
        found = check(data(base, **{field: value}))
        if found.item is not None:
            assert canonical(found.item) == canonical(msgspec.json.decode(data(base, **{field: value})))
