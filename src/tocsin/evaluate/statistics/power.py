"""How many samples a question needs, before the first is taken."""

from math import ceil, sqrt

from tocsin.evaluate.statistics.distributions import binomial_at_most, normal_quantile
from tocsin.kernel.intervals import wilson

LEVEL = 0.05
POWER = 0.8
MAX_SAMPLES = 1_000_000
"""A question that needs more is asked wrongly: the line is too near to what is expected."""


def power_below(line: float, expected: float, samples: int) -> float:
    """How probable the verdict *below* is, when the true rate is `expected` and samples are independent."""
    most = _most(line, samples)
    return binomial_at_most(most, samples, expected) if most >= 0 else 0.0


def samples_below(line: float, expected: float, power: float = POWER, design_effect: float = 1.0) -> int:
    """The fewest samples from which the verdict *below* the line has this probability, times the design effect.

    The probability jumps down at each whole failure that is not yet allowed, so the answer is the first number that
    also holds until the next one is. Raises ValueError when no number will do.
    """
    if not 0 <= expected < line <= 1 or not 0 < power < 1 or design_effect < 1:
        raise ValueError("the expected rate must lie under the line, and a design effect is at least 1")

    def holds(most: int) -> bool:
        # the last number of samples before one failure more is allowed is the worst of those that allow `most`
        last = _first_allowing(line, most + 1) - 1
        return binomial_at_most(most, last, expected) >= power

    high = 1
    while not holds(high - 1):
        high *= 2
        if _first_allowing(line, high - 1) > MAX_SAMPLES:
            raise ValueError(f"more than {MAX_SAMPLES:,} samples: choose another line")
    low = high // 2
    while low < high - 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle - 1) else (middle, high)
    return ceil(_first_allowing(line, high - 1) * design_effect)


def _most(line: float, samples: int) -> int:
    """The most failures whose interval still lies under the line; -1 when none will do."""
    low, high = -1, samples
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if wilson(middle, samples)[1] < line else (low, middle - 1)
    return low


def _first_allowing(line: float, failures: int) -> int:
    low, high = max(1, failures), 4 * MAX_SAMPLES
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if wilson(failures, middle)[1] < line else (middle + 1, high)
    return low


def samples_per_arm(
    first: float, second: float, power: float = POWER, level: float = LEVEL, design_effect: float = 1.0
) -> int:
    """For two arms of equal size and a two-sided test of their rates (Fleiss, Levin & Paik 2003, section 4.2, without
    correction of continuity). Raises ValueError for rates that do not differ.
    """
    if not (0 <= first <= 1 and 0 <= second <= 1) or first == second or design_effect < 1:
        raise ValueError("two rates that differ, and a design effect of at least 1")
    mean = (first + second) / 2
    chance = normal_quantile(1 - level / 2) * sqrt(2 * mean * (1 - mean))
    wanted = normal_quantile(power) * sqrt(first * (1 - first) + second * (1 - second))
    return ceil(((chance + wanted) / (first - second)) ** 2 * design_effect)
