"""What scripts are shown of trends. Small counts are withheld: what is printed may be passed on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tocsin.app.node import Node
from tocsin.correlate.trends import ALL, DAY, SHOWN_DAYS, Judged, Series
from tocsin.kernel import at_micros

SMALL = 5
"""Counts of one up to four may be one person; they stay on the node."""

DAY_US = DAY * 1_000_000


def trends_view(node: Node, *, whole: bool = False) -> dict[str, Any]:
    """Every series of conduct over its newest days. `whole` withholds nothing: for this node's own people alone."""
    every = [one for one in node.trends.judged() if one.series.category != ALL]
    return {
        "alarms_per_week": node.settings.trend_alarms_per_week,
        "small_counts": "shown" if whole else "withheld",
        "trends": [_one(one, every, whole=whole) for one in every],
    }


def withheld(series: Series, every: Sequence[Series], day: int) -> bool:
    """Whether a day's count of a series is small, or would give a small one away.

    A total beside its parts tells the sum of the parts that are withheld: where that is small, the total is withheld
    too, and so is every total that holds a withheld total.
    """
    count = int(series.counts[day - series.first])
    if count < SMALL:
        return count > 0
    inside = [one for one in every if _holds(series, one)]
    finest = max((_depth(one) for one in inside), default=0)
    small = [int(one.counts[day - one.first]) for one in inside if _depth(one) == finest]
    if 0 < sum(part for part in small if part < SMALL) < SMALL:
        return True
    return any(_depth(one) < finest and withheld(one, every, day) for one in inside)


def _holds(total: Series, part: Series) -> bool:
    return (
        part.category == total.category
        and part.key != total.key
        and total.language in (ALL, part.language)
        and total.region in (ALL, part.region)
    )


def _depth(series: Series) -> int:
    return (series.language != ALL) + (series.region != ALL)


def _one(judged: Judged, every: Sequence[Judged], *, whole: bool) -> dict[str, Any]:
    series = judged.series
    return {
        "category": series.category,
        "language": series.language or None,
        "region": series.region or None,
        "detectors": judged.detectors,
        "alarms": [
            {
                "day": _date(alarm.day),
                "detectors": list(alarm.detectors),
                "strength": round(alarm.strength, 2),
            }
            for alarm in judged.alarms
        ],
        "days": [
            _day(judged, day, hidden=not whole and withheld(series, [one.series for one in every], day))
            for day in range(max(judged.first, series.today - SHOWN_DAYS + 1), series.today + 1)
        ],
    }


def _day(judged: Judged, day: int, *, hidden: bool) -> dict[str, Any]:
    place = day - judged.first
    expected = judged.expected.mean[place]
    cast = judged.late.get(day)
    shown: dict[str, Any] = {
        "day": _date(day),
        "count": None if hidden else int(judged.series.counts[day - judged.series.first]),
        "expected": None if np.isnan(expected) else round(float(expected), 2),
    }
    if cast is not None:
        shown["estimate"] = None if hidden else round(cast.estimate, 1)
        shown["interval"] = None if hidden else [cast.low, cast.high]
    return shown


def _date(day: int) -> str:
    return at_micros(day * DAY_US).date().isoformat()
