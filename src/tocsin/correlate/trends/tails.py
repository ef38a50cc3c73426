"""Tails that thresholds need, exactly: negative binomial (and Poisson) quantiles, and Student's t for whole degrees.

By mean and dispersion: the variance is `dispersion * mean`, so the size is mean / (dispersion - 1); 1 is Poisson.
Sums of probabilities instead of an incomplete beta function: counts are whole, and the sums are exact.
"""

from math import atan, ceil, cos, log, log1p, pi, sin, sqrt

import numpy as np
import numpy.typing as npt

MAX_TERMS = 50_000_000
"""Probabilities summed for one quantile, 0.4 GB: a mean of tens of millions a day, beyond any node."""

F64 = npt.NDArray[np.float64]


def quantile(probability: float, mean: float, dispersion: float) -> int:
    """The smallest count whose distribution function reaches `probability`."""
    if not 0 < probability < 1:
        raise ValueError("a probability lies between 0 and 1")
    if mean <= 0:
        return 0
    cumulative = np.cumsum(_probabilities(mean, dispersion, 1 - probability))
    # R takes the same slack: a sum that is short of the probability by rounding alone counts as reached
    return int(np.searchsorted(cumulative, probability * (1 - 64 * np.finfo(float).eps)))


def at_least(count: int, mean: float, dispersion: float) -> float:
    """The probability of `count` or more. Small tails are summed from their own end, so they keep their digits."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if count > mean:
        logs = _log_probabilities(count + _reach(mean, dispersion, 1e-16), mean, dispersion)
        return float(np.exp(logs[count:])[::-1].sum())
    return float(1.0 - np.exp(_log_probabilities(count, mean, dispersion))[:count].sum())


def student_two_sided(t: float, degrees: int) -> float:
    """P(|T| >= |t|) for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4)."""
    if degrees < 1:
        return 1.0
    theta = atan(abs(t) / sqrt(degrees))
    c, s = cos(theta), sin(theta)
    if degrees == 1:
        return max(0.0, 1 - 2 * theta / pi)
    total = term = c if degrees % 2 else 1.0
    for step in range(3 if degrees % 2 else 2, degrees - 1, 2):
        term *= c * c * (step - 1) / step
        total += term
    inside = 2 / pi * (theta + s * total) if degrees % 2 else s * total
    return max(0.0, 1 - inside)


def _reach(mean: float, dispersion: float, tail: float) -> int:
    """A count beyond which less than `tail` lies (Chernoff-like, generous)."""
    far = -log(max(tail, 1e-300))
    width = max(dispersion, 1.0)
    return ceil(mean + sqrt(2 * far * mean * width) + 3 * far * width) + 10


def _probabilities(mean: float, dispersion: float, tail: float) -> F64:
    return np.exp(_log_probabilities(_reach(mean, dispersion, tail * 1e-4), mean, dispersion))


def _log_probabilities(upto: int, mean: float, dispersion: float) -> F64:
    """Logarithms of P(0) ... P(upto), each from the one before."""
    if upto > MAX_TERMS:
        raise ValueError(f"a count beyond {MAX_TERMS:,} has no threshold here")
    k = np.arange(upto, dtype=np.float64)
    if dispersion <= 1 + 1e-9:
        first, steps = -mean, np.log(mean / (k + 1))
    else:
        size = mean / (dispersion - 1)
        first = -size * log1p(dispersion - 1)
        steps = np.log((k + size) / (k + 1)) + log((dispersion - 1) / dispersion)
    return np.concatenate(([first], first + np.cumsum(steps)))
