"""Each series against its baseline: what was expected, what was seen, and on which days which detectors ring.

1. Days that are still being heard of are corrected for delay; today is taken as it stands, which can only grow.
2. The short detectors score every day; their thresholds are those of the calibration, at the rate of one series:
   `alarms_per_week / 7 / number of series`, so that all series together keep the set rate. The expected number of
   false alarms adds up whatever the series have to do with each other, so no independence is assumed.
3. With a year of past and more, Farrington's detector judges the newest seven days as one week; it then has half of
   the rate, and the short ones the other half.
4. A day that is still being heard of rings only when the low end of its interval would ring.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.correlate.trends.baseline import FIRST, Expected, expect
from tocsin.correlate.trends.calibration import thresholds
from tocsin.correlate.trends.counting import LATE
from tocsin.correlate.trends.farrington import Control, farrington, needed_weeks
from tocsin.correlate.trends.nowcast import Nowcast, learn_delays, nowcast
from tocsin.correlate.trends.scores import FARRINGTON, SHORT, short_scores
from tocsin.correlate.trends.series import Series

JUDGED_DAYS = 14
"""Newest days that may ring: what is older was judged when it was new."""

SCORED_DAYS = FIRST + 3 * JUDGED_DAYS + 84
"""Days that a look computes with: the shown ones, their baselines, and a start for CUSUM."""

WEEK_JUDGED_DAYS = 3
"""Newest days whose week is given to Farrington's detector: a fit costs a millisecond."""

LEAST_SEEN = 5
LEAST_SEEN_DAYS = 7
"""Fewer events in a week never ring (Farrington 1996, 3.8)."""

LEAST_HISTORY = 20
"""Events in the baseline's eight weeks and after; below, a series has no level to rise from, and is not judged."""

SHORT_SLACK = 1.4
"""The table knows the mean and dispersion of its days; a node estimates them, and its years have seasons. Asked for
so much less, it gives what was asked for (measured by `benchmarks.trend_study`)."""

YEARS = 5
YEAR_SLACK = {1: 2.0, 2: 1.5}
"""With one or two years of past the quantile is a guess from few weeks; measured by `benchmarks.trend_study`."""

F64 = npt.NDArray[np.float64]


class Alarm(msgspec.Struct, frozen=True):
    """A day on which detectors rang: `strength` is the highest score over its threshold."""

    day: int
    detectors: tuple[str, ...]
    strength: float


class Judged(msgspec.Struct, frozen=True):
    """A series and what is made of it, over its newest days: `values` corrected for delay, and what was expected.

    All arrays end today and are equally long. `late` are the days still being heard of, by day number.
    """

    series: Series
    values: F64
    expected: Expected
    late: Mapping[int, Nowcast]
    unknown: tuple[int, ...]
    """Days still being heard of, of which too little is known to correct them."""
    alarms: tuple[Alarm, ...]
    detectors: int
    """How many judged it; 0 while its past is too short or too thin."""

    @property
    def first(self) -> int:
        """The number of the first day of the arrays."""
        return self.series.today - len(self.values) + 1


def judge(every: Sequence[Series], *, alarms_per_week: float) -> tuple[Judged, ...]:
    """Every series judged, all together at a rate of `alarms_per_week` when nothing happens; 0 never rings.

    The series end on the same day. Traffic (category ALL) is corrected and expected, and rings never.
    """
    if not every:
        return ()
    length = min(len(every[0].counts), SCORED_DAYS)
    today = every[0].today
    late = [_late(one, length) for one in every]
    values = np.stack([one.counts[-length:].astype(np.float64) for one in every])
    for row, (casts, _) in enumerate(late):
        for day, cast in casts.items():
            values[row, day - today - 1] = cast.estimate
    expected = expect(values)
    scores = short_scores(values, expected)
    judged = [bool(one.category) and _has_level(one) for one in every]
    rate = alarms_per_week / 7 / max(1, sum(judged))
    found = []
    for row, one in enumerate(every):
        mine = Expected(*(part[row] for part in expected))
        alarms: list[Alarm] = []
        years = _years(one) if judged[row] else 0
        if judged[row] and rate > 0:
            share = rate / 2 if years else rate
            own = {name: score[row].copy() for name, score in scores.items()}
            _lowered(own, values[row], late[row][0], today)
            alarms = _ringing(one, values[row], own, mine, share / SHORT_SLACK)
            if years:
                alarms = _joined(alarms, _by_week(one, values[row], late[row][0], years, share))
        found.append(
            Judged(
                series=one,
                values=values[row],
                expected=mine,
                late=late[row][0],
                unknown=late[row][1],
                alarms=tuple(alarms),
                detectors=(len(SHORT) + (years > 0)) if judged[row] and length > FIRST else 0,
            )
        )
    return tuple(found)


def _late(one: Series, length: int) -> tuple[dict[int, Nowcast], tuple[int, ...]]:
    """Whole days that are still being heard of, corrected where that can be done; the rest by name."""
    reports = one.reported[:-1, :LATE]  # today is not over: that is no delay
    casts: dict[int, Nowcast] = {}
    unknown = []
    delays = learn_delays(reports)
    for age in range(1, min(LATE, len(reports) + 1, length)):
        day = one.today - age
        heard = int(one.counts[-1 - age])
        cast = nowcast(heard, age - 1, delays)
        if cast is None:
            unknown.append(day)
        elif cast.high > heard or cast.estimate > heard:
            casts[day] = cast
    return casts, tuple(sorted(unknown)) if delays.reports else ()


def _lowered(own: dict[str, F64], values: F64, casts: Mapping[int, Nowcast], today: int) -> None:
    """Scores of days that are still being heard of, as if the low end of their interval were the truth."""
    for day, cast in casts.items():
        if today - day >= JUDGED_DAYS or cast.low >= cast.estimate:
            continue
        certain = values[: len(values) + day - today].copy()
        certain[-1] = cast.low
        for name, score in short_scores(certain).items():
            own[name][day - today - 1] = score[-1]


def _has_level(one: Series) -> bool:
    return int(one.counts[-FIRST:].sum()) >= LEAST_HISTORY


def _ringing(
    one: Series, values: F64, scores: Mapping[str, F64], expected: Expected, rate: float
) -> list[Alarm]:
    alarms = []
    for back in range(min(JUDGED_DAYS, len(expected.mean)), 0, -1):
        # C3 and CUSUM remember loud days: a day of which less was seen than expected is none itself
        if not values[-back] > expected.mean[-back] or not _enough(one, back):
            continue
        over = thresholds(float(expected.mean[-back]), float(expected.dispersion[-back]), rate)
        rang = {name: scores[name][-back] / over[name] for name in SHORT if scores[name][-back] > over[name]}
        if rang:
            alarms.append(Alarm(one.today - back + 1, tuple(rang), float(max(rang.values()))))
    return alarms


def _by_week(one: Series, values: F64, casts: Mapping[int, Nowcast], years: int, rate: float) -> list[Alarm]:
    """Farrington's detector on the weeks that end on each of the newest days."""
    control = Control(
        years=years, alpha=min(rate / YEAR_SLACK.get(years, 1.0), 0.5), trend_p=1.0 if years >= 3 else 0.05
    )
    days = one.counts.astype(np.float64)
    days[-len(values) :] = values
    alarms = []
    for back in range(WEEK_JUDGED_DAYS, 0, -1):
        upto = days[: len(days) - back + 1].copy()
        for day, cast in casts.items():
            place = day - one.first
            if len(upto) - 7 <= place < len(upto):
                upto[place] = cast.low
        weeks = upto[len(upto) % 7 :].reshape(-1, 7).sum(axis=1)
        found = farrington(np.round(weeks), len(weeks) - 1, control)
        if found is not None and found.alarm and _enough(one, back):
            strength = weeks[-1] / max(found.upper, 1.0)
            alarms.append(Alarm(one.today - back + 1, (FARRINGTON,), float(strength)))
    return alarms


def _enough(one: Series, back: int) -> bool:
    end = len(one.counts) - back + 1
    return int(one.counts[max(0, end - LEAST_SEEN_DAYS) : end].sum()) >= LEAST_SEEN


def _years(one: Series) -> int:
    """How many whole years of baseline there are, for each of the newest days; 0 when not one."""
    weeks = (len(one.counts) - WEEK_JUDGED_DAYS) // 7 - 1
    return next((years for years in range(YEARS, 0, -1) if weeks >= needed_weeks(Control(years=years))), 0)


def _joined(first: Sequence[Alarm], second: Sequence[Alarm]) -> list[Alarm]:
    days: dict[int, Alarm] = {alarm.day: alarm for alarm in first}
    for alarm in second:
        known = days.get(alarm.day)
        days[alarm.day] = (
            alarm
            if known is None
            else Alarm(alarm.day, (*known.detectors, *alarm.detectors), max(known.strength, alarm.strength))
        )
    return [days[day] for day in sorted(days)]
