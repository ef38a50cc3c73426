"""Intervals against lines as a picture: where each point, whisker and line lies on one common scale.

Fractions of the picture's width, for the console's SVG and for paper alike. The figures always stand beside it, so the
picture is never the only way to read them.
"""

from collections.abc import Sequence

import msgspec

from tocsin.kernel.evaluations import LineVerdict
from tocsin.kernel.plans import Condition

_ENDS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
"""Where the scale may end: a rate of 2 % against a line of 5 % would be a dot on a scale to 100 %."""

_TICKS = 4


class Interval(msgspec.Struct, frozen=True):
    """Shares from 0 to 1. `line` is None where none was fixed, and `verdict` with it. `weight` scales the point."""

    label: str
    share: float
    low: float
    high: float
    line: float | None = None
    verdict: LineVerdict | None = None
    weight: float = 1.0
    known: bool = True
    """False when nothing was counted: then there is no interval to draw."""
    condition: Condition | None = None


class Strip(msgspec.Struct, frozen=True):
    """One interval as drawn, in fractions of the scale. `size` is that of its point, over the largest one's."""

    interval: Interval
    low: float
    high: float
    at: float
    size: float
    line: float | None


class Drawing(msgspec.Struct, frozen=True):
    """`ticks` are rates at equal steps from 0 to `end`."""

    strips: tuple[Strip, ...]
    end: float
    ticks: tuple[float, ...]


def drawing(intervals: Sequence[Interval]) -> Drawing:
    """All on one scale from 0 to the first round number that holds every upper bound and line."""
    reach = max((max(one.high if one.known else 0.0, one.line or 0.0) for one in intervals), default=1.0)
    end = next((end for end in _ENDS if reach <= end), 1.0)

    def place(value: float) -> float:
        return min(max(value, 0.0), end) / end

    heaviest = max((one.weight for one in intervals), default=1.0) or 1.0
    return Drawing(
        strips=tuple(
            Strip(
                interval=one,
                low=place(one.low),
                high=place(one.high),
                at=place(one.share),
                # by the root: the area of a point is its weight
                size=(max(one.weight, 0.0) / heaviest) ** 0.5,
                line=None if one.line is None else place(one.line),
            )
            for one in intervals
        ),
        end=end,
        ticks=tuple(end * step / _TICKS for step in range(_TICKS + 1)),
    )
