"""A rate with its Wilson interval: what a detector found of how many, and how sure that is."""

from typing import NamedTuple

from tocsin.kernel.intervals import wilson


class Rate(NamedTuple):
    """`found` of `of`; the interval is Wilson's (1927), which stays within 0 and 1 for small numbers too."""

    found: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.found, self.of)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.found / self.of if self.of else 0.0:.3f} ({low:.3f}-{high:.3f}, {self.found} of {self.of})"

    def __add__(self, other: object) -> "Rate":
        return (
            Rate(self.found + other.found, self.of + other.of) if isinstance(other, Rate) else NotImplemented
        )
