"""How often a rule was right, by what people decided of its warnings."""

from math import sqrt

import msgspec

Z = 1.96
"""Of a 95 % interval."""


class Precision(msgspec.Struct, frozen=True):
    """Warnings decided either way; `share` confirmed among them, with its interval. None before anybody decided."""

    confirmed: int
    dismissed: int

    @property
    def decided(self) -> int:
        return self.confirmed + self.dismissed

    @property
    def share(self) -> float | None:
        return self.confirmed / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval (Wilson 1927), which stands with few decisions and at 0 and 1."""
        if not self.decided:
            return None
        number, share = self.decided, self.confirmed / self.decided
        centre = share + Z * Z / (2 * number)
        spread = Z * sqrt(share * (1 - share) / number + Z * Z / (4 * number * number))
        whole = 1 + Z * Z / number
        return max(0.0, (centre - spread) / whole), min(1.0, (centre + spread) / whole)
