"""Shapes of values that may leave: each says of a value that it fits, or where it does not.

A shape is closed. What it does not name does not fit, at any depth.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from tocsin.wire.stix.ids import type_of
from tocsin.wire.stix.times import is_timestamp

MILLISECONDS = 24
MAX_REMEMBERED = 16_384
"""Ids and moments remembered: a release of the most records there can be names few more."""

_is_timestamp = lru_cache(maxsize=MAX_REMEMBERED)(is_timestamp)
_type_of = lru_cache(maxsize=MAX_REMEMBERED)(type_of)

Shape = Callable[[Any], str | None]
"""None when the value fits, otherwise the path inside it that does not (empty for the value itself)."""


class Table(msgspec.Struct, frozen=True):
    """An object with these properties and no others; `needed` must be there, and `whole` must hold of it all."""

    fields: Mapping[str, Shape]
    needed: frozenset[str] = frozenset()
    whole: Shape | None = None

    def __call__(self, value: Any) -> str | None:
        if not isinstance(value, dict):
            return ""
        if not self.needed <= value.keys():
            return self.lacks(value)
        for name, inner in value.items():
            shape = self.fields.get(name)
            wrong = "" if shape is None else shape(inner)
            if wrong is not None:
                return f"{name}.{wrong}" if wrong else name
        return None if self.whole is None else self.whole(value)

    def lacks(self, value: dict[str, Any]) -> str | None:
        """What an object misses whose every property fits by itself: one that is needed, or `whole`."""
        for name in sorted(self.needed - value.keys()):
            return name
        return None if self.whole is None else self.whole(value)


def text(longest: int) -> Shape:
    """A string of 1 to `longest` characters, all of them to be seen, words parted by single spaces."""

    def fits(value: Any) -> str | None:
        fine = (
            isinstance(value, str)
            and 0 < len(value) <= longest
            and not _HIDDEN.search(value)
            and " ".join(value.split()) == value
        )
        return None if fine else ""

    return fits


def choice(*allowed: object) -> Shape:
    """One of these values, of the same type."""

    words = frozenset(one for one in allowed if type(one) is str)
    others = frozenset((type(one), one) for one in allowed if type(one) is not str)

    def fits(value: Any) -> str | None:
        if type(value) is str:
            return None if value in words else ""
        return None if isinstance(value, int) and (type(value), value) in others else ""

    return fits


def matching(pattern: str) -> Shape:
    """A string that the whole pattern matches."""
    whole = re.compile(pattern).fullmatch

    def fits(value: Any) -> str | None:
        return None if isinstance(value, str) and whole(value) else ""

    return fits


def whole_number(lowest: int, highest: int) -> Shape:
    """An integer within bounds, both included."""

    def fits(value: Any) -> str | None:
        return None if type(value) is int and lowest <= value <= highest else ""

    return fits


def flag(value: Any) -> str | None:
    """true or false."""
    return None if isinstance(value, bool) else ""


def moment(value: Any) -> str | None:
    """A STIX timestamp with the three decimals that the standard wants: more would say more than when."""
    return None if isinstance(value, str) and len(value) == MILLISECONDS and _is_timestamp(value) else ""


def day(value: Any) -> str | None:
    """A STIX timestamp at midnight: the day, and no more than the day."""
    return None if moment(value) is None and value.endswith("T00:00:00.000Z") else ""


def reference(*types: str) -> Shape:
    """The id of an object of one of these types; of any type when none is named."""

    def fits(value: Any) -> str | None:
        named = _type_of(value) if isinstance(value, str) else None
        return None if named is not None and (not types or named in types) else ""

    return fits


def in_order(shape: Shape) -> Shape:
    """A list of this shape whose strings ascend: an order of one's own could say something."""

    def fits(value: Any) -> str | None:
        wrong = shape(value)
        return wrong if wrong is not None or sorted(value) == value else ""

    return fits


def each(shape: Shape, most: int) -> Shape:
    """A list of 1 to `most` values of one shape, no two equal."""

    def fits(value: Any) -> str | None:
        if not isinstance(value, list) or not 0 < len(value) <= most:
            return ""
        for at, inner in enumerate(value):
            wrong = shape(inner)
            if wrong is not None:
                return f"{at}.{wrong}" if wrong else str(at)
        return "" if len(value) > 1 and len({str(inner) for inner in value}) != len(value) else None

    return fits


# Whatever shows nothing could say anything: controls, invisible letters, directions, selectors, tags, private use.
# Joiners spell inside words of several scripts, and Mongolian has selectors after its letters.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ue000-\uf8ff\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
    "\ud800-\udfff]|(?<!\\w)[\u200c\u200d]|[\u200c\u200d](?!\\w)|(?<![\u1820-\u18aa])[\u180b-\u180f]"
)
