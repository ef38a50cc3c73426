"""What a store promises of conversations: acts for some days, read by session, and really deleted (see `interface`)."""

from typing import Protocol

from tocsin.kernel.acts import Act


class ConversationStore(Protocol):
    """Kept apart from events, signals and warnings: what lists, routes, counts or shares those cannot read this.

    Acts come in with their events (`JournalRow.acts`), in the same transaction.
    """

    def candidates(self, *, since: int, limit: int = 1_000) -> tuple[str, ...]:
        """Sessions with an act and an aim received since a moment, heaviest sum first."""
        ...

    def acts(self, session: str, *, since: int) -> tuple[Act, ...]:
        """What one session holds, oldest first."""
        ...

    def expire(self, *, before: int) -> int:
        """Delete what was received before a moment; returns how many."""
        ...

    def count(self) -> int: ...
