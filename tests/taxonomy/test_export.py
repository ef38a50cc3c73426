"""MISP, CSV and SKOS: they parse, they hold everything, and they come back to the same ids."""

import csv
import io
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import NotFound
from tocsin.taxonomy.crosswalks import schemes
from tocsin.taxonomy.export import (
    COLUMNS,
    FORMULA_STARTS,
    concept_of_tag,
    csv_table,
    machine_tag,
    misp_taxonomy,
    safe_cell,
    skos,
)
from tocsin.taxonomy.vocabulary import vocabulary

TEXT = {"type": "string", "minLength": 1}


def entries(*more: str) -> dict[str, Any]:
    return {
        "type": "array",
        "minItems": 1,
        "uniqueItems": True,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["value"],
            "properties": dict.fromkeys(("value", "expanded", "description", "colour", "uuid"), TEXT)
            | {name: {"type": "number" if name == "numerical_value" else "boolean"} for name in more},
        },
    }


MISP_SCHEMA = {
    # schema.json of MISP/misp-taxonomies (manifest 20260731), with its `required` lists where they take effect
    "type": "object",
    "additionalProperties": False,
    "required": ["namespace", "description", "version", "predicates"],
    "properties": {
        "version": {"type": "integer"},
        "description": TEXT,
        "expanded": TEXT,
        "namespace": TEXT,
        "uuid": TEXT,
        "exclusive": {"type": "boolean"},
        "type": {"type": "array", "items": {"enum": ["org", "user", "attribute", "event"]}},
        "refs": {"type": "array", "minItems": 1, "items": TEXT},
        "predicates": entries("numerical_value", "exclusive"),
        "values": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["predicate"],
                "properties": {"predicate": TEXT, "uuid": TEXT, "entry": entries("numerical_value")},
            },
        },
    },
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_misp_taxonomy_has_the_published_structure(language: str) -> None:
    document = json.loads(misp_taxonomy(language))
    jsonschema.validate(document, MISP_SCHEMA)
    predicates = {entry["value"] for entry in document["predicates"]}
    assert {value["predicate"] for value in document["values"]} == predicates
    uuids = [entry["uuid"] for value in document["values"] for entry in value["entry"]]
    assert len(set(uuids)) == len(uuids)


def test_the_misp_schema_would_refuse_what_is_wrong() -> None:
    document = json.loads(misp_taxonomy())
    document["values"][0]["entry"][0].pop("value")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, MISP_SCHEMA)


def test_machine_tags_come_back_to_the_same_concepts() -> None:
    document = json.loads(misp_taxonomy())
    tags = [
        f'{document["namespace"]}:{value["predicate"]}="{entry["value"]}"'
        for value in document["values"]
        for entry in value["entry"]
    ]
    assert [concept_of_tag(tag).id for tag in tags] == [concept.id for concept in vocabulary().concepts]
    assert machine_tag(vocabulary().concept("fraud.scam")) == 'tocsin:conduct="fraud.scam"'
    with pytest.raises(NotFound):
        concept_of_tag('tocsin:technique="none"')


def test_the_misp_version_grows_with_ours() -> None:
    major, minor, patch = map(int, vocabulary().version.split("."))
    assert json.loads(misp_taxonomy())["version"] == major * 10_000 + minor * 100 + patch


def test_the_csv_table_comes_back_to_the_same_matches_and_gaps() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_table().decode())))
    assert tuple(rows[0]) == COLUMNS
    assert all(None not in row and None not in row.values() for row in rows)
    back = {(row["scheme"], row["id"], row["their_id"], row["relation"], row["verified"]) for row in rows}
    expected = {
        (
            entry.id,
            match.ours,
            match.theirs,
            match.relation.value,
            "yes" if entry.by_id[match.theirs].verified else "no",
        )
        for entry in schemes()
        for match in entry.matches
    } | {(entry.id, ours, "", "gap", "") for entry in schemes() for gap in entry.gaps for ours in gap.ours}
    assert back == expected
    assert len(rows) == len(expected)
    labels = {row["id"]: (row["label_en"], row["label_zh"]) for row in rows}
    assert labels == {concept.id: (concept.label.en, concept.label.zh) for concept in vocabulary().concepts}


def test_no_cell_of_the_table_is_a_formula() -> None:
    for row in csv.reader(io.StringIO(csv_table().decode())):
        assert not any(cell.startswith(FORMULA_STARTS) for cell in row)


@given(st.text(max_size=20) | st.sampled_from(["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"]))
def test_a_cell_is_made_safe_and_stays_readable(cell: str) -> None:
    safe = safe_cell(cell)
    assert not safe.startswith(FORMULA_STARTS)
    assert safe in (cell, f"'{cell}")


def test_skos_names_every_concept_and_every_match() -> None:
    graph = {node["@id"]: node for node in json.loads(skos())["@graph"]}
    assert len(graph) == len(json.loads(skos())["@graph"])
    matches = 0
    for concept in vocabulary().concepts:
        node = graph[f"urn:tocsin:taxonomy:{concept.id}"]
        assert {said["@language"] for said in node["skos:prefLabel"]} == {"en", "zh"}
        for name, targets in node.items():
            if name.endswith("Match"):
                matches += len(targets)
                assert all(target["@id"] in graph for target in targets)
            elif name in {"skos:broader", "skos:narrower", "skos:related"}:
                assert all(target["@id"] in graph for target in targets)
    assert matches == sum(len(entry.matches) for entry in schemes())
    unverified = {key for key, node in graph.items() if "skos:editorialNote" in node}
    assert len(unverified) == len(
        {
            (entry.id, match.theirs)
            for entry in schemes()
            for match in entry.matches
            if not entry.by_id[match.theirs].verified
        }
    )


def test_equal_data_give_equal_bytes() -> None:
    assert (misp_taxonomy(), csv_table(), skos()) == (misp_taxonomy(), csv_table(), skos())
