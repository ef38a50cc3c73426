"""A look at what was not flagged: an event drawn at random, and what a person found in it."""

from enum import StrEnum

import msgspec


class LookOutcome(StrEnum):
    MISSED = "missed"
    """It is conduct of the list, and nothing had said so."""
    RIGHT = "right"
    """It was rightly not flagged."""


class Look(msgspec.Struct, frozen=True):
    """`rank` orders the day's draw under a key of this node; the smallest are looked at. Times in microseconds."""

    event: str
    day: str
    rank: int
    drawn: int
    lang: str | None = None
    outcome: LookOutcome | None = None
    category: str = ""
    by: str = ""
    at: int = 0
    statement: str = ""
