"""What a store promises of what is gone for good: destroyed days, erased accounts, and the holds that forbid it."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from tocsin.kernel import Erasure, Hold
from tocsin.trust.day_keys import Gone


class GoneStore(Protocol):
    """A copy of the key store's log: whichever of the two is older after a restore learns from the other."""

    def list(self) -> tuple[Gone, ...]:
        """By seq, as they were written."""
        ...

    def add(self, lines: Sequence[Gone]) -> None:
        """Lines after those that are kept. Raises Conflict when one of that seq is kept already."""
        ...

    def replace(self, lines: Sequence[Gone]) -> None:
        """These and no others, in one transaction: for a key store that was begun anew, or repaired."""
        ...


class ErasureStore(Protocol):
    """Receipts of erasures, and holds."""

    def hold(self, hold: Hold) -> None:
        """Keep a hold, or its newer form."""
        ...

    def holds(self, account: str | None = None) -> tuple[Hold, ...]:
        """Every hold, oldest first; of one account if asked."""
        ...

    def add(self, erasure: Erasure) -> None: ...

    def list(self, limit: int = 1000) -> tuple[Erasure, ...]:
        """Receipts, newest first."""
        ...


class Erased(msgspec.Struct, frozen=True):
    """Events that lost their names, sealed texts that are gone, and the days of receipt they were of."""

    events: int
    texts: int
    days: tuple[str, ...]


class Eraser(Protocol):
    """Takes one account out of the events, so that counts stay."""

    def accounts(self) -> frozenset[str]:
        """Every pseudonym that stands as the actor of a kept event."""
        ...

    def erase(self, account: str, fresh: Callable[[], str]) -> Erased:
        """Give an account's events another name, and destroy what was sealed of them.

        Kept: id, times, source, kind, language, model, tool, signals, so every count by day, category and kind; and how
        many accounts there are, for the account has one `fresh` name and each of its sessions another. Gone: sealed
        text and fingerprint, observables, when the account was made. Warnings that name a pseudonym of it name the new
        one. Durable, beside readers, whole or not at all. Free space of the database is cleared before it returns, or
        by `clear_free_space` at the next start.
        """
        ...

    def clear_free_space(self) -> bool:
        """Rewrite what deleted rows left in the database, if an erasure asked for it; whether it did."""
        ...
