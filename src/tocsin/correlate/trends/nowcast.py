"""Reporting delay: how many of a day's events have not been heard of yet.

Lawless, "Adjustments for reporting delays and the prediction of occurred but not reported events", Canadian Journal
of Statistics 22 (1994), 15-31 (the chain ladder of insurance): of the events of past days that were heard of within d
days, g(d) is the share that took exactly d. The share of a day's events heard of after d days is then the product of
1 - g(x) over all x > d. What is still missing of a day is predicted as a negative binomial, with the Poisson spread
of what is missing, the uncertainty of the shares, and the dispersion that past days showed. Pure.
"""

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.correlate.trends.tails import quantile

WINDOW_DAYS = 42
"""Past days from which delays are learnt: a source that changes its habits is followed within weeks."""

LEAST_REPORTS = 50
"""Fewer events than this say nothing of delays: nothing is corrected, and the day is said to be incomplete."""

MAX_FACTOR = 20.0
"""A day of which less than a twentieth is expected to have been heard of is not estimated at all."""

LEVEL = 0.9
"""Of the intervals, two-sided."""

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


class Delays(msgspec.Struct, frozen=True):
    """`heard[d]` is the share of a day's events that are heard of within d days; `error[d]` the standard error of its
    logarithm. `dispersion` is how much more past days scattered about these shares than chance explains."""

    heard: tuple[float, ...]
    error: tuple[float, ...]
    dispersion: float
    reports: int

    @property
    def known(self) -> bool:
        return self.reports >= LEAST_REPORTS


class Nowcast(NamedTuple):
    """A day as it will be when all is heard: what is heard of already, the estimate, and its interval."""

    heard: int
    estimate: float
    low: float
    high: float


def learn_delays(reported: I64, *, window: int = WINDOW_DAYS) -> Delays:
    """From (days, delays) counts, the last row the newest day: delay d of row i is known where i + d is not later.

    What was heard of later than any column is not a report (see `counting.MAX_DELAY_DAYS`).
    """
    days, delays = reported.shape
    age = np.arange(days)[::-1]
    recent = age < window
    share = np.zeros(delays)
    variance = np.zeros(delays)
    excess, freedom = 0.0, 0
    for d in range(1, delays):
        rows = recent & (age >= d)
        late, so_far = reported[rows, d], reported[rows, : d + 1].sum(axis=1)
        total = float(so_far.sum())
        if total <= 0:
            continue
        share[d] = late.sum() / total
        if 0 < share[d] < 1:
            variance[d] = share[d] / ((1 - share[d]) * total)
            expected = share[d] * so_far
            # a day with less than one report expected says nothing of dispersion
            told = expected >= 1
            excess += float(((late - expected) ** 2)[told] @ (1 / (expected[told] * (1 - share[d]))))
            freedom += max(int(told.sum()) - 1, 0)
    remaining = np.log1p(-np.minimum(share, 1 - 1e-9))
    heard = np.exp(np.concatenate((np.cumsum(remaining[:0:-1])[::-1], [0.0])))
    dispersion = max(1.0, excess / freedom) if freedom > 0 else 1.0
    errors = np.sqrt(dispersion * np.concatenate((np.cumsum(variance[:0:-1])[::-1], [0.0])))
    return Delays(
        heard=tuple(map(float, heard)),
        error=tuple(map(float, errors)),
        dispersion=dispersion,
        reports=int(reported[recent].sum()),
    )


def nowcast(heard: int, age: int, delays: Delays, *, level: float = LEVEL) -> Nowcast | None:
    """A day of which `heard` events are heard of, `age` days after it; None where nothing can be said of it."""
    if age >= len(delays.heard) - 1:
        return Nowcast(heard, float(heard), float(heard), float(heard))
    share = delays.heard[age]
    if not delays.known or share * MAX_FACTOR < 1:
        return None
    odds = (1 - share) / share
    if odds < 1e-9:
        return Nowcast(heard, float(heard), float(heard), float(heard))
    # half an event more: a day of which none is heard of may still have had one (Jeffreys)
    missing = (heard + 0.5) * odds
    chance = delays.dispersion * (heard + 0.5) * (1 - share) / share**2
    shares = ((heard + 0.5) / share * delays.error[age]) ** 2
    spread = max(1.0, (chance + shares) / missing)
    tail = (1 - level) / 2
    return Nowcast(
        heard=heard,
        estimate=heard * (1 + odds),
        low=float(heard + quantile(tail, missing, spread)),
        high=float(heard + quantile(1 - tail, missing, spread)),
    )
