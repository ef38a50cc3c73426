"""What a store promises of conversations: acts for some days, read by session, and really deleted (see `interface`)."""

from collections.abc import Collection, Mapping
from typing import Protocol

from tocsin.kernel.acts import Act


class ConversationStore(Protocol):
    """Kept apart from events, signals and warnings: what lists, routes, counts or shares those cannot read this.

    Acts come in with their events (`JournalRow.acts`), in the same transaction; those of messages that a guard flags
    come later, without weight: they say who spoke (`add`).
    """

    def candidates(self, *, since: int, limit: int = 1_000) -> tuple[str, ...]:
        """Sessions with an act and an aim received since a moment, heaviest sum first."""
        ...

    def acts(self, session: str, *, since: int) -> tuple[Act, ...]:
        """What one session holds, oldest first."""
        ...

    def add(self, wanted: Mapping[int, Act]) -> None:
        """Keep acts of messages whose events came before, by the seq of those; what is there already stays as it is."""
        ...

    def sessions(self, seqs: Collection[int], *, since: int) -> frozenset[str]:
        """Sessions of which something is here under these seqs, received since a moment."""
        ...

    def expire(self, *, before: int) -> int:
        """Delete what was received before a moment; returns how many."""
        ...

    def count(self) -> int: ...
