"""How much of a claim's confidence is left: half-lives by what it names, in the manner of MISP's decaying models.

confidence x 0.5 ^ (age / half-life), age since it was last said or seen; nothing is left after `valid_until`. Pure.
"""

import re

import msgspec

DAY = 86_400_000_000

UNSTATED = 50
"""Confidence of a claim that states none: neither believed nor doubted (STIX 2.1, appendix A, none given)."""

LEAST = 10
"""Below this an indicator is not looked for any more; its author says it again when it still holds."""

HALF_LIFE_DAYS = {
    "x-tocsin-text": 60,
    "ipv4-addr": 7,
    "ipv6-addr": 7,
    "url": 14,
    "domain-name": 30,
    "email-message": 30,
    "email-addr": 60,
    "user-account": 60,
    "cryptocurrency-wallet": 180,
    "file": 365,
}
"""By the first object type that a pattern names. An address is somebody else's in a week, a file stays what it is."""

HALF_LIFE_OTHER = 90
HALF_LIFE_CAMPAIGN = 120

_FIRST = re.compile(r"\[\s*\(*\s*(?:NOT\s+)?([a-z][a-z0-9-]*):")


class Left(msgspec.Struct, frozen=True):
    """`now` of `stated` is left; `ended` when its time is over or it was taken back."""

    stated: int
    now: int
    half_life_days: int
    ended: bool


def half_life(kind: str, pattern: str = "") -> int:
    """Days until half is left, of an object of type `kind`."""
    if kind != "indicator":
        return HALF_LIFE_CAMPAIGN if kind == "campaign" else HALF_LIFE_OTHER
    first = _FIRST.match(pattern)
    return HALF_LIFE_DAYS.get(first[1], HALF_LIFE_OTHER) if first else HALF_LIFE_OTHER


def left(
    stated: int | None,
    *,
    days: int,
    renewed: int,
    now: int,
    valid_until: int | None = None,
    revoked: bool = False,
) -> Left:
    """What is left at `now`, of a claim last said or seen at `renewed`; moments in microseconds."""
    whole = UNSTATED if stated is None else max(0, min(stated, 100))
    if revoked or (valid_until is not None and valid_until <= now):
        return Left(whole, 0, days, True)
    age = max(now - renewed, 0) / DAY
    return Left(whole, round(whole * 0.5 ** (age / days)), days, False)
