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
    share, squared = successes / trials, z * z / trials
    middle = (share + squared / 2) / (1 + squared)
    half = z * sqrt(share * (1 - share) / trials + squared / (4 * trials)) / (1 + squared)
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == trials else middle + half
    return low, high
