"""Which deadlines are near or past, each stage told once.

Enters: deadlines, what was told before, the present. Leaves: what is to be told now, the gravest stage alone of each
clock: a node that slept through two of them says where it stands, and not what it missed. Keeps nothing itself.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum

import msgspec

from tocsin.kernel.duties import Deadline

HOUR = 3_600_000_000
LAST_HOUR_FROM = 4 * HOUR
"""Of a shorter span the last quarter is the last hour or less."""


class Stage(StrEnum):
    """How far a clock has run."""

    HALF = "half"
    LAST_QUARTER = "last-quarter"
    LAST_HOUR = "last-hour"
    PAST = "past"


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell a person. `at` is when its stage began."""

    duty: str
    step: str
    stage: Stage
    started: int
    due: int
    at: int
    certain: bool
    verified: bool

    @property
    def key(self) -> str:
        """What is kept once it was told. Of a clock that moved it is another: its new end is told again."""
        return f"{self.duty}/{self.step}/{self.started}/{self.due}/{self.stage.value}"


def alarms(found: Iterable[Deadline], told: Collection[str], now: int) -> tuple[Alarm, ...]:
    """What to tell now, what is due first before the rest. `told` holds keys of before, `now` is in microseconds."""
    reached = (_reached(one, now) for one in found)
    fresh = [one for one in reached if one is not None and one.key not in told]
    return tuple(sorted(fresh, key=lambda one: (one.due, one.duty, one.step)))


def stages(started: int, due: int) -> dict[Stage, int]:
    """When each stage of a clock begins, first to last."""
    span = due - started
    begun = {Stage.HALF: started + span // 2, Stage.LAST_QUARTER: started + span * 3 // 4}
    if span >= LAST_HOUR_FROM:
        begun[Stage.LAST_HOUR] = due - HOUR
    return {**begun, Stage.PAST: due + 1}


def _reached(deadline: Deadline, now: int) -> Alarm | None:
    if deadline.over or deadline.started is None or deadline.due is None:
        return None
    begun = {stage: at for stage, at in stages(deadline.started, deadline.due).items() if at <= now}
    if not begun:
        return None
    stage, at = list(begun.items())[-1]
    return Alarm(
        duty=deadline.duty,
        step=deadline.step,
        stage=stage,
        started=deadline.started,
        due=deadline.due,
        at=at,
        certain=deadline.certain,
        verified=deadline.verified,
    )
