"""Pictures as numbers: where bars and points lie. Templates draw them as SVG; the CSS file gives the colours.

Every picture has a table beside it: these values are never the only way to read the data.
"""

import math
from collections.abc import Sequence

import msgspec

from tocsin.kernel import Level, RiskVector

DAY = 86_400_000_000
"""Microseconds."""

WIDTH, HEIGHT = 720, 150
MAX_BARS = 120
"""More bars than this are thinner than a finger's width on a phone can tell apart: days are then joined."""

RADIUS = 44.0
_STEPS = {Level.NONE: 0, Level.LOW: 1, Level.MEDIUM: 2, Level.HIGH: 3}
_DIMENSIONS = ("U", "S", "A", "C", "G")


class Bar(msgspec.Struct, frozen=True):
    """`start` and `end` in microseconds, `end` exclusive; the rest in drawing units."""

    start: int
    end: int
    events: int
    x: float
    y: float
    width: float
    height: float


class Timeline(msgspec.Struct, frozen=True):
    """Bars without gaps from the first day to the last. `days` is how many days one bar stands for."""

    bars: tuple[Bar, ...]
    peak: int
    days: int

    @property
    def filled(self) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.bars if bar.events)


class Spoke(msgspec.Struct, frozen=True):
    """One axis of the risk picture: its letter, level 0 to 3, its end and where the letter stands."""

    letter: str
    step: int
    x: float
    y: float
    label_x: float
    label_y: float


class Radar(msgspec.Struct, frozen=True):
    """Five spokes, the outline of the vector, and the rings behind it, as SVG point lists."""

    spokes: tuple[Spoke, ...]
    outline: str
    rings: tuple[str, ...]


def timeline(
    days: Sequence[tuple[int, int]], *, width: float = WIDTH, height: float = HEIGHT, most: int = MAX_BARS
) -> Timeline | None:
    """Bars for pairs of (start of day in microseconds, events); None when there are none."""
    counts: dict[int, int] = {}
    for start, events in days:
        counts[start // DAY] = counts.get(start // DAY, 0) + max(events, 0)
    if not counts:
        return None
    first, last = min(counts), max(counts)
    span = -(-(last - first + 1) // most)
    sums = [0] * (-(-(last - first + 1) // span))
    for day, events in counts.items():
        sums[(day - first) // span] += events
    peak = max(sums)
    step = width / len(sums)
    # A lone bar as wide as the page would say "always"; an eighth of the width says "once".
    bar_width = min(step * 0.78, width / 8)
    bars = []
    for index, events in enumerate(sums):
        tall = round(height * events / peak, 2) if peak else 0.0
        # Every day with an event is seen, however high the peak.
        tall = max(tall, 2.0) if events else 0.0
        bars.append(
            Bar(
                start=(first + index * span) * DAY,
                end=(first + (index + 1) * span) * DAY,
                events=events,
                x=round(index * step + (step - bar_width) / 2, 2),
                y=round(height - tall, 2),
                width=round(bar_width, 2),
                height=tall,
            )
        )
    return Timeline(bars=tuple(bars), peak=peak, days=span)


def radar(risk: RiskVector) -> Radar:
    """The risk vector as a pentagon, centre at 0,0: none is the centre, high the outermost ring."""
    levels = (risk.uplift, risk.scale, risk.attribution, risk.coupling, risk.gaps)
    spokes = []
    for index, (letter, level) in enumerate(zip(_DIMENSIONS, levels, strict=True)):
        x, y = _point(index, RADIUS)
        label_x, label_y = _point(index, RADIUS + 12)
        spokes.append(Spoke(letter, _STEPS[level], x, y, label_x, label_y))
    # The centre itself is drawn as a small ring, so that a vector of nothing is still seen.
    reach = [max(RADIUS * spoke.step / 3, 3.0) for spoke in spokes]
    return Radar(
        spokes=tuple(spokes),
        outline=_points(reach),
        rings=tuple(_points([RADIUS * ring / 3] * len(spokes)) for ring in (1, 2, 3)),
    )


def _point(index: int, radius: float) -> tuple[float, float]:
    angle = 2 * math.pi * index / len(_DIMENSIONS) - math.pi / 2
    return round(radius * math.cos(angle), 2), round(radius * math.sin(angle), 2)


def _points(radii: Sequence[float]) -> str:
    return " ".join("{},{}".format(*_point(index, radius)) for index, radius in enumerate(radii))
