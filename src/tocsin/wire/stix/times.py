"""STIX timestamps: kept as written, compared exactly, and counted in microseconds where a version is needed.

Source: STIX 2.1 section 2.13 and 3.2 (created and modified carry at least milliseconds).
"""

import re
from datetime import UTC, datetime
from functools import lru_cache

from tocsin.kernel import BadInput, at_micros, micros

MAX_REMEMBERED = 4_096
"""Moments remembered: objects of one batch share few."""

_SHAPE = re.compile(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9]T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?Z"
)
_shape = _SHAPE.fullmatch
_parse = datetime.fromisoformat


def is_timestamp(text: str) -> bool:
    """Whether this is a STIX timestamp of a day that exists. Any number of decimals is one."""
    if _shape(text) is None:
        return False
    try:
        # Decimals play no part in whether a moment exists; a leap second is the second before, once more.
        _parse(text[:17] + "59" if text[17] == "6" else text[:19])
    except ValueError:
        return False
    return True


def exact(text: str) -> tuple[str, str]:
    """A key that orders timestamps exactly, whatever their number of decimals."""
    return text[:19], text[20:-1].rstrip("0")


@lru_cache(maxsize=MAX_REMEMBERED)
def micros_of(text: str) -> int:
    """Microseconds since 1970, decimals beyond the sixth cut off. Raises BadInput."""
    if not is_timestamp(text):
        raise BadInput("is not a STIX timestamp; write 2025-01-31T12:00:00.000Z")
    if text[17] == "6":
        text = f"{text[:17]}59.999999Z"
    decimals = text[20:-1][:6].ljust(6, "0")
    moment = _parse(text[:19]).replace(tzinfo=UTC)
    return micros(moment) + int(decimals)


@lru_cache(maxsize=MAX_REMEMBERED)
def timestamp(at: int) -> str:
    """The STIX form, to the millisecond, of microseconds since 1970 (years 1 to 9999)."""
    moment = at_micros(at)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z".rjust(24, "0")


def timestamp_micros(at: int) -> str:
    """The TAXII form, always six decimals, of microseconds since 1970 (TAXII 2.1 section 3.2)."""
    moment = at_micros(at)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}Z".rjust(27, "0")
