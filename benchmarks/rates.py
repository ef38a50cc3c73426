"""A rate with its Wilson interval: what a detector found of how many, and how sure that is."""

import math
from typing import NamedTuple

Z = 1.96
"""Of the standard normal distribution at 97.5 %: intervals of 95 %."""


class Rate(NamedTuple):
    """`found` of `of`; the interval is Wilson's (1927), which stays within 0 and 1 for small numbers too."""

    found: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        share, square = self.found / self.of, Z * Z / self.of
        middle = (share + square / 2) / (1 + square)
        half = Z * math.sqrt(share * (1 - share) / self.of + square / (4 * self.of)) / (1 + square)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.found / self.of if self.of else 0.0:.3f} ({low:.3f}-{high:.3f}, {self.found} of {self.of})"

    def __add__(self, other: object) -> "Rate":
        return (
            Rate(self.found + other.found, self.of + other.of) if isinstance(other, Rate) else NotImplemented
        )
