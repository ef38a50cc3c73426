"""Peer: another node that an operator named."""

from enum import StrEnum

import msgspec

from tocsin.kernel.records import TLP


class PeerStatus(StrEnum):
    ADDED = "added"
    """Named, its key not yet compared: nothing is sent to it or taken from it."""
    TRUSTED = "trusted"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    """Its key is no longer believed: stolen, or two histories were shown. Its operator must be asked anew."""
    EXPIRED = "expired"
    """Trusted once, until a day that is past. Never kept: `status_at` says it of a row."""


TRUST_DAYS = 365
"""Trust ends by itself after this, unless an operator says otherwise: who was compared once is compared again."""

WARN_DAYS = 30
"""Before trust ends, this long, it is said wherever peers are listed."""

_DAY = 86_400_000_000


class Doubt(msgspec.Struct, frozen=True):
    """From `since` until `until` (microseconds; None: until now) a peer's key was in other hands, and why we say so."""

    since: int
    until: int | None
    why: str

    def covers(self, moment: int) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


class Peer(msgspec.Struct, frozen=True):
    """`node_key` is the peer's Ed25519 public key (32 bytes); `tls_pin` the SHA-256 of its TLS key (SPKI).

    `identity` is its STIX identity id, derived from its first key: no peer can write under another's name.
    `credential` is the token it gave us, sealed under this node's master key.
    """

    name: str
    url: str
    status: PeerStatus = PeerStatus.ADDED
    node_key: bytes | None = None
    identity: str | None = None
    tls_pin: bytes | None = None
    credential: bytes | None = None
    ceiling: TLP = TLP.GREEN
    purposes: tuple[str, ...] = ("misuse-defence",)
    allow_private: bool = False
    created: int = 0
    cursor: str | None = None
    """Where the next pull begins: X-TAXII-Date-Added-Last of the last page that was kept, or just before it."""
    last_pull: int | None = None
    """When we last had all that it had released to us: we are never further behind than this."""
    failures: int = 0
    retry_at: int | None = None
    last_error: str | None = None
    standing: str | None = None
    """The purpose under which what is reviewed here goes to it at once, through the gate, with no further look."""
    standing_by: str | None = None
    """The user id of who agreed to that."""
    until: int | None = None
    """When trust ends; None for rows from before trust had an end, until they are renewed."""
    doubts: tuple[Doubt, ...] = ()
    """Times in which its key was not its own; see `suspect`. The last is open while it is revoked."""

    former: tuple[str, ...] = ()
    """Identities it had before it was made anew; what is said in their name is marked with its doubts."""

    behind: bool = False
    """The last pull ended before all was had."""
    waiting: int | None = None
    """Objects that it says we have not had yet; None when it does not say."""
    jurisdiction: str = ""
    """Where it is established (ISO 3166-1 alpha-2), as its operator told ours; empty when nobody asked."""
    stores: tuple[str, ...] = ()
    """The countries where it keeps what it is given; empty when nobody asked."""
    pap: str = "clear"
    """The highest level of PAP that it agreed to honour."""

    def lag(self, now: int) -> int | None:
        """How far behind we may be, in microseconds; None before the first complete pull."""
        return None if self.last_pull is None else max(0, now - self.last_pull)

    def status_at(self, now: int) -> PeerStatus:
        """The status as it counts at `now` (microseconds): trust that has ended is `expired`."""
        ended = self.until is not None and self.until <= now
        return PeerStatus.EXPIRED if ended and self.status is PeerStatus.TRUSTED else self.status

    def ends_soon(self, now: int) -> bool:
        """Whether trust still counts and ends within WARN_DAYS."""
        trusted = self.status_at(now) is PeerStatus.TRUSTED
        return trusted and self.until is not None and self.until <= now + WARN_DAYS * _DAY

    def suspect(self, *, version: int, added: int) -> bool:
        """Whether a record of this peer was written, or reached us, while its key was not its own.

        The time that an author writes is the thief's to choose; the time of receipt is ours. Either is enough.
        """
        return any(doubt.covers(version) or doubt.covers(added) for doubt in self.doubts)

    def doubted(self, since: int, why: str) -> tuple[Doubt, ...]:
        """`doubts` with one that is open from `since` on; one that is open already can only begin earlier."""
        if self.doubts and self.doubts[-1].until is None:
            last = self.doubts[-1]
            return (*self.doubts[:-1], Doubt(min(since, last.since), None, why))
        return (*self.doubts, Doubt(since, None, why))

    def cleared(self, now: int) -> tuple[Doubt, ...]:
        """`doubts` with an open one closed at `now`: another key was compared and pinned."""
        return tuple(
            Doubt(one.since, now if one.until is None else one.until, one.why) for one in self.doubts
        )
