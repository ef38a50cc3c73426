"""Counts over several nodes, with every member in this process."""

import random
from collections.abc import Callable, Mapping, Sequence

from tocsin.kernel.distinct import Distinct, DistinctRoster
from tocsin.trust.distinct import Member

NAMES = ("ash", "birch", "cedar")
SETS = {"ash": range(30), "birch": range(20, 50), "cedar": range(25, 60)}
"""Held by one: 0-19, 50-59; by two: 20-24, 30-49; by all three: 25-29."""


def entropy(seed: int) -> Callable[[int], bytes]:
    return random.Random(seed).randbytes


def roster(**changed: object) -> DistinctRoster:
    given: dict[str, object] = {
        "session": bytes(16),
        "kind": "handle",
        "purpose": "refund campaigns of the autumn",
        "members": NAMES,
        "capacity": 200,
        "cost": 4_000,
    }
    return DistinctRoster(**{**given, **changed})  # type: ignore[arg-type]


def values(numbers: Sequence[int] | range) -> list[bytes]:
    return [b"refund-%d" % number for number in numbers]


def members(
    of: DistinctRoster,
    sets: Mapping[str, Sequence[int] | range] = SETS,
    noise: Mapping[str, Sequence[int]] | None = None,
    *,
    seed: int = 1,
    kind: Mapping[str, type[Member]] | None = None,
) -> dict[str, Member]:
    """Members that know each other's keys."""
    none = [0] * len(of.members)
    made = {
        name: (kind or {}).get(name, Member)(
            of, name, values(sets[name]), (noise or {}).get(name, none), entropy(seed * 100 + at)
        )
        for at, name in enumerate(of.members)
    }
    said = {name: one.joined() for name, one in made.items()}
    for name, one in made.items():
        for other, raw in said.items():
            if other != name:
                one.hear_joined(other, raw)
    return made


def mixed(made: Mapping[str, Member]) -> bytes:
    """The pool after every turn."""
    first, *others = made
    for name, one in made.items():
        made[first].hear_sent(name, one.sent())
    pool = made[first].mixed()
    for name in others:
        pool = made[name].mixed(pool)
    return pool


def opened(made: Mapping[str, Member], pool: bytes) -> None:
    """Everybody opens it, and hears the others."""
    for one in made.values():
        one.hear_pool(pool)
    parts = {name: one.opened() for name, one in made.items()}
    for name, one in made.items():
        for other, raw in parts.items():
            if other != name:
                one.hear_opened(other, raw)


def counted(made: Mapping[str, Member]) -> list[Distinct]:
    opened(made, mixed(made))
    return [one.counted() for one in made.values()]
