"""From what guard models flagged to a warning: several accounts of one category, or one text that a guard is sure
of."""

from collections import Counter
from collections.abc import Iterable

import msgspec
import numpy as np

from tocsin.correlate.describing import timeline, warning_id
from tocsin.correlate.groups import DAY_US
from tocsin.kernel import Level, Reason, RiskVector, Warning, WarningKind
from tocsin.taxonomy import category as conduct

WINDOW_DAYS = 14
LEAST_ACTORS = 3
"""One account may quote, ask or write fiction; a guard reads texts without their reasons."""

SURE = 0.9
"""Strength from which one text is enough to ask a person. Models that say yes or no alone never reach it."""

MAX_SAMPLES = 8
CONFIDENCE_ONE = 30
CONFIDENCE_MORE = 5
CONFIDENCE_MOST = 60
"""A guard's word is another model's opinion: no warning is surer than a phrase by it alone."""


class Flag(msgspec.Struct, frozen=True):
    """One event that a guard flagged. `time` in microseconds."""

    event: str
    actor: str
    time: int
    guard: str
    category: str
    strength: float


def find_guarded(flags: Iterable[Flag], *, now_us: int) -> tuple[Warning, ...]:
    """One warning a guard and category over the window, where enough accounts or one sure text speak for it."""
    groups: dict[tuple[str, str], list[Flag]] = {}
    for flag in flags:
        if now_us - WINDOW_DAYS * DAY_US <= flag.time <= now_us:
            groups.setdefault((flag.guard, flag.category), []).append(flag)
    found = []
    for (guard, category), group in sorted(groups.items()):
        actors = len({flag.actor for flag in group})
        sure = sum(flag.strength >= SURE for flag in group)
        if actors >= LEAST_ACTORS or sure:
            found.append(_warning(guard, category, group, actors, sure, now_us))
    return tuple(found)


def _warning(guard: str, category: str, group: list[Flag], actors: int, sure: int, now: int) -> Warning:
    group = sorted(group, key=lambda flag: (flag.time, flag.event))
    listed = conduct(category)
    reasons = [
        Reason("guard.flagged", {"guard": guard, "actors": actors, "events": len(group), "days": WINDOW_DAYS})
    ]
    if sure:
        reasons.append(Reason("guard.sure", {"guard": guard, "events": sure, "least": SURE}))
    key = f"{guard}:{category}"
    return Warning(
        id=warning_id(WarningKind.GUARD, key),
        kind=WarningKind.GUARD,
        key=key,
        category=category,
        actors=actors,
        events=len(group),
        first_seen=group[0].time,
        last_seen=group[-1].time,
        score=round(max(actors / LEAST_ACTORS, float(sure > 0)), 3),
        threshold=1.0,
        confidence=min(CONFIDENCE_ONE + CONFIDENCE_MORE * (actors - 1), CONFIDENCE_MOST),
        risk=RiskVector(
            scale=Level.HIGH if actors >= 50 else Level.MEDIUM if actors >= 10 else Level.LOW,
            coupling=Level.HIGH if listed is not None and listed.floor else Level.NONE,
        ),
        reasons=tuple(reasons),
        refutations=(
            Reason("refute.guard-wrong", {"guard": guard}),
            Reason("refute.quotation"),
            Reason("refute.fiction"),
        ),
        samples=_samples(group),
        timeline=timeline(np.array([flag.time for flag in group], np.int64)),
        updated=now,
    )


def _samples(group: list[Flag]) -> tuple[str, ...]:
    """The surest of different accounts first: what a person should read to judge the guard."""
    seen: Counter[str] = Counter()
    chosen = []
    for flag in sorted(group, key=lambda flag: (-flag.strength, -flag.time, flag.event)):
        seen[flag.actor] += 1
        if seen[flag.actor] == 1:
            chosen.append(flag.event)
    return tuple(chosen[:MAX_SAMPLES])
