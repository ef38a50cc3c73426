"""The short detectors side by side, each on what its weekday leaves of a count. Pure; days along the last axis."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from tocsin.correlate.trends import ears
from tocsin.correlate.trends.baseline import Expected, expect
from tocsin.correlate.trends.cusum import cusum, rossi

LEAST_SD = 0.5
"""Burkom's advice for rare counts: a week of zeros is no proof that there is never one. And a week that happened to be
even is no proof of evenness: EARS believes no smaller spread than that of the eight weeks."""

CUSUM_MOST = 4.0
"""A day adds at most this many standard deviations to the sum, so that it forgets within weeks of an outbreak."""

F64 = npt.NDArray[np.float64]

SHORT = ("ears-c1", "ears-c2", "ears-c3", "cusum")
"""Detectors that need weeks of the past, in the order of the calibration's table."""

FARRINGTON = "farrington"


def short_scores(counts: npt.ArrayLike, expected: Expected | None = None) -> Mapping[str, F64]:
    """By detector, the higher the stranger; NaN where a day has no baseline yet."""
    values = np.asarray(counts, np.float64)
    known = expect(values) if expected is None else expected
    # the days before the first baseline have no factor of their own; their counts are taken as they are
    plain = values / np.where(np.isnan(known.weekday), 1.0, known.weekday)
    blank = np.isnan(known.mean)
    spread = np.sqrt(known.dispersion * known.mean) / known.weekday
    least = np.where(blank, LEAST_SD, np.maximum(LEAST_SD, spread))
    scores = {
        "ears-c1": ears.c1(plain, least_sd=least),
        "ears-c2": ears.c2(plain, least_sd=least),
        "ears-c3": ears.c3(plain, least_sd=least),
        "cusum": cusum(np.minimum(rossi(values, known.mean, known.dispersion), CUSUM_MOST)),
    }
    return {name: np.where(blank, np.nan, score) for name, score in scores.items()}
