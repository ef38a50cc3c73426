"""What a decoded value holds, however deep."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import json_values
from tocsin.wire.json_bounds import deeper_than, has_nul, numbers_in, strings_in


def depth(value: Any) -> int:
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth, inside), default=0)
    return 0


@given(json_values(), st.integers(1, 6))
def test_depth_is_counted_as_by_hand(value: Any, limit: int) -> None:
    assert deeper_than(value, limit) is (depth(value) > limit)


def test_a_very_deep_value_is_no_recursion() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    assert deeper_than(value, 64)


def test_everything_inside_is_found() -> None:
    value = {"a": ["b", {"c": 1, "d": [2.5, True, None]}], "e": "f\x00"}
    assert sorted(strings_in(value)) == ["a", "b", "c", "d", "e", "f\x00"]
    assert sorted(numbers_in(value)) == [1, 2.5]
    assert has_nul(value)
    assert has_nul([{"\x00": 1}])
    assert not has_nul({"a": ["b"]})
