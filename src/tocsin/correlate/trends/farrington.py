"""Farrington's detector, and its flexible form: a count against what the same season of past years leads to expect.

Farrington, Andrews, Beale, Catchpole, "A statistical algorithm for the early detection of outbreaks of infectious
disease", JRSS A 159 (1996), 547-563; Noufaily, Enki, Farrington, Garthwaite, Andrews, Charlett, "An improved
algorithm for outbreak detection in multiple surveillance systems", Statistics in Medicine 32 (2013), 1206-1222.

1. Of each of `years` past years the weeks around this one, half-width `half_window`, are reference weeks; with more
   than one period the rest of the year is cut into `periods - 1` equal ones, each with its own level, and all
   weeks count. The newest `past_weeks_left_out` weeks do not: an outbreak that is under way is no baseline.
2. A quasi-Poisson regression with a linear trend is fitted. 3. Weeks with large residuals (past outbreaks) are
   weighed down, and it is fitted again. 4. The trend stays when it is significant at `trend_p`, there are three
   years, and it does not lead beyond what was ever seen. 5. The threshold is the upper quantile of a negative
   binomial with that mean and dispersion, or of the power-transformed normal of 1996.
6. Fewer than `least_cases` in the newest `least_weeks` weeks never ring.

Pure; whole weeks, oldest first.
"""

from enum import StrEnum
from math import log, sqrt
from statistics import NormalDist
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.correlate.trends.glm import Fit, quasi_poisson
from tocsin.correlate.trends.tails import at_least, quantile, student_two_sided

YEARS_FOR_TREND = 3
"""Farrington 1996, 3.4: a trend over fewer years is not told from a season."""

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


class Threshold(StrEnum):
    """How the upper bound is found."""

    NEGATIVE_BINOMIAL = "negative-binomial"
    """Noufaily 2013: the quantile at the fitted mean and dispersion."""
    WITH_UNCERTAINTY = "with-uncertainty"
    """The same at the upper bound of the mean (Salmon, Schumacher, Hohle, JSS 70 (2016), `muan`)."""
    TWO_THIRDS = "two-thirds"
    """Farrington 1996: normal on the 2/3 power."""


class Control(msgspec.Struct, frozen=True):
    """The defaults are those that Noufaily 2013 advises."""

    years: int = 5
    half_window: int = 3
    periods: int = 10
    past_weeks_left_out: int = 26
    alpha: float = 0.05
    """One-sided."""
    trend: bool = True
    trend_p: float = 1.0
    """At 1 the trend always stays, significance aside."""
    reweight_above: float = 2.58
    threshold: Threshold = Threshold.NEGATIVE_BINOMIAL
    least_cases: int = 5
    least_weeks: int = 4
    weeks_in_year: int = 52


NOUFAILY = Control()


class Finding(NamedTuple):
    """One week judged. `p` is the probability of so many or more under the baseline."""

    expected: float
    upper: float
    dispersion: float
    trend: bool
    p: float
    alarm: bool


def needed_weeks(control: Control) -> int:
    """How many weeks must lie before the one that is judged."""
    return control.years * control.weeks_in_year + control.half_window


def farrington(counts: npt.ArrayLike, at: int, control: Control = NOUFAILY) -> Finding | None:
    """Week `at` judged by the weeks before it; None where they are too few or admit no fit."""
    weeks = np.asarray(counts, np.float64)
    chosen = baseline(at, control)
    if chosen is None:
        return None
    rows, levels = chosen
    response = weeks[rows]
    origin = rows.min()
    when = (rows - origin).astype(np.float64)
    span = max(1.0, float(when.max()))  # the regression is on a trend of about one, for its condition
    fitted = _fitted(response, when / span, levels, control, (at - origin) / span)
    if fitted is None:
        return None
    fit, row, trend = fitted
    if not np.isfinite(fit.dispersion):
        return None
    mean = float(np.exp(row @ fit.coefficients))
    upper = _upper(fit, row, mean, control)
    recent = weeks[max(0, at - control.least_weeks + 1) : at + 1].sum()
    count = weeks[at]
    return Finding(
        expected=mean,
        upper=upper,
        dispersion=fit.dispersion,
        trend=trend,
        p=at_least(int(count), mean, fit.dispersion),
        alarm=bool(count > upper and recent >= control.least_cases),
    )


def baseline(at: int, control: Control) -> tuple[I64, I64] | None:
    """The weeks that count, ascending, and the period of each (0 is the one around the reference weeks)."""
    year, half = control.weeks_in_year, control.half_window
    if at < needed_weeks(control):
        return None
    first = at - control.years * year - half
    weeks = np.arange(first, at - control.past_weeks_left_out)
    # days of the year, counted from the end of the reference window
    place = (weeks - (at - control.years * year) + half) % year
    inside = place <= 2 * half
    if control.periods <= 1:
        return weeks[inside], np.zeros(int(inside.sum()), np.int64)
    rest = year - 2 * half - 1
    length, longer = divmod(rest, control.periods - 1)
    # the first `longer` periods have one week more
    edges = np.cumsum([length + (number < longer) for number in range(control.periods - 1)])
    level = 1 + np.searchsorted(edges, place - 2 * half - 1, side="right")
    return weeks, np.where(inside, 0, level)


def _fitted(
    response: F64, when: F64, levels: I64, control: Control, now: float
) -> tuple[Fit, F64, bool] | None:
    """The fit, the regressors of the judged week, and whether the trend stayed."""
    season = (levels[:, None] == np.unique(levels[levels > 0])[None, :]).astype(np.float64)
    plain = np.column_stack((np.ones(len(response)), season))
    here = np.concatenate(([1.0], np.zeros(season.shape[1])))
    if control.trend:
        fit = _reweighted(np.column_stack((plain, when)), response, control)
        row = np.concatenate((here, [now]))
        if fit is not None and _trend_stays(fit, row, response, control):
            return fit, row, True
    fit = _reweighted(plain, response, control)
    return None if fit is None else (fit, here, False)


def _reweighted(design: F64, response: F64, control: Control) -> Fit | None:
    """The fit, and again with weeks of large Anscombe residuals weighed down (Farrington 1996, 3.6)."""
    fit = quasi_poisson(design, response)
    if fit is None or not np.isfinite(fit.dispersion):
        return fit
    mean = fit.fitted
    spread = fit.dispersion * np.maximum(1 - fit.leverage, 1e-12)
    residuals = 1.5 * (response ** (2 / 3) * mean ** (-1 / 6) - mean**0.5) / np.sqrt(spread)
    shares = np.where(residuals > control.reweight_above, np.maximum(residuals, 1e-9) ** -2, 1.0)
    return quasi_poisson(design, response, shares * (len(response) / shares.sum()))


def _trend_stays(fit: Fit, row: F64, response: F64, control: Control) -> bool:
    if control.years < YEARS_FOR_TREND or not np.isfinite(fit.dispersion):
        return False
    error = sqrt(fit.dispersion * fit.covariance[-1, -1])
    significant = (
        control.trend_p >= 1 or student_two_sided(fit.coefficients[-1] / error, fit.degrees) < control.trend_p
    )
    return significant and float(np.exp(row @ fit.coefficients)) <= response.max()


def _upper(fit: Fit, row: F64, mean: float, control: Control) -> float:
    variance = fit.dispersion * float(row @ fit.covariance @ row)  # of the logarithm of the mean
    z = NormalDist().inv_cdf(1 - control.alpha)
    if control.threshold is Threshold.NEGATIVE_BINOMIAL:
        return float(quantile(1 - control.alpha, mean, fit.dispersion))
    if control.threshold is Threshold.WITH_UNCERTAINTY:
        high = float(np.exp(log(mean) + z * sqrt(variance)))
        return float(quantile(1 - control.alpha, high, fit.dispersion))
    spread = (fit.dispersion * mean + mean**2 * variance) / mean**2
    return float(mean * max(0.0, 1 + 2 / 3 * z * sqrt(spread)) ** 1.5)
