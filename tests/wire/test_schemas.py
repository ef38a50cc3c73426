"""Published schemas: the files are what the code says, and the event's schema agrees with its decoder."""

import base64
import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.strategies import NOW, event_lines, fingerprints, json_values
from tocsin.kernel import EventLine, EvidenceStatus, Fingerprint
from tocsin.wire.events import decode_line
from tocsin.wire.schemas import published, schema_bytes
from tocsin.wire.stix.extensions import IMPORTED, FingerprintExtension, encode_signature, schema_path
from tocsin.wire.stix.kinds import KINDS

SCHEMA = Draft202012Validator(published()["event.json"])
FIELDS = [*EventLine.__struct_fields__, "colour"]
BEYOND_SCHEMA = ("in the future", "after the event", "is before", "bytes", "observables[")
"""What a schema cannot say: times against a clock, sizes in bytes, identifiers by type."""


def test_the_files_are_what_the_code_says() -> None:
    folder = resources.files("tocsin.wire.schemas")
    kept = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".json")}
    assert kept == {name: schema_bytes(schema) for name, schema in published().items()}


@pytest.mark.parametrize("name", sorted(published()))
def test_each_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(published()[name])


def agree(item: Any) -> None:
    found = decode_line(1, json.dumps(item).encode(), now=NOW)
    valid = SCHEMA.is_valid(item)
    if isinstance(found, EventLine):
        assert valid, [error.message for error in SCHEMA.iter_errors(item)]
    elif valid:
        said = f"{found.field} {found.reason}"
        assert any(words in said for words in BEYOND_SCHEMA), said


@given(event_lines())
def test_decoder_and_schema_both_take_a_good_line(item: dict[str, Any]) -> None:
    assert SCHEMA.is_valid(item)
    assert isinstance(decode_line(1, json.dumps(item).encode(), now=NOW), EventLine)


odd: st.SearchStrategy[Any] = st.sampled_from(
    [
        "",
        "x",
        "a\x00b",
        "a\nb",
        "a\x7fb",
        "x" * 129,
        "x" * 257,
        "model.call",
        "2026-01-01T00:00:00Z",
        "2026-01-01 00:00:00+0800",
        "2026-01-01T00:00:00",
        "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01t00:00:00z",
        "2026-01-01T00:00:60Z",
        [],
        {},
        [{"type": "device", "value": "x"}],
        [{"type": "device"}],
        [{"type": "zip", "value": "x"}],
        [{"type": "device", "value": ""}],
        None,
        1,
        True,
    ]
)


@given(event_lines(), st.sampled_from(FIELDS), odd | json_values(st.integers(-9, 9)))
def test_decoder_and_schema_agree_on_any_change(item: dict[str, Any], field: str, value: Any) -> None:
    agree({**item, field: value})


@given(event_lines(), st.sampled_from(FIELDS))
def test_decoder_and_schema_agree_on_what_is_missing(item: dict[str, Any], field: str) -> None:
    item.pop(field, None)
    agree(item)


@given(fingerprints)
def test_a_fingerprint_extension_keeps_its_schema(fingerprint: Fingerprint) -> None:
    extension = FingerprintExtension(
        signature=encode_signature(fingerprint),
        shingles=fingerprint.shingles,
        category="fraud.scam",
        evidence_status=EvidenceStatus.OBSERVED,
        basis="Two reviewers.",
    )
    validator = Draft202012Validator(published()["misuse-fingerprint-1.json"])
    plain = msgspec.to_builtins(extension)
    assert validator.is_valid(plain)
    assert base64.b64decode(plain["signature"]) == fingerprint.signature
    for name in plain:
        assert not validator.is_valid({key: value for key, value in plain.items() if key != name})
    assert not validator.is_valid({**plain, "text": "lottery refund"})


def test_every_extension_is_served_where_its_definition_says() -> None:
    served = {schema_path(kind).rpartition("/")[2] for kind in (*KINDS, *IMPORTED)}
    assert served == set(published()) - {"event.json"}


def test_bounds_of_floats_are_floats() -> None:
    """typing takes Meta(ge=0) and Meta(ge=0.0) for one: whichever was imported first would write both schemas."""
    source = resources.files("tocsin")
    mixed = re.compile(r"Annotated\[\s*float,\s*Meta\([^)]*\b[gl][et]=\d+[,)]")
    assert [
        str(file) for file in Path(str(source)).rglob("*.py") if mixed.search(file.read_text("utf-8"))
    ] == []
