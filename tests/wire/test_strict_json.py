"""JSON of which two readers see the same: what is told, what is refused, what is bounded."""

import json
from typing import Any

import pytest
from hypothesis import given

from tests.strategies import json_values
from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.limits import MAX_JSON_DEPTH
from tocsin.wire.strict_json import TooDeep, TooMany, decode, read_strictly, values_in

HALF = '["\\ud83d"]'


@given(json_values())
def test_what_a_plain_encoder_writes_is_read_whole_and_counted(value: Any) -> None:
    text = json.dumps(value)
    read = read_strictly(f" {text}\n")
    assert (read.value, read.twice, read.end, read.whole) == (value, (), len(text) + 1, True)
    assert values_in(text) == values_in(text.encode())
    assert decode(text.encode(), "it", limit=len(text), values=values_in(text)) == value


def test_keys_that_come_twice_are_told_at_any_level_in_order_and_the_last_counts() -> None:
    read = read_strictly('{"a": 1, "b": [{"c": {"d": 1, "d": 2, "d": 3}}], "a": 2}')
    assert read.twice == ("d", "d", "a")
    assert read.value == {"a": 2, "b": [{"c": {"d": 3}}]}
    assert read_strictly('{"a": {"b": 1}, "c": {"b": 1}}').twice == ()
    with pytest.raises(BadInput, match="it has the key 'd' twice"):
        decode(b'{"b": [{"d": 1, "d": 2}]}', "it", limit=99, values=99)


def test_what_follows_is_told_and_refused_in_a_document() -> None:
    read = read_strictly('{"a": 1} {"b": 2}')
    assert (read.value, read.end, read.whole) == ({"a": 1}, 8, False)
    with pytest.raises(BadInput):
        decode(b'{"a": 1} {"b": 2}', "it", limit=99, values=99)


@pytest.mark.parametrize(
    "text", ["[NaN]", "[-Infinity]", HALF, "", "[1,]", "{'a': 1}", "[" + "9" * 5_000 + "]"]
)
def test_what_no_strict_parser_takes_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_strictly(text)
    with pytest.raises(BadInput):
        decode(text.encode(), "it", limit=9_999, values=99)


def test_what_python_s_own_encoder_writes_is_taken_where_that_is_asked_for() -> None:
    read = read_strictly(json.dumps([float("inf"), "\ud83d"]), as_python=True)
    assert read.value == [float("inf"), "\ud83d"]
    assert read_strictly(json.dumps(["\U0001f600", "\\ud83d"])).value == ["\U0001f600", "\\ud83d"]


def test_depth_is_bounded_as_everywhere() -> None:
    assert read_strictly("[" * MAX_JSON_DEPTH + "]" * MAX_JSON_DEPTH).whole
    for depth in (MAX_JSON_DEPTH + 1, 200_000):
        text = "[" * depth + "]" * depth
        with pytest.raises(TooDeep):
            read_strictly(text)
        with pytest.raises(BadInput, match="deeper"):
            decode(text.encode(), "it", limit=len(text), values=len(text))


def test_size_is_bounded_before_anything_is_decoded() -> None:
    with pytest.raises(TooMany):
        read_strictly("[[],[],[", values=5)
    with pytest.raises(TooLarge, match="values"):
        decode(b"[[],[],[", "it", limit=99, values=5)
    with pytest.raises(TooLarge, match="bytes"):
        decode(b"[1]", "it", limit=2, values=5)
