"""JSON of which two readers see the same: no key twice, no NaN, nothing after it. Python's parser keeps the last of
two equal keys and other parsers the first, which is how a header shows a scanner one thing and a loader another.
"""

import json
import re
from typing import Any

import msgspec

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class StrictJson(msgspec.Struct, frozen=True):
    """What was read: the value, keys that came twice in one object, and where the value ended in the text."""

    value: Any
    twice: tuple[str, ...]
    end: int


def read_strictly(text: str) -> StrictJson:
    """One JSON value at the start of `text`. Raises ValueError for what no strict parser takes, or too deep."""
    twice: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        kept = dict(found)
        if len(kept) < len(found):
            seen: set[str] = set()
            for key, _ in found:
                if key in seen:
                    twice.append(key)
                seen.add(key)
        return kept

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is no JSON")

    try:
        value, end = json.JSONDecoder(object_pairs_hook=pairs, parse_constant=refuse).raw_decode(text)
    except RecursionError as error:
        raise ValueError("nests too deep") from error
    if "\\u" in text[:end] and _has_lone(text[:end]):
        raise ValueError("holds half of a surrogate pair")
    return StrictJson(value, tuple(twice), end)


def _has_lone(text: str) -> bool:
    """Whether an escape stands for half a character: strict parsers refuse the whole text."""
    for match in _STRING.finditer(text):
        if "\\u" in match[0]:
            try:
                json.loads(match[0]).encode("utf-8")
            except (UnicodeEncodeError, ValueError):
                return True
    return False
