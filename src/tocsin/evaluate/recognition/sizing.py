"""How many samples to draw, before anything is drawn: what a comparison over them could tell, and how surely."""

from math import exp, lgamma, log, log1p

from tocsin.evaluate.statistics import MIN_CLUSTERS, paired_interval
from tocsin.evaluate.statistics.power import POWER

BASE_RATE = 0.2
"""Of failures where both agree, when nobody says: the nearer to one half, the wider the interval of the others."""

MAX_DRAWN = 10_000
"""Samples of one draw: each is run again here, and a difference of two in a hundred shows by then."""


def power_to_contradict(difference: float, samples: int, *, margin: float, base: float = BASE_RATE) -> float:
    """How probable it is that the interval lies beyond the margin, when one environment turns each sample around with
    probability `difference` in one direction, and the others agree (`base` of them fail).

    Raises ValueError for shares that are none.
    """
    if not (0 <= difference <= 1 and 0 <= base <= 1 and 0 <= margin < 1):
        raise ValueError("a difference, a base rate and a margin are shares, 0 to 1")
    least = _least(samples, margin, base)
    return sum(_probability(k, samples, difference) for k in range(least, samples + 1))


def samples_to_contradict(
    difference: float, *, margin: float, power: float = POWER, base: float = BASE_RATE
) -> int:
    """The fewest samples that tell such a difference with this probability; MAX_DRAWN at most.

    The probability saws up and down by whole samples: the answer also holds a tenth further on. Raises ValueError when
    no number up to MAX_DRAWN does, or the difference lies within the margin.
    """
    if difference <= margin:
        raise ValueError(f"a difference of {difference:.0%} lies within the margin of {margin:.0%}")

    def holds(samples: int) -> bool:
        return all(
            power_to_contradict(difference, some, margin=margin, base=base) >= power
            for some in (samples, samples + max(1, samples // 20), samples + max(2, samples // 10))
        )

    high = MIN_CLUSTERS
    while not holds(high):
        high *= 2
        if high > MAX_DRAWN:
            raise ValueError(f"more than {MAX_DRAWN:,} samples: ask for a larger difference")
    low = max(MIN_CLUSTERS - 1, high // 2)
    while low < high - 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _least(samples: int, margin: float, base: float) -> int:
    """The fewest samples turned around whose interval lies beyond the margin; one more than all when none does."""
    low, high = 0, samples + 1
    while low < high:
        middle = (low + high) // 2
        both = round(base * (samples - middle))
        beyond = middle > samples or (paired_interval(both, middle, 0, samples - middle - both)[0] > margin)
        low, high = (low, middle) if beyond else (middle + 1, high)
    return low


def _probability(successes: int, trials: int, share: float) -> float:
    if share in (0.0, 1.0):
        return float(successes == share * trials)
    whole = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(trials - successes + 1)
    return exp(whole + successes * log(share) + (trials - successes) * log1p(-share))
