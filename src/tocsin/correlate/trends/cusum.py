"""CUSUM: small excesses that add up.

Page, "Continuous inspection schemes", Biometrika 41 (1954), 100-115; the choice of k and h after Hawkins and Olwell,
"Cumulative sum charts and charting for quality improvement" (1998). Counts are standardised first, by Rossi,
Lampugnani, Marchi, "An approximate CUSUM procedure for surveillance of health events", Statistics in Medicine 18
(1999), 2111-2122. Pure; days along the last axis.
"""

import numpy as np
import numpy.typing as npt

K = 1.0
"""Half of the shift that it is tuned for, in standard deviations: a rise by two is what deserves a person."""

F64 = npt.NDArray[np.float64]


def cusum(scores: npt.ArrayLike, *, k: float = K, restart_at: float | None = None) -> F64:
    """S(t) = max(0, S(t-1) + score(t) - k), from 0; a NaN score leaves the sum as it was.

    With `restart_at` h the sum begins again at 0 after it has reached h, so that each alarm is a new one.
    """
    values = np.asarray(scores, np.float64)
    sums = np.zeros_like(values)
    now = np.zeros(values.shape[:-1])
    steps = np.where(np.isnan(values), k, values) - k
    for day in range(values.shape[-1]):
        if restart_at is not None:
            now = np.where(now >= restart_at, 0.0, now)
        now = np.maximum(0.0, now + steps[..., day])
        sums[..., day] = now
    return sums


def standard(counts: npt.ArrayLike, mean: npt.ArrayLike, dispersion: npt.ArrayLike = 1.0) -> F64:
    """(x - m) / sqrt(dispersion m)."""
    counts, mean = np.asarray(counts, np.float64), np.asarray(mean, np.float64)
    return np.asarray((counts - mean) / np.sqrt(np.asarray(dispersion) * mean), np.float64)


def rossi(counts: npt.ArrayLike, mean: npt.ArrayLike, dispersion: npt.ArrayLike = 1.0) -> F64:
    """(x - 3 m + 2 sqrt(x m)) / (2 sqrt m): nearly normal for Poisson counts of a mean from 2 on.

    Over-dispersed counts are divided by the dispersion first: x / d has variance near its mean m / d.
    """
    d = np.asarray(dispersion, np.float64)
    x, m = np.asarray(counts, np.float64) / d, np.asarray(mean, np.float64) / d
    return np.asarray((x - 3 * m + 2 * np.sqrt(x * m)) / (2 * np.sqrt(m)), np.float64)
