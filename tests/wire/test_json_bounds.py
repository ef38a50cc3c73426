"""Depth before decoding, and what the decoded holds."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import json_values
from tocsin.kernel import TooLarge
from tocsin.wire.json_bounds import check_depth, deeper_than, has_nul, numbers_in, strings_in


def depth(value: Any) -> int:
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth, inside), default=0)
    return 0


@given(json_values(), st.integers(1, 6))
def test_depth_of_text_and_of_value_are_the_same(value: Any, limit: int) -> None:
    deep = depth(value) > limit
    assert deeper_than(value, limit) is deep
    if deep:
        with pytest.raises(TooLarge):
            check_depth(json.dumps(value).encode(), limit)
    else:
        check_depth(json.dumps(value).encode(), limit)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": "' + b"[{" * 500 + b'"}',
        b'{"a": "\\"' + b"[" * 500 + b'\\\\"}',
        b"[]," * 100_000,
        b'"' * 200_001,
        b'\\"' * 200_000,
        b"[" * 1_000_000,
    ],
)
def test_brackets_in_strings_and_broken_json_pass_quickly(data: bytes) -> None:
    check_depth(data)


@pytest.mark.parametrize("levels", [65, 100_000, 1_000_000])
def test_deep_is_refused(levels: int) -> None:
    with pytest.raises(TooLarge):
        check_depth(b"[" * levels + b"]" * levels)
    check_depth(b"[" * 64 + b"]" * 64)


def test_everything_inside_is_found() -> None:
    value = {"a": ["b", {"c": 1, "d": [2.5, True, None]}], "e": "f\x00"}
    assert sorted(strings_in(value)) == ["a", "b", "c", "d", "e", "f\x00"]
    assert sorted(numbers_in(value)) == [1, 2.5]
    assert has_nul(value)
    assert has_nul([{"\x00": 1}])
    assert not has_nul({"a": ["b"]})
