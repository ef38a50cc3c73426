"""JSON that every reader reads alike: a key twice is told, no NaN, no half of a character, bounded. The only such one.

A decoder that takes the last of two equal keys and one that takes the first see two documents in the same bytes: under
one signature, or in a header that shows a scanner one thing and a loader another.
"""

import json
import re
from typing import Any

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.limits import MAX_JSON_DEPTH
from tocsin.wire.json_bounds import bad_json, deeper_than

MAX_VALUES = 2_000_000
"""Decoded, a value takes up to some 200 bytes. A safetensors header of 8 MB has a quarter of these."""

_SPACE = " \t\r\n"
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class TooDeep(ValueError):
    """It nests deeper than MAX_JSON_DEPTH."""


class TooMany(ValueError):
    """It holds more values than its reader allows."""


class StrictJson(msgspec.Struct, frozen=True):
    """What was read: the value, keys that came twice in one object (at any level), and where the value ends.

    `whole` says that only white space follows.
    """

    value: Any
    twice: tuple[str, ...]
    end: int
    whole: bool


def read_strictly(text: str, *, values: int = MAX_VALUES, as_python: bool = False) -> StrictJson:
    """One JSON value at the start of `text`, which its reader has bounded, with at most `values` values in it.

    `as_python` takes NaN, Infinity and halves of characters, which Python's own encoder writes.
    Raises TooDeep, TooMany, and ValueError for what no strict parser takes.
    """
    if values_in(text) > values:
        raise TooMany(f"holds over {values} values")
    twice: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        kept = dict(pairs)
        if len(kept) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    twice.append(key)
                seen.add(key)
        return kept

    decoder = json.JSONDecoder(object_pairs_hook=once, parse_constant=None if as_python else _refuse)
    try:
        value, end = decoder.raw_decode(text, len(text) - len(text.lstrip(_SPACE)))
    except RecursionError:
        raise TooDeep(f"nests deeper than {MAX_JSON_DEPTH} levels") from None
    if deeper_than(value, MAX_JSON_DEPTH):
        raise TooDeep(f"nests deeper than {MAX_JSON_DEPTH} levels")
    if not as_python and _has_half(text[:end]):
        raise ValueError("holds half of a surrogate pair")
    return StrictJson(value, tuple(twice), end, not text[end:].strip(_SPACE))


def values_in(text: str | bytes) -> int:
    """As many values as it can hold, before anything is decoded; what stands in strings counts as well."""
    if isinstance(text, str):
        return text.count(",") + text.count("[") + text.count("{")
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def decode(data: bytes, what: str, *, limit: int, values: int) -> Any:
    """The value of one whole JSON document of at most `limit` bytes and `values` values, no key twice.

    `what` is a noun for the message. Raises BadInput, TooLarge.
    """
    if len(data) > limit:
        raise TooLarge(f"{what} is over {limit} bytes; this is not one that we can read")
    try:
        read = read_strictly(data.decode("utf-8"), values=values)
    except TooMany:
        raise TooLarge(f"{what} holds over {values} values; this is not one that we can read") from None
    except TooDeep as error:
        raise BadInput(f"{what} {error}") from None
    except ValueError:  # bad UTF-8, bad JSON and an integer of thousands of digits alike
        raise bad_json(data, what) from None
    if not read.whole:
        raise bad_json(data, what)
    if read.twice:
        raise BadInput(f"{what} has the key {read.twice[0][:64]!r} twice: two readers would see two things")
    return read.value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _has_half(text: str) -> bool:
    """Whether an escape stands for half a character: strict parsers refuse the whole text."""
    if _HALF.search(text) is None:
        return False
    for match in _STRING.finditer(text):
        if "\\u" in match[0]:
            try:
                json.loads(match[0]).encode("utf-8")
            except (UnicodeEncodeError, ValueError):
                return True
    return False
