"""What a day is expected to bring: the level of the eight weeks before it, and its weekday's share.

Two days lie between the baseline and the day, as in EARS C2. The weekday's share is pulled towards one by so many
events as `PULL` says, because eight Mondays of a rare thing say little of Mondays. Pure; days along the last axis.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

WEEKS = 8
LAG_DAYS = 2
FIRST = 7 * WEEKS + LAG_DAYS
"""Days that must lie before the first day of which anything is expected."""

PULL = 20.0
LEAST_MEAN = 0.05
"""A day of a series that was silent for eight weeks: one event in three weeks, so that the first is no infinity."""

F64 = npt.NDArray[np.float64]


class Expected(NamedTuple):
    """By day: mean, weekday's factor in it, and dispersion (variance over mean, not below 1). NaN at first."""

    mean: F64
    weekday: F64
    dispersion: F64


def expect(counts: npt.ArrayLike) -> Expected:
    """What each day was expected to bring, by those before it."""
    values = np.asarray(counts, np.float64)
    blank = np.full(values.shape, np.nan)
    days = values.shape[-1]
    if days <= FIRST:
        return Expected(blank, blank.copy(), blank.copy())
    sums, squares = _weekday_sums(values), _weekday_sums(values**2)
    level = np.maximum(_newest_week(sums, days).sum(axis=0) / (7 * WEEKS), LEAST_MEAN)
    shares = (_newest_week(sums, days) + PULL) / (WEEKS * level + PULL)
    means = level * shares
    spread = (
        (_newest_week(squares, days) - 2 * means * _newest_week(sums, days) + WEEKS * means**2) / means
    ).sum(axis=0)
    own = LAG_DAYS  # of the seven newest days of the baseline, oldest first, the one a week before the day
    mean, weekday, dispersion = blank, blank.copy(), blank.copy()
    mean[..., FIRST:] = means[own]
    weekday[..., FIRST:] = shares[own]
    dispersion[..., FIRST:] = np.maximum(1.0, spread / (7 * WEEKS - 7))
    return Expected(mean, weekday, dispersion)


def _weekday_sums(values: F64) -> F64:
    """At u: the sum of the values of u, u - 7, ... over WEEKS weeks; zero where they are not all there."""
    total = np.zeros_like(values)
    reach = 7 * (WEEKS - 1)
    days = values.shape[-1]
    for week in range(WEEKS):
        total[..., reach:] += values[..., reach - 7 * week : days - 7 * week]
    return total


def _newest_week(sums: F64, days: int) -> F64:
    """For each day from FIRST on: `sums` at the seven newest days of its baseline, oldest first, along a new axis."""
    newest = LAG_DAYS + 1
    return np.stack(
        [sums[..., FIRST - back : days - back] for back in range(newest + 6, newest - 1, -1)], axis=0
    )
