"""Canonical bytes are those of RFC 8785, whichever way they were made."""

import json
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given

from tests.strategies import floats, json_values, stix_objects
from tocsin.kernel import TLP, BadInput
from tocsin.wire.stix import canonical, check, parse, serialise_many
from tocsin.wire.stix.tlp import marking


@given(json_values())
def test_any_value_is_as_the_reference_writes_it(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(floats)
def test_numbers_are_as_the_reference_writes_them(number: float) -> None:
    assert canonical({"n": number}) == rfc8785.dumps({"n": number})


@given(stix_objects())
def test_objects_are_as_the_reference_writes_them(item: dict[str, Any]) -> None:
    found = check(json.dumps(item).encode()).item
    assert found is not None
    assert canonical(found) == rfc8785.dumps(item)


def test_known_bytes() -> None:
    value = {
        "\u20ac": 1,
        "\r": 2,
        "1": 3,
        "\U0001f600": 4,
        "\ufb33": 5,
        "n": [333333333.33333329, 1e30, 4.50, 2e-3, 1e-27, -0.0],
    }
    # RFC 8785 sections 3.2.2 and 3.2.3: by UTF-16 code units, so that the emoji comes before U+FB33.
    assert canonical(value).decode() == (
        '{"\\r":2,"1":3,"n":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],"€":1,"😀":4,"\ufb33":5}'
    )


def test_hash_names_beyond_ascii_take_the_slow_way() -> None:
    item: Any = {
        "type": "identity",
        "spec_version": "2.1",
        "id": "identity--5b3f83a9-e987-4fad-8b7e-d5be3b969808",
        "created": "2025-01-01T00:00:00.000Z",
        "modified": "2025-01-01T00:00:00.000Z",
        "name": "n",
        "external_references": [{"source_name": "a", "hashes": {"\ufb33": "1", "\U0001f600": "2"}}],
    }
    assert canonical(parse(json.dumps(item).encode())) == rfc8785.dumps(item)


@pytest.mark.parametrize("value", [2**53, -(2**53), 10**30, {"a": [2**60]}, float("nan"), float("inf")])
def test_what_would_change_in_passing_is_refused(value: Any) -> None:
    with pytest.raises(BadInput, match="no canonical form"):
        canonical({"n": value})


def test_many_in_one() -> None:
    levels = [marking(level) for level in TLP]
    assert json.loads(serialise_many(levels)) == [msgspec.to_builtins(level) for level in levels]
