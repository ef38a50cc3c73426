"""Bounds on foreign JSON once it is decoded: depth, numbers, characters nobody can keep; and why it was not.

Before it is decoded nothing needs to be counted: msgspec stops at the interpreter's recursion limit, in fields it
skips too, with a RecursionError that every decoder here takes for what it is.
"""

import re
from collections.abc import Iterable
from typing import Any

from tocsin.kernel import BadInput

MAX_SAFE_INTEGER = (1 << 53) - 1
"""RFC 8785 section 3.2.2.3 takes numbers as IEEE 754 doubles: larger integers would change in passing."""

_LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_NOT_A_NUMBER = re.compile(rb"[:\[,]\s*-?(?:NaN|Infinity)")


def deeper_than(value: Any, limit: int) -> bool:
    """Whether a decoded value nests deeper than `limit`; `{}` and `[]` are one level. No recursion."""
    level = [value] if isinstance(value, dict | list | tuple) else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list | tuple)
        ]
    return bool(level)


def _inside(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def strings_in(value: Any) -> Iterable[str]:
    """Every string in a decoded value, keys included, without recursion."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            waiting.extend(item)


def numbers_in(value: Any) -> Iterable[int | float]:
    """Every number in a decoded value, without recursion."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            waiting.extend(item)
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield item


def has_nul(value: Any) -> bool:
    """Whether any string in a decoded value holds U+0000, which PostgreSQL cannot keep."""
    return any("\x00" in text for text in strings_in(value))


def why_not_json(data: bytes) -> str:
    """What is most likely wrong with bytes that a decoder refused, in words that never quote them."""
    if not data.strip():
        return "is empty; send one JSON object"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "is not UTF-8; encode it as UTF-8 without a byte order mark"
    if data.startswith(b"\xef\xbb\xbf"):
        return "begins with a byte order mark; leave it out"
    if _NOT_A_NUMBER.search(data):
        return "holds NaN or Infinity, which JSON has not; leave the field out or use null"
    if _LONE_SURROGATE.search(data):
        return "holds half of a surrogate pair; send whole characters"
    return "is not valid JSON; send one complete JSON object"


def bad_json(data: bytes, what: str) -> BadInput:
    """The error for `what` (a noun) that is not JSON."""
    return BadInput(f"{what} {why_not_json(data)}")
