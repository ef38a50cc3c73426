"""Our own kinds: sound STIX to an independent validator, closed by their schemas, and what they refuse to say."""

from typing import Any, get_args

import msgspec
import pytest
from jsonschema import Draft202012Validator
from stix2validator import ValidationOptions, validate_string

from tests.wire.stix.kinds_examples import (
    ATTRIBUTION,
    CLUSTER,
    DECISION,
    EVALUATION_RESULT,
    EXAMPLES,
    INTENT_AND_EFFECT,
    LINE,
    OBJECTS,
    RED_LINE,
)
from tocsin.kernel import ObservableType
from tocsin.share.fields import may_leave
from tocsin.taxonomy.vocabulary import vocabulary
from tocsin.wire import stix
from tocsin.wire.schemas import published
from tocsin.wire.stix.extensions import EXTENSIONS, Extension, extension_id
from tocsin.wire.stix.kinds import KINDS, STANDS_ON, kind_of

FILLED_IN = {"extension_type", "automatic_action", "consequence"}
"""A struct fills these in, for those who build; a schema wants them said."""


@pytest.mark.parametrize("item", OBJECTS, ids=lambda item: item.id)
def test_the_validator_takes_an_example_of_each(item: stix.StixObject) -> None:
    data = stix.canonical(item)
    result = validate_string(data.decode(), ValidationOptions(version="2.1"))
    assert result.is_valid, [str(error) for error in result.errors]
    assert {str(warning).partition("{")[2][:3] for warning in result.warnings} <= {"103"}
    read = stix.parse(data)
    assert stix.canonical(read) == data


@pytest.mark.parametrize("kind", KINDS[len(EXTENSIONS) :], ids=lambda kind: kind.NAME)
def test_the_validator_takes_each_definition(kind: type[Extension]) -> None:
    data = stix.canonical(stix.definition(kind))
    assert validate_string(data.decode(), ValidationOptions(version="2.1")).is_valid
    assert stix.check(data).problems == ()


def test_every_kind_has_an_example_where_it_stands() -> None:
    assert {type(example) for example in EXAMPLES} == set(KINDS) - set(EXTENSIONS)
    assert set(STANDS_ON) == set(KINDS)
    seen = set()
    for item in OBJECTS:
        for kind in KINDS:
            if (extension := stix.read(item, kind)) is not None:
                assert extension in EXAMPLES
                where = STANDS_ON[kind]
                assert where is None or item.type in where
                seen.add(kind)
    assert seen == {type(example) for example in EXAMPLES}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.NAME)
def test_the_schema_says_what_the_struct_says(example: Extension) -> None:
    validator = Draft202012Validator(published()[f"{example.NAME}-1.json"])
    plain = msgspec.to_builtins(example)
    assert validator.is_valid(plain), [error.message for error in validator.iter_errors(plain)]
    for changed in (
        {**plain, "country": "x"},
        {**plain, "text": "lottery refund"},
        {**plain, "extension_type": "new-sdo"},
        *({key: value for key, value in plain.items() if key != name} for name in plain),
    ):
        assert not validator.is_valid(changed)
        if changed.keys() >= FILLED_IN & plain.keys():
            with pytest.raises(msgspec.ValidationError):
                msgspec.convert(changed, type(example))


def test_ids_never_change() -> None:
    assert {kind.NAME: extension_id(kind).partition("--")[2] for kind in KINDS[len(EXTENSIONS) :]} == {
        "account-cluster": "df373781-e61c-59b6-a8ce-2518f1620a17",
        "attribution": "46c97317-6e26-5739-8184-733ae5a26b64",
        "evidence-status": "13dbbae4-a65e-5eb3-ade7-6daeb4eb72f2",
        "intent-and-effect": "df128990-b28e-51d4-b2a6-787cc20bb099",
        "model-evaluation": "5c540af2-5077-5a5d-ac2b-8e3f8018b8b4",
        "joint-case-message": "bb9b1b61-9da1-51ad-bf44-f53798325318",
        "noisy-count": "a09974fa-0d9b-5be6-9c90-e2c8c56c924b",
        "commitment": "bb4a422c-af25-524a-99f4-9ca066aba6d6",
        "red-line-stance": "bfee51bb-0a4b-5838-bb91-5ea377aa2ea5",
        "misuse-rule": "944c5f76-75bd-5f68-b8b0-5964f6dde9cf",
        "red-line": "eca1724f-6282-5e8d-b700-778d956f81af",
        "release-decision": "8778f9aa-6f89-5e41-b69e-b05542f342f6",
        "risk-vector": "7db222b3-4f2c-546c-9c43-9a47896c182e",
    }


def test_no_kind_has_a_place_for_a_country_a_text_or_an_account() -> None:
    """By name of property, in every schema and every part of one."""
    names = set()
    for schema in published().values():
        if schema["$id"].endswith("event:1"):
            continue
        for part in (schema, *schema.get("$defs", {}).values()):
            names |= set(part.get("properties", {}))
    assert (
        not {
            "account",
            "actor",
            "belief",
            "country",
            "ethnicity",
            "language",
            "location",
            "nationality",
            "prompt",
            "region",
            "religion",
            "text",
            "user",
        }
        & names
    )


def broken(example: Extension, **changes: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**msgspec.to_builtins(example), **changes}, type(example))


def test_an_attribution_is_never_bare() -> None:
    broken(ATTRIBUTION, alternatives=[])
    broken(ATTRIBUTION, alternatives=msgspec.to_builtins(ATTRIBUTION)["alternatives"] * 3)
    broken(ATTRIBUTION, alternatives="none")
    broken(ATTRIBUTION, form="nation")
    broken(ATTRIBUTION, grounds=[])
    broken(ATTRIBUTION, automatic_action="suspend")
    said = {**msgspec.to_builtins(ATTRIBUTION), "alternatives": "none-considered"}
    assert msgspec.convert(said, type(ATTRIBUTION)).alternatives == "none-considered"


def test_a_cluster_weighs_harmless_reasons() -> None:
    broken(CLUSTER, harmless_reasons=[])
    broken(CLUSTER, behaviours=["political"])
    broken(CLUSTER, actors=12)


def test_intent_is_not_read_off_the_effect() -> None:
    plain = msgspec.to_builtins(INTENT_AND_EFFECT)
    for part in ("intent", "effect"):
        broken(
            INTENT_AND_EFFECT, **{part: {key: value for key, value in plain[part].items() if key != "basis"}}
        )


def test_a_crossed_line_blocks() -> None:
    crossed = [{"line": LINE, "outcome": "crossed"}]
    broken(DECISION, red_lines=crossed)
    withheld = {
        **msgspec.to_builtins(DECISION),
        "red_lines": crossed,
        "decision": "withheld",
        "access": "none",
    }
    assert msgspec.convert(withheld, type(DECISION)).decision == "withheld"
    broken(DECISION, decision="withheld")
    broken(DECISION, access="none")
    broken(DECISION, approvals=1)
    broken(DECISION, review_by=DECISION.decided)
    broken(RED_LINE, review_by=RED_LINE.in_force)
    broken(RED_LINE, consequence="review")


def test_a_result_has_an_interval_and_a_baseline_with_its_rate() -> None:
    (plain,) = msgspec.to_builtins(EVALUATION_RESULT)["results"]
    broken(EVALUATION_RESULT, results=[{**plain, "rate": 0.5}])
    broken(EVALUATION_RESULT, results=[{**plain, "baseline": "none"}])
    broken(
        EVALUATION_RESULT, results=[{key: value for key, value in plain.items() if key != "baseline_rate"}]
    )
    broken(EVALUATION_RESULT, results=[{**plain, "rate": 1.1, "upper": 1.2}])
    broken(EVALUATION_RESULT, model="gpt")


def test_closed_lists_are_those_of_the_taxonomy() -> None:
    concepts = {concept.id for concept in vocabulary().concepts}
    listed = set()
    for schema in published().values():
        for text in _strings_of(schema):
            if text.partition(".")[0] in {"context", "domain", "level"} and "." in text:
                listed.add(text)
    assert listed == {name for name in concepts if name.partition(".")[0] in {"context", "domain", "level"}}
    kinds = CLUSTER.__annotations__["shared_identifiers"]
    assert set(get_args(get_args(get_args(kinds)[0])[0])) == {kind.value for kind in ObservableType}


def _strings_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _strings_of(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _strings_of(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize(
    "item",
    [item for item in OBJECTS if not kind_of(msgspec.to_builtins(item))],
    ids=lambda item: item.id,
)
def test_none_of_the_others_leaves_until_the_gate_has_a_table_for_it(item: stix.StixObject) -> None:
    assert may_leave(item.type, msgspec.to_builtins(item)) is not None
