"""What a store promises of the log that cannot be rewritten. A part of `interface`.

An entry is added with what it speaks of, in one transaction, and gets its place later, with all that wait, in another:
an act never waits for the tree. There is no method that changes or removes an entry.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

MAX_TOGETHER = 5_000
"""Entries that get their places in one transaction: some 200 ms, in which no other writer has its turn."""


class LogEntry(msgspec.Struct, frozen=True):
    """`entry` is what the tree holds; `opening` what it commits to; `place` is -1 until there is one."""

    at: int
    kind: str
    subject: str
    entry: bytes
    opening: bytes
    place: int = -1


class LogHead(msgspec.Struct, frozen=True):
    """The tree as it is. `stopped` says why it may not grow; "" when it may."""

    size: int
    root: bytes
    stopped: str = ""


class KeptCheckpoint(msgspec.Struct, frozen=True):
    """A checkpoint of this node's own log; `note` is its bytes, with the cosignatures that came."""

    size: int
    at: int
    root: bytes
    note: bytes


class Witnessed(msgspec.Struct, frozen=True):
    """The longest checkpoint of a peer's log that was verified here."""

    origin: str
    peer: str
    at: int
    size: int
    root: bytes
    note: bytes


class LogFork(msgspec.Struct, frozen=True):
    """Two notes, each with the log's signature, that no one log can have; `why` in a sentence."""

    id: str
    peer: str
    origin: str
    at: int
    why: str
    first: bytes
    second: bytes
    settled: int = 0
    """When a person settled it; 0 while nobody has."""


class LogStore(Protocol):
    """One node's log, and what it saw of its peers' logs."""

    def add(self, entries: Sequence[LogEntry]) -> None:
        """Keep entries that have no place yet. Raises Conflict for the same commitment twice."""
        ...

    def waiting(self) -> int:
        """How many entries have no place yet."""
        ...

    def grow(self, *, most: int = MAX_TOGETHER) -> LogHead:
        """Give the oldest of those that wait their places (of one moment, in no order).

        Entries, tiles, size and root are one transaction.
        Two at once come one after the other. Raises Conflict when the log was stopped, Unavailable when the
        tiles do not give the root that is kept.
        """
        ...

    def head(self) -> LogHead: ...
    def stop(self, why: str) -> None:
        """No entry gets a place until `go_on`."""
        ...

    def go_on(self) -> None: ...
    def tile(self, level: int, index: int) -> bytes:
        """The hashes of a tile, as many as there are; b"" of one that there is not."""
        ...

    def entries(self, *, start: int = 0, limit: int = 256) -> tuple[LogEntry, ...]:
        """By place, from `start`."""
        ...

    def about(self, subject: str, *, limit: int = 1000) -> tuple[LogEntry, ...]:
        """Entries about one thing, by place; those that wait come last."""
        ...

    def put_checkpoint(self, kept: KeptCheckpoint) -> None:
        """Keep it, or its bytes with more cosignatures. Raises Conflict when another root was signed at this size."""
        ...

    def checkpoint(self, size: int | None = None) -> KeptCheckpoint | None:
        """Of a size, or the newest."""
        ...

    def checkpoints(self, *, limit: int = 100) -> tuple[KeptCheckpoint, ...]:
        """Newest first."""
        ...

    def checkpoints_over(self, size: int, *, limit: int = 100) -> tuple[KeptCheckpoint, ...]:
        """Of more entries than `size`, the shortest first."""
        ...

    def witnessed(self, origin: str) -> Witnessed | None: ...
    def all_witnessed(self) -> tuple[Witnessed, ...]:
        """By origin."""
        ...

    def see(self, seen: Witnessed, *, before: int) -> None:
        """Keep what was verified. Raises Conflict unless what is kept is of size `before` (0: nothing is)."""
        ...

    def add_fork(self, fork: LogFork) -> bool:
        """Keep evidence; True when new."""
        ...

    def settle(self, origin: str, *, at: int) -> int:
        """Mark a log's evidence as settled, and forget what was seen of it; returns how many were not settled."""
        ...

    def forks(self) -> tuple[LogFork, ...]:
        """Oldest first."""
        ...


class LogStores(Protocol):
    """What of one node's memory is about the log."""

    @property
    def log(self) -> LogStore: ...
