"""Through MISP and back: every id and marking, whole objects; and what MISP adds is heard."""

import copy
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymisp import MISPEvent
from stix2validator import ValidationOptions, validate_string

from tests.misp_events import INDICATOR, OBJECTS, TECHNIQUE, UNMARKED, attribute, event
from tests.share.said import confirmed
from tests.strategies import json_values
from tocsin.kernel import TLP, BadInput, TooLarge, Unavailable
from tocsin.wire.misp import Converted, bounds, read_misp, write_misp
from tocsin.wire.misp.carriers import NAME
from tocsin.wire.misp.converter import from_misp, to_misp
from tocsin.wire.stix import canonical, marking, marking_id, parse_bundle, serialise, strictest, type_of

CONTENTS = [canonical(value) for value in OBJECTS]


def back(converted: Converted) -> set[bytes]:
    return {canonical(item) for item in converted.bundle.objects}


def opened(written: bytes) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(written)["Event"]
    return found


def closed(changed: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"Event": changed})


def carriers(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in found["Object"] if one["name"] == NAME]


def tag_names(holder: dict[str, Any]) -> set[str]:
    return {tag["name"] for tag in holder.get("Tag", ())}


def as_values(converted: Converted) -> list[dict[str, Any]]:
    return [msgspec.json.decode(serialise(item)) for item in converted.bundle.objects]


def test_every_object_comes_back_equal_in_canonical_bytes() -> None:
    converted = read_misp(write_misp(CONTENTS))
    assert back(converted) == set(CONTENTS)
    assert [problem for problem in converted.bundle.problems if problem.fatal] == []
    assert converted.raised == {}


def test_what_the_gate_would_release_comes_back_equal() -> None:
    ours = [record.stix for record in confirmed()]
    assert back(read_misp(write_misp(ours))) == set(ours)


def test_pymisp_loads_it_without_a_word_and_hands_it_on_whole(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    (tmp_path / "event.json").write_bytes(write_misp(CONTENTS))
    loaded = MISPEvent()
    with caplog.at_level(logging.INFO):
        loaded.load_file(tmp_path / "event.json")
    assert caplog.records == []
    assert {tag.name for tag in loaded.tags} == {"tlp:red", "PAP:RED"}
    holders: list[Any] = [
        loaded,
        *loaded.attributes,
    ]  # a technique that an indicator indicates stands at its attribute
    clusters = {one.value for holder in holders for galaxy in holder.galaxies for one in galaxy.clusters}
    assert {"Lottery refund bait", "Second", "Warn people"} <= clusters, "for people"
    assert any(one.value == "refund.example" for one in loaded.attributes), "indicators are attributes"
    assert back(read_misp(b'{"Event":' + loaded.to_json().encode() + b"}")) == set(CONTENTS)


def test_markings_stand_as_tags_on_everything_that_carries_them() -> None:
    found = opened(write_misp(CONTENTS))
    tags = {
        next(part["value"] for part in one["Attribute"] if part["object_relation"] == "id"): {
            frozenset(tag_names(part)) for part in one["Attribute"]
        }
        for one in carriers(found)
    }
    assert tags[TECHNIQUE] == {frozenset({"tlp:green", "PAP:RED"})}
    assert tags[INDICATOR] == {frozenset({"tlp:amber", "tlp:amber+strict", "PAP:AMBER"})}
    assert tags[UNMARKED] == {frozenset()}
    assert any(
        'tocsin:marking="marking-definition--' in name
        for one in tags.values()
        for names in one
        for name in names
    )


def test_relationships_are_object_references() -> None:
    found = carriers(opened(write_misp(CONTENTS)))
    uuids = {
        part["value"]: one["uuid"]
        for one in found
        for part in one["Attribute"]
        if part["object_relation"] == "id"
    }
    (tie,) = [tie for one in found for tie in one["ObjectReference"]]
    assert (tie["object_uuid"], tie["referenced_uuid"]) == (uuids[INDICATOR], uuids[TECHNIQUE])
    assert tie["relationship_type"] == "indicates"


def test_no_value_is_longer_than_misp_s_column() -> None:
    found = opened(write_misp(CONTENTS))
    values = [part["value"] for one in carriers(found) for part in one["Attribute"]]
    assert max(len(value.encode()) for value in values) < 65_536
    assert all(value and value == value.strip() for value in values)
    assert len({part["uuid"] for one in carriers(found) for part in one["Attribute"]}) == len(values)


def marked_atlas(shared_data: Path) -> list[dict[str, Any]]:
    """ATLAS, whose own file has no marking at all, with one of four on each object."""
    levels = [TLP.CLEAR, TLP.GREEN, TLP.AMBER, TLP.AMBER_STRICT]
    bundle = parse_bundle((shared_data / "atlas" / "stix-atlas.json").read_bytes())
    values = [msgspec.json.decode(serialise(item)) for item in bundle.objects]
    return [value | {"object_marking_refs": [marking_id(levels[n % 4])]} for n, value in enumerate(values)]


def test_atlas_keeps_every_id_and_every_marking(shared_data: Path) -> None:
    values = marked_atlas(shared_data)
    written = write_misp([canonical(value) for value in values])
    loaded = MISPEvent()
    loaded.from_dict(**opened(written))  # what MISP hands on, and not only what we wrote
    found = as_values(read_misp(b'{"Event":' + loaded.to_json().encode() + b"}"))
    assert len(values) == 458
    assert {value["id"]: value["object_marking_refs"] for value in found} == {
        value["id"]: value["object_marking_refs"] for value in values
    }
    assert {canonical(value) for value in found} == {canonical(value) for value in values}


def test_the_converter_alone_loses_them(shared_data: Path) -> None:
    values = marked_atlas(shared_data)
    levels = [msgspec.to_builtins(marking(level)) for level in TLP]
    found = {value["id"]: value for value in from_misp(to_misp([*levels, *values])).objects}
    assert not any(value["id"] in found for value in values)
    assert "relationship" not in {value["type"] for value in found.values()}


def test_an_event_s_level_reaches_everything_in_it_and_the_stricter_wins() -> None:
    data = event(
        attribute(1, "one.example", "tlp:green"),
        attribute(2, "two.example"),
        attribute(3, "three.example", "tlp:red", "PAP:RED"),
        tags=("TLP:AMBER", "PAP:GREEN"),
    )
    converted = read_misp(data)
    levels = {
        value["id"]: strictest(item)
        for value, item in zip(as_values(converted), converted.bundle.objects, strict=True)
    }
    assert set(levels.values()) == {TLP.AMBER, TLP.RED}
    for value in as_values(converted):
        third = value["id"].endswith("00003")
        assert levels[value["id"]] is (TLP.RED if third else TLP.AMBER)
        if value["type"] == "indicator":
            assert ("PAP:RED" if third else "PAP:GREEN") in value["labels"]


def test_an_unreadable_level_counts_as_red_and_a_closed_event_as_strict() -> None:
    red = read_misp(event(attribute(1, "one.example"), tags=("tlp:chartreuse",)))
    assert {strictest(item) for item in red.bundle.objects} == {TLP.RED}
    shut = read_misp(event(attribute(1, "one.example"), distribution="0"))
    assert {strictest(item) for item in shut.bundle.objects} == {TLP.AMBER_STRICT}
    white = read_misp(event(attribute(1, "one.example"), tags=("tlp:white",)))
    assert {strictest(item) for item in white.bundle.objects} == {TLP.CLEAR}


def test_reading_an_event_twice_gives_the_same_objects() -> None:
    data = event(attribute(1, "one.example"), attribute(2, "two.example"), tags=("tlp:green",))
    assert back(read_misp(data)) == back(read_misp(data))
    kinds = sorted(item.type for item in read_misp(data).bundle.objects)
    each = ["domain-name", "indicator", "observed-data", "relationship"]
    assert kinds == sorted(["identity", "report", *each, *each])


def test_what_somebody_adds_in_misp_is_taken_and_what_we_rendered_is_not_taken_twice() -> None:
    found = opened(write_misp(CONTENTS))
    found["Attribute"] = [*found.get("Attribute", ()), attribute(7, "added.example", "tlp:green")]
    values = as_values(read_misp(closed(found)))
    assert set(CONTENTS) < {canonical(value) for value in values}
    new = [value for value in values if canonical(value) not in CONTENTS]
    said = msgspec.json.encode(new).decode()
    assert "added.example" in said
    assert "refund.example" not in said
    assert "Lottery refund bait" not in said


def test_a_stricter_tag_raises_and_a_laxer_one_never_lowers() -> None:
    found = opened(write_misp(CONTENTS[:4]))
    raised = copy.deepcopy(found)
    technique = carriers(raised)[3]
    technique["Attribute"][2]["Tag"].append({"name": "tlp:red"})
    assert read_misp(closed(raised)).raised == {TECHNIQUE: TLP.RED}
    for one in carriers(found):
        for part in one["Attribute"]:
            part["Tag"] = [{"name": "tlp:clear"}]
    converted = read_misp(closed(found))
    assert converted.raised == {}
    assert back(converted) == set(CONTENTS[:4])
    found["Tag"] = [{"name": "tlp:red"}]
    assert set(read_misp(closed(found)).raised) == {value["id"] for value in OBJECTS[:4]}


def test_a_carrier_that_was_bent_is_told_and_the_others_are_kept() -> None:
    for bend in (
        {"object_relation": "created", "value": "x"},
        {"object_relation": "x.json", "value": "{"},
        {"object_relation": "x.file", "value": "x", "data": "?"},
        {"object_relation": None},
    ):
        found = opened(write_misp(CONTENTS[3:]))
        carriers(found)[0]["Attribute"].append({"type": "text", "value": "y"} | bend)
        converted = read_misp(closed(found))
        assert [problem.fatal for problem in converted.bundle.problems if problem.fatal] == [True]
        assert back(converted) >= set(CONTENTS[4:])


def test_a_live_sample_is_left_out() -> None:
    sample = attribute(
        4, "a.exe|" + "0" * 32, type="malware-sample", category="Payload delivery", data="UEsDBA=="
    )
    nested = attribute(5, "x.example") | {"ShadowAttribute": [sample]}
    converted = read_misp(event(sample, nested))
    assert any("2 malware" in problem.reason for problem in converted.bundle.problems)
    assert any("samples are left out" in problem.reason for problem in converted.bundle.problems)
    assert b"UEsDBA==" not in b"".join(back(converted))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"1",
        b"\xff",
        b'{"response": 1}',
        b'{"Event": []}',
        b'{"Event": {"info": "a\\u0000"}}',
    ],
)
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_misp(data)


def test_bounds_come_before_the_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge, match="deeper"):
        read_misp(b'{"Event": {"info": "x", "Tag": ' + b"[" * 100 + b"]" * 100 + b"}}")
    monkeypatch.setattr(bounds, "MAX_MISP_ELEMENTS", 10)
    with pytest.raises(TooLarge, match="attributes"):
        read_misp(event(*(attribute(n, "x.example") for n in range(11))))
    assert back(read_misp(write_misp(CONTENTS[:2]))) == set(CONTENTS[:2]), (
        "the converter never sees a carrier"
    )
    monkeypatch.setattr(bounds, "MAX_MISP_EVENTS", 1)
    with pytest.raises(TooLarge, match="events"):
        read_misp(b"[" + event() + b"," + event() + b"]")
    monkeypatch.setattr(bounds, "MAX_MISP_BYTES", 10)
    with pytest.raises(TooLarge, match="larger"):
        read_misp(event())


FIELDS = ["uuid", "info", "date", "timestamp", "Orgc", "Tag", "Attribute", "Object", "Galaxy", "distribution"]


@settings(max_examples=40)
@given(st.sampled_from(FIELDS), json_values(st.integers(-9, 9)))
def test_no_value_in_an_event_raises_anything_else(field: str, value: Any) -> None:
    found = opened(event(attribute(1, "one.example"), tags=("tlp:green",)))
    try:
        converted = read_misp(closed(found | {field: value}))
    except BadInput:
        return
    assert all(type_of(item.id) for item in converted.bundle.objects)


@settings(max_examples=40)
@given(
    st.sampled_from(["uuid", "type", "category", "value", "to_ids", "Tag", "data"]),
    json_values(st.integers(-9, 9)),
)
def test_no_value_in_an_attribute_raises_anything_else(field: str, value: Any) -> None:
    try:
        read_misp(event(attribute(1, "one.example") | {field: value}, attribute(2, "two.example")))
    except BadInput:
        return


@pytest.mark.parametrize(
    "made",
    [
        lambda: event(attribute(1, "one.example", "tlp:green"), tags=("PAP:AMBER",)),
        lambda: write_misp([canonical(v) for v in OBJECTS[3:4]]),
    ],
)
def test_stix2_validator_accepts_what_is_read_back(made: Callable[[], bytes]) -> None:
    for item in read_misp(made()).bundle.objects:
        found = validate_string(serialise(item).decode(), ValidationOptions(version="2.1"))
        assert found.is_valid, [str(error) for error in found.errors]


def test_the_converter_leaves_the_finding_of_modules_as_it_was() -> None:
    """An old six below it leaves a finder that whoever walks the finders falls over: pytest could not import tests."""
    to_misp([])
    assert "mixbox" in sys.modules
    assert [finder for finder in sys.meta_path if not hasattr(finder, "find_spec")] == []


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "misp_stix_converter", None)
    with pytest.raises(Unavailable, match=r"tocsin\[misp\]"):
        read_misp(event())
