"""What a store promises of a reviewer's own limits, and of how much they opened. A part of `interface`."""

from typing import Protocol

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """What somebody chose for themselves. Pictures are blurred and grey until they ask for one without."""

    blur: bool = True
    grey: bool = True
    a_day: int = 40
    """Pictures and files opened in a day."""
    minutes_between: int = 0
    remind_after: int = 10
    """A break is proposed after so many; 0 for never."""


class Chosen(msgspec.Struct, frozen=True):
    """Limits that hold now, and ones that hold from a day on (YYYY-MM-DD)."""

    now: Limits
    later: Limits | None = None
    later_from: str = ""


class CareDay(msgspec.Struct, frozen=True):
    """How much somebody opened on a day, and when they did last (microseconds)."""

    opened: int = 0
    last: int = 0


class CareStore(Protocol):
    """Kept for the person themselves: nothing here lists people."""

    def chosen(self, user: str) -> Chosen | None: ...
    def choose(self, user: str, chosen: Chosen) -> None: ...
    def day(self, user: str, day: str) -> CareDay: ...
    def note(self, user: str, day: str, at: int) -> CareDay:
        """One more on this day; the day as it is then."""
        ...

    def forget_before(self, day: str) -> int:
        """Delete the counts of older days; returns how many."""
        ...


class CareStores(Protocol):
    """The facets of a store that this page names."""

    @property
    def care(self) -> CareStore: ...
