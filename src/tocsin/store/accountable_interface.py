"""What a store promises of accountable matching: quotas, days of records, pledges, the challenge of each. A part of
`interface`.

Days and quotas are never changed; a pledge gets what comes after it once, and one challenge.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class MatchAuditor(msgspec.Struct, frozen=True):
    """A third party whose challenges are answered. `line` is its key, as `wire.tlog.read_key` takes it."""

    name: str
    line: str
    by: str
    at: int


class MatchQuota(msgspec.Struct, frozen=True):
    """A signed quota under its digest."""

    digest: str
    kind: str
    at: int
    note: bytes


class MatchDay(msgspec.Struct, frozen=True):
    """A signed day; `lines` are 32 bytes a record; `sealed` holds values and salts under the key of `sealed_on`."""

    kind: str
    number: int
    digest: str
    at: int
    note: bytes
    lines: bytes
    sealed_on: str
    sealed: bytes


class MatchSaid(msgspec.Struct, frozen=True):
    """What comes after a pledge: the other side's, the first two words, and what was sent."""

    other: bytes = b""
    proposal: bytes = b""
    acceptance: bytes = b""
    points: bytes = b""
    tags: bytes = b""


class MatchPledge(msgspec.Struct, frozen=True):
    """One side of one session. `sealed` is its seed and where its records are; `challenge` the one that is answered."""

    session: str
    side: str
    kind: str
    epoch: int
    number: int
    digest: str
    at: int
    note: bytes
    sealed: bytes
    other: bytes = b""
    proposal: bytes = b""
    acceptance: bytes = b""
    points: bytes = b""
    tags: bytes = b""
    challenge: bytes = b""


class AccountableStore(Protocol):
    """What one node committed to, and what an auditor asked of it."""

    def name_auditor(self, auditor: MatchAuditor) -> None:
        """Keep it, instead of one of the same name."""
        ...

    def auditors(self) -> tuple[MatchAuditor, ...]:
        """By name."""
        ...

    def forget_auditor(self, name: str) -> bool:
        """False where there was none."""
        ...

    def add_quota(self, quota: MatchQuota) -> None:
        """Raises Conflict for the same statement twice."""
        ...

    def quotas(self, kind: str, *, limit: int = 8) -> tuple[MatchQuota, ...]:
        """Newest first."""
        ...

    def add_day(self, day: MatchDay) -> None:
        """Raises Conflict for a number that there is: of two at once one is refused."""
        ...

    def days(self, kind: str, *, limit: int = 400) -> tuple[MatchDay, ...]:
        """Newest first."""
        ...

    def pledge(self, pledge: MatchPledge) -> None:
        """Raises Conflict for a side of a session, or a number of a week, that there is."""
        ...

    def pledges(self, side: str, kind: str, epoch: int) -> Sequence[MatchPledge]:
        """Of a week, newest first."""
        ...

    def pledged(self, session: str, side: str) -> MatchPledge | None: ...
    def which_pledged(self, sessions: Sequence[str]) -> frozenset[str]:
        """Those of the sessions of which a side was pledged here."""
        ...

    def said(self, session: str, side: str, said: MatchSaid) -> None:
        """Keep what came after a pledge, once. Raises NotFound, Conflict."""
        ...

    def challenge(self, session: str, side: str, note: bytes) -> None:
        """Keep the one challenge that is answered; the same again changes nothing.

        Raises NotFound, and Conflict where there was another.
        """
        ...


class AccountableStores(Protocol):
    """What of one node's memory is about accountable matching."""

    @property
    def accountable(self) -> AccountableStore: ...
