"""Series as pictures: what was counted, what was expected, what is still being heard of, and what rang.

Numbers for SVG alone; the template draws them, and a table beside each picture says the same.
"""

import msgspec
import numpy as np

from tocsin.correlate.trends import DAY, SHOWN_DAYS, Judged
from tocsin.correlate.trends.tails import quantile

WIDTH, HEIGHT = 320.0, 96.0
MARGIN = 8.0
"""Above and below, for the marks of alarms and the width of lines."""

LOW, HIGH = 0.05, 0.95
"""Of what a day is expected to bring: nine quiet days of ten lie between."""

DAY_US = DAY * 1_000_000


class Day(msgspec.Struct, frozen=True):
    """One line of the table; times in microseconds. `estimate` only while a day is still being heard of."""

    start: int
    count: int
    expected: float | None
    low: int | None
    high: int | None
    estimate: float | None
    estimate_low: float | None
    estimate_high: float | None
    uncertain: bool
    detectors: tuple[str, ...]
    x: float
    y: float


class Whisker(msgspec.Struct, frozen=True):
    """The interval of an estimate."""

    x: float
    low: float
    high: float


class Chart(msgspec.Struct, frozen=True):
    """SVG point lists; `band` and `expected` are empty while there is no baseline. `dashed` is the corrected part."""

    days: tuple[Day, ...]
    peak: int
    band: str
    expected: str
    counted: str
    dashed: str
    whiskers: tuple[Whisker, ...]
    floor: float

    @property
    def alarms(self) -> tuple[Day, ...]:
        return tuple(day for day in self.days if day.detectors)


def chart(judged: Judged, *, days: int = SHOWN_DAYS) -> Chart:
    """The newest days of a series; the last is today, which is not over."""
    series = judged.series
    number = min(days, len(judged.values))
    rang = {alarm.day: alarm.detectors for alarm in judged.alarms}
    found = []
    for place in range(len(judged.values) - number, len(judged.values)):
        day = judged.first + place
        mean, dispersion = float(judged.expected.mean[place]), float(judged.expected.dispersion[place])
        known = not np.isnan(mean)
        cast = judged.late.get(day)
        found.append(
            Day(
                start=day * DAY_US,
                count=int(series.counts[day - series.first]),
                expected=mean if known else None,
                low=quantile(LOW, mean, dispersion) if known else None,
                high=quantile(HIGH, mean, dispersion) if known else None,
                estimate=cast.estimate if cast else None,
                estimate_low=cast.low if cast else None,
                estimate_high=cast.high if cast else None,
                uncertain=day in judged.unknown,
                detectors=rang.get(day, ()),
                x=0.0,
                y=0.0,
            )
        )
    return _drawn(tuple(found))


def _drawn(days: tuple[Day, ...]) -> Chart:
    peak = max(1.0, *(max(day.count, day.high or 0, day.estimate_high or 0) for day in days))
    step = WIDTH / max(1, len(days) - 1)

    def y(value: float) -> float:
        return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * value / peak, 2)

    placed = tuple(
        msgspec.structs.replace(day, x=round(at * step, 2), y=y(day.count)) for at, day in enumerate(days)
    )
    based = [day for day in placed if day.expected is not None]
    upper = [(day.x, y(day.high or 0)) for day in based]
    lower = [(day.x, y(day.low or 0)) for day in based]
    late = [day for day in placed if day.estimate is not None]
    # the dashed line begins at the last day of which all is heard, so that it hangs together
    before = [day for day in placed if late and day.start < late[0].start][-1:]
    corrected = [(day.x, day.y) for day in before] + [(day.x, y(day.estimate or 0)) for day in late]
    return Chart(
        days=placed,
        peak=round(peak),
        band=_points([*upper, *reversed(lower)]),
        expected=_points([(day.x, y(day.expected or 0)) for day in based]),
        counted=_points([(day.x, day.y) for day in placed]),
        dashed=_points(corrected),
        whiskers=tuple(Whisker(day.x, y(day.estimate_low or 0), y(day.estimate_high or 0)) for day in late),
        floor=y(0),
    )


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
