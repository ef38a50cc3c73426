"""How often a rule was right, by what people decided of its warnings."""

import msgspec

from tocsin.kernel.intervals import wilson


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
        return wilson(self.confirmed, self.decided)
