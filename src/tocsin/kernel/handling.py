"""What people arranged of warnings: two that are one thing, one that is two, one that may wait."""

import msgspec

from tocsin.kernel.warnings import Warning, WarningStatus


class Snooze(msgspec.Struct, frozen=True):
    """A pause with a reason and an end. It ends at once when the score reaches `score` times `factor`."""

    by: str
    at: int
    until: int
    reason: str
    score: float
    factor: float

    def over(self, score: float, now: int) -> bool:
        """Whether the pause ends, by time or because the thing grew."""
        return now >= self.until or score >= self.score * self.factor


class Handling(msgspec.Struct, frozen=True):
    """How people arranged one warning. It outlives every new finding of the same thing."""

    warning: str
    merged_into: str | None = None
    parts: tuple[str, ...] = ()
    """Warnings that were merged into this one."""
    split_from: str | None = None
    given: tuple[str, ...] = ()
    """Events that were split off into warnings of their own."""
    snooze: Snooze | None = None
    woken: int = 0
    """When it woke last, in microseconds; 0 for never."""


def without(warning: Warning, events: tuple[str, ...]) -> Warning:
    """The warning less the events that were split off: its samples, and its count of events.

    Accounts are not subtracted: those of the events that went may have others here.
    """
    if not events:
        return warning
    left = max(warning.events - len(events), 1)
    samples = tuple(sample for sample in warning.samples if sample not in events)
    return msgspec.structs.replace(warning, events=left, actors=min(warning.actors, left), samples=samples)


HELD = frozenset(
    {WarningStatus.CONFIRMED, WarningStatus.DISMISSED, WarningStatus.MERGED, WarningStatus.SNOOZED}
)
"""A person's word: finding the same thing again does not change it."""
