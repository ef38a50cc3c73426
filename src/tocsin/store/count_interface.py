"""What a store promises of counts under differential privacy: payments and what was said. A part of `interface`.

Neither is ever changed or deleted. The copy of the payments outside the database is the key store's log.
"""

from typing import Protocol

from tocsin.kernel.counts import CountList, NoisyCount, Spend


class CountStore(Protocol):
    """Payments, by name, and counts, one of each week and list."""

    def pay(self, spend: Spend) -> None:
        """Note a payment; the same name again changes nothing."""
        ...

    def spends(self) -> tuple[Spend, ...]:
        """Every payment, oldest first."""
        ...

    def keep(self, count: NoisyCount) -> None:
        """Keep what was said. Raises Conflict when something was said of this list in this week."""
        ...

    def said(self, week: str, which: CountList) -> NoisyCount | None:
        """What was said of a list in a week."""
        ...

    def every(self, week: str = "") -> tuple[NoisyCount, ...]:
        """What was said in a week, or ever; by week, the newest first, and by list."""
        ...


class CountStores(Protocol):
    """What of one node's memory is about counts under differential privacy."""

    @property
    def counts(self) -> CountStore: ...
