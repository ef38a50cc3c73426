"""The STIX bundle: the real validator takes it, our own parser takes it, and its ids come back to ours."""

import json
from typing import Any

import pytest
from stix2validator import ValidationOptions, validate_string

from tocsin.app.taxonomy_export import BEHAVIOUR, FLAW, FORMATS, exported, stix_bundle, stix_id
from tocsin.kernel import BadInput
from tocsin.taxonomy.crosswalks import schemes
from tocsin.taxonomy.vocabulary import vocabulary
from tocsin.wire.stix import canonical, parse_bundle


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(stix_bundle())["objects"]
    return found


def test_the_validator_accepts_the_bundle() -> None:
    result = validate_string(stix_bundle().decode(), ValidationOptions(version="2.1"))
    assert result.is_valid, result.errors


def test_our_own_parser_takes_every_object_without_a_problem(objects: list[dict[str, Any]]) -> None:
    bundle = parse_bundle(stix_bundle())
    assert bundle.problems == ()
    assert len(bundle.objects) == len(objects)
    assert [canonical(item) for item in bundle.objects] == [canonical(item) for item in objects]


def test_ids_come_back_to_ours_and_chinese_travels(objects: list[dict[str, Any]]) -> None:
    ours = {
        item["external_references"][0]["external_id"]: item
        for item in objects
        if item["type"] in {"attack-pattern", "vulnerability"}
    }
    expected = [concept for concept in vocabulary().concepts if concept.facet in BEHAVIOUR | {FLAW}]
    assert list(ours) == [concept.id for concept in expected]
    chinese = {
        item["object_ref"]: item["contents"]["zh"] for item in objects if item["type"] == "language-content"
    }
    for concept in expected:
        item = ours[concept.id]
        assert item["id"] == stix_id(concept)
        assert (item["name"], item["description"]) == (concept.label.en, concept.means.en)
        assert chinese[item["id"]] == {"name": concept.label.zh, "description": concept.means.zh}


def test_every_match_is_a_reference_and_says_when_it_is_unverified(objects: list[dict[str, Any]]) -> None:
    for item in objects:
        for reference in item.get("external_references", [])[1:]:
            entry = next(one for one in schemes() if one.id == reference["source_name"])
            term = entry.by_id[reference["external_id"]]
            assert ("(unverified)" in reference["description"]) != term.verified
    count = sum(len(item.get("external_references", [])[1:]) for item in objects)
    ids = {concept.id for concept in vocabulary().concepts if concept.facet in BEHAVIOUR | {FLAW}}
    assert count == sum(match.ours in ids for entry in schemes() for match in entry.matches)


def test_no_reference_dangles_and_no_relation_is_told_twice(objects: list[dict[str, Any]]) -> None:
    ids = [item["id"] for item in objects]
    assert len(set(ids)) == len(ids)
    pairs = []
    for item in objects:
        for field in ("source_ref", "target_ref", "object_ref", "created_by_ref"):
            assert item.get(field, ids[0]) in ids
        assert set(item.get("object_marking_refs", [])) <= set(ids)
        if item["type"] == "relationship":
            pairs.append(frozenset((item["source_ref"], item["target_ref"])))
    assert pairs
    assert len(set(pairs)) == len(pairs)


def test_ids_of_the_bundle_never_change() -> None:
    # published: readers have stored it
    assert (
        stix_id(vocabulary().concept("technique.prompt-injection"))
        == "attack-pattern--d5799706-6a42-555f-ba0a-cd68123e46ba"
    )
    assert stix_bundle() == stix_bundle()


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_written_and_an_unknown_one_is_refused(form: str) -> None:
    assert exported(form)
    with pytest.raises(BadInput, match="stix, misp, csv, skos"):
        exported(f"{form}x")
