"""Shapes of values that may leave: each says of a value that it fits, or where it does not.

A shape is closed. What it does not name does not fit, at any depth.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tocsin.wire.stix.ids import type_of
from tocsin.wire.stix.times import is_timestamp

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
        for name in sorted(self.needed):
            if name not in value:
                return name
        for name, inner in value.items():
            shape = self.fields.get(name)
            wrong = "" if shape is None else shape(inner)
            if wrong is not None:
                return f"{name}.{wrong}" if wrong else name
        return None if self.whole is None else self.whole(value)


def text(longest: int) -> Shape:
    """A string of 1 to `longest` characters without control characters."""

    def fits(value: Any) -> str | None:
        fine = isinstance(value, str) and 0 < len(value) <= longest and not _CONTROL.search(value)
        return None if fine else ""

    return fits


def choice(*allowed: object) -> Shape:
    """One of these values, of the same type."""

    def fits(value: Any) -> str | None:
        return None if any(type(value) is type(one) and value == one for one in allowed) else ""

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
    """A STIX timestamp."""
    return None if isinstance(value, str) and is_timestamp(value) else ""


def day(value: Any) -> str | None:
    """A STIX timestamp at midnight: the day, and no more than the day."""
    return None if moment(value) is None and value.endswith("T00:00:00.000Z") else ""


def reference(*types: str) -> Shape:
    """The id of an object of one of these types; of any type when none is named."""

    def fits(value: Any) -> str | None:
        named = type_of(value) if isinstance(value, str) else None
        return None if named is not None and (not types or named in types) else ""

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
        return "" if len({str(inner) for inner in value}) != len(value) else None

    return fits


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
