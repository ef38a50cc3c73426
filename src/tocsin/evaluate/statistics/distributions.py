"""The three distributions that the core's libraries lack: Student's t, chi-squared and the binomial, for whole degrees.

All are finite sums out of Abramowitz & Stegun, Handbook of Mathematical Functions (1964), and exact but for rounding.
"""

from functools import lru_cache
from math import atan, cos, erfc, exp, lgamma, log, log1p, pi, sin, sqrt
from statistics import NormalDist

_MANY = 1_000
"""Degrees of freedom above which the first term of Hill's expansion is right to six digits."""

_ROUNDS = 60
"""Halvings of an interval: more than a double can tell apart."""

_WIDEST = 1e5
"""No quantile that is used here lies beyond."""


@lru_cache(maxsize=4_096)
def t_quantile(confidence: float, degrees: int) -> float:
    """The value that |t| stays under with this confidence, two-sided. Raises ValueError outside its domain."""
    if not 0 < confidence < 1 or degrees < 1:
        raise ValueError(f"no quantile of t for {confidence} with {degrees} degrees")
    if degrees > _MANY:
        z = normal_quantile((1 + confidence) / 2)
        return z + (z**3 + z) / (4 * degrees)
    low, high = 0.0, _WIDEST
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if _t_within(middle, degrees) < confidence else (low, middle)
    return (low + high) / 2


def _t_within(t: float, degrees: int) -> float:
    """P(|T| <= t): sections 26.7.3 and 26.7.4."""
    angle = atan(t / sqrt(degrees))
    odd, square = degrees % 2 == 1, cos(angle) ** 2
    if degrees == 1:
        return 2 * angle / pi
    term = total = cos(angle) if odd else 1.0
    for step in range(3 if odd else 2, degrees - 1, 2):
        term *= square * (step - 1) / step
        total += term
    return 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total


def normal_quantile(probability: float) -> float:
    """Of the standard normal distribution, one-sided."""
    return NormalDist().inv_cdf(probability)


def chi_squared_beyond(value: float, degrees: int) -> float:
    """P(X > value): sections 26.4.4 and 26.4.5. Raises ValueError without a degree of freedom."""
    if degrees < 1:
        raise ValueError("chi-squared needs a degree of freedom")
    if value <= 0:
        return 1.0
    half = value / 2
    odd = degrees % 2 == 1
    total = erfc(sqrt(half)) if odd else 0.0
    steps = range(degrees // 2)
    for step in steps:
        power = step + 0.5 if odd else float(step)
        total += exp(power * log(half) - half - lgamma(power + 1))
    return min(1.0, total)


def binomial_at_most(successes: int, trials: int, share: float) -> float:
    """P(X <= successes) of `trials` with this share."""
    if successes < 0:
        return 0.0
    if successes >= trials or share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    yes, no, whole = log(share), log1p(-share), lgamma(trials + 1)
    return min(
        1.0,
        sum(
            exp(whole - lgamma(k + 1) - lgamma(trials - k + 1) + k * yes + (trials - k) * no)
            for k in range(successes + 1)
        ),
    )
