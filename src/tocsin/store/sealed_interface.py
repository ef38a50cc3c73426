"""What a store promises of what is gone for good: destroyed days, erased accounts, and the holds that forbid it."""

from collections.abc import Collection, Sequence
from typing import Protocol

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


class Eraser(Protocol):
    """Takes one account out of the events, so that counts stay."""

    def accounts(self) -> frozenset[str]:
        """Every pseudonym that stands as the actor of a kept event."""
        ...

    def erase(
        self, account: str, *, anonymous: str, sessions: dict[str, str]
    ) -> tuple[int, int, Collection[str]]:
        """Give an account's events the name `anonymous` and destroy what was sealed of them.

        Kept: id, times, source, kind, language, model, tool, signals, so every count by day, category and kind. Gone:
        sealed text and fingerprint, observables, the account's age; a session becomes what `sessions` says. Durable,
        beside readers, and whole or not at all; free space of the database is cleared before it returns. Returns
        events, texts, and the days of receipt they were of.
        """
        ...
