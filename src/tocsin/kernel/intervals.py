"""How sure a share is that was counted: Wilson's score interval."""

from math import sqrt

Z95 = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


def wilson(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """The interval of a share (Wilson 1927): it stays within 0 and 1 and holds for few trials and for none or all.

    Without trials nothing is known: 0 to 1. Raises ValueError for more successes than trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share")
    if trials == 0:
        return 0.0, 1.0
    low, high = score_interval(successes / trials, trials, z)
    return 0.0 if successes == 0 else low, 1.0 if successes == trials else high


def score_interval(share: float, trials: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's interval where the number of trials need not be whole: an effective number, under a design effect."""
    squared = z * z / trials
    middle = (share + squared / 2) / (1 + squared)
    half = z * sqrt(share * (1 - share) / trials + squared / (4 * trials)) / (1 + squared)
    return max(0.0, middle - half), min(1.0, middle + half)
