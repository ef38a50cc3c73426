"""What a store promises of the watch besides events and warnings: guards' verdicts, what people arranged, looks, the
outbox. A part of `interface`.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from tocsin.kernel import (
    Channel,
    GuardOutcome,
    GuardVerdict,
    Handling,
    Look,
    Notice,
    NoticeState,
)


class VerdictStore(Protocol):
    """What guard models said; one row an event, guard and version."""

    def put(self, verdicts: Sequence[GuardVerdict]) -> None:
        """Keep each, in place of what the same guard and version said of the event before."""
        ...

    def of(self, events: Collection[str]) -> tuple[GuardVerdict, ...]: ...

    def by_tag(self, guard: str, version: str, tags: Collection[bytes]) -> dict[bytes, GuardVerdict]:
        """Tag → a verdict that is not unknown."""
        ...

    def due(self, guard: str, version: str, *, now: int, limit: int) -> tuple[GuardVerdict, ...]:
        """Unknown ones whose time has come, the one that waited longest first."""
        ...

    def flagged(
        self, versions: Collection[str], *, since: int, limit: int = 100_000
    ) -> tuple[GuardVerdict, ...]:
        """By guards of some versions, newest first."""
        ...

    def counts(self, guard: str, version: str) -> dict[GuardOutcome, int]: ...

    def expire(self, *, before: int) -> int:
        """Delete what was said before a moment; returns how many rows."""
        ...


class HandlingStore(Protocol):
    def get(self, warning: str) -> Handling | None: ...
    def put(self, handling: Handling) -> None: ...
    def every(self) -> dict[str, Handling]:
        """Warning → how people arranged it."""
        ...


class LookStore(Protocol):
    def draw(self, looks: Sequence[Look], *, a_day: int) -> None:
        """Keep the smallest ranks of each day, `a_day` of them and all that were looked at already."""
        ...

    def get(self, event: str) -> Look | None: ...
    def replace(self, look: Look) -> None:
        """Raises NotFound."""
        ...

    def waiting(self, *, limit: int = 100) -> tuple[Look, ...]:
        """Not looked at yet, the oldest day first."""
        ...

    def judged(self) -> tuple[Look, ...]: ...
    def expire(self, *, before_day: str) -> int:
        """Delete what was drawn before YYYY-MM-DD and not looked at; returns how many rows."""
        ...


class OutboxStore(Protocol):
    """Channels, and the messages that wait for them."""

    def add(self, channel: Channel) -> None:
        """Raises Conflict when the name is taken."""
        ...

    def get(self, name: str) -> Channel | None: ...
    def channels(self) -> tuple[Channel, ...]: ...
    def replace(self, channel: Channel) -> None:
        """Does nothing for one that was removed meanwhile."""
        ...

    def remove(self, name: str) -> None:
        """The channel and its outbox. Raises NotFound."""
        ...

    def offer(self, notices: Sequence[Notice]) -> int:
        """Keep those whose id is new, in order; returns how many."""
        ...

    def known(self, ids: Collection[str]) -> frozenset[str]: ...
    def waiting(self, channel: str, *, limit: int) -> tuple[Notice, ...]:
        """In the order in which they were offered."""
        ...

    def update(self, notices: Sequence[Notice]) -> None: ...
    def sent_since(self, channel: str, moment: int) -> int: ...
    def listed(self, state: NoticeState, *, limit: int = 100) -> tuple[Notice, ...]:
        """Newest first."""
        ...

    def counts(self) -> dict[tuple[str, NoticeState], int]: ...
    def expire(self, *, before: int) -> int:
        """Delete what was done with before a moment; returns how many rows."""
        ...


class WatchStores(Protocol):
    """The facets of a store that this page names."""

    @property
    def verdicts(self) -> VerdictStore: ...
    @property
    def handlings(self) -> HandlingStore: ...
    @property
    def looks(self) -> LookStore: ...
    @property
    def outbox(self) -> OutboxStore: ...
