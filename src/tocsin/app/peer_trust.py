"""How far a peer is believed: its key compared and pinned, for a time; renewed; or taken back."""

import msgspec

from tocsin.app.access import Access
from tocsin.app.flags import flag_warnings
from tocsin.app.keyring import Keyring
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    Conflict,
    NotFound,
    Peer,
    PeerStatus,
    Reason,
    Record,
    micros,
)
from tocsin.kernel.peers import TRUST_DAYS
from tocsin.share.suspects import Suspects
from tocsin.store.interface import Store
from tocsin.trust.words import agree, spoken

MAX_TRUST_DAYS = 3 * 366
"""Nobody knows today who keeps a key in three years."""

MAX_REASON_CHARS = 300
REVIEWED = "reviewed"
"""The cursor that makes the watch look again: what is no longer believed must stop to count at once."""

_DAY = 86_400_000_000
_PAGE = 5_000


class PeerTrust:
    """Every act here needs `peer.manage` and leaves a trace."""

    def __init__(self, store: Store, keys: Keyring, access: Access, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._clock = clock

    def pin(
        self, by: Caller, peer: Peer, public: bytes, identity: str, compared: str, until: int | None
    ) -> Peer:
        """Pin a key, if what a person compared is this key. `until` in microseconds; None is TRUST_DAYS.

        Raises BadInput when it differs or is our own, Conflict when another key is pinned and still believed.
        """
        self._access.require(by, "peer.manage")
        if not agree(compared, public):
            self._access.audit(
                by.user, "peer.trust", subject=peer.name, purpose="exchange", outcome="refused"
            )
            raise BadInput(
                f"peer {peer.name} shows another fingerprint than the one read to you: do not trust it"
            )
        if public == self._keys.identity.public:
            raise BadInput("that is this node itself")
        if peer.node_key not in (None, public) and peer.status is not PeerStatus.REVOKED:
            raise Conflict(
                f"peer {peer.name} was trusted with another key: `tocsin peer revoke {peer.name}` first if that one "
                "is gone"
            )
        if peer.status is PeerStatus.REVOKED and peer.node_key == public:
            raise Conflict(f"this key of peer {peer.name} was revoked: its operator has to make a new one")
        left = {peer.identity} - {identity, None}
        trusted = msgspec.structs.replace(
            peer,
            status=PeerStatus.TRUSTED,
            node_key=public,
            identity=identity,
            former=(*peer.former, *(one for one in left if one)),
            until=self._until(until),
            doubts=peer.cleared(micros(self._clock())),
        )
        self._store.peers.replace(trusted)
        self._access.audit(
            by.user, "peer.trust", subject=peer.name, purpose="exchange", detail={"words": spoken(public)}
        )
        return trusted

    def renew(self, by: Caller, name: str, until: int | None = None) -> Peer:
        """Believe the pinned key until another day. Raises NotFound, BadInput, Conflict when it was revoked."""
        self._access.require(by, "peer.manage")
        peer = self._peer(name)
        if peer.status is not PeerStatus.TRUSTED:
            raise Conflict(f"peer {name} is {peer.status.value}: `tocsin peer trust {name}` compares its key")
        renewed = msgspec.structs.replace(peer, until=self._until(until))
        self._store.peers.replace(renewed)
        self._access.audit(
            by.user, "peer.renew", subject=name, purpose="exchange", detail={"until": renewed.until or 0}
        )
        return renewed

    def revoke(self, by: Caller, name: str, *, since: int, reason: str) -> Peer:
        """A peer's key is stolen or no longer believed, `since` a moment (microseconds).

        1. Nothing more is taken from it or given to it. 2. What came since, or says it was written since, is
        marked: not looked for, not named to others, listed. An earlier moment may be given later, never a later one.
        """
        self._access.require(by, "peer.manage")
        peer = self._peer(name)
        if not reason.strip() or len(reason) > MAX_REASON_CHARS:
            raise BadInput(f"say why, in at most {MAX_REASON_CHARS} characters")
        if since > micros(self._clock()):
            raise BadInput("a key cannot be revoked from a later day on: name when it went")
        revoked = self.take_back(peer, since=since, reason=reason, by=by.user)
        if revoked is None:
            raise NotFound(f"there is no peer {name}")
        return revoked

    def take_back(self, peer: Peer, *, since: int, reason: str, by: str) -> Peer | None:
        """The revocation itself, whoever found that it is due; None when the peer is gone meanwhile."""
        row = self._store.peers.get(peer.name)
        if row is None:
            return None
        doubts = row.doubted(since, reason[:MAX_REASON_CHARS])
        revoked = msgspec.structs.replace(row, status=PeerStatus.REVOKED, doubts=doubts)
        with self._store.together():
            self._store.peers.replace(revoked)
            self._store.jobs.set_cursor(REVIEWED, f"{micros(self._clock())}:{peer.name}")
            self._access.audit(
                by,
                "peer.revoke",
                subject=peer.name,
                purpose=reason[:MAX_REASON_CHARS],
                detail={"since": since},
            )
            marked = frozenset(record.id for record in self.suspects() if record.type == "indicator")
            flag_warnings(self._store, marked, Reason("look-back.key-revoked", {"peer": peer.name}))
        return revoked

    def suspects(self) -> tuple[Record, ...]:
        """Every record (in its latest version) that came from a key after it was revoked."""
        marks = Suspects(self._store.peers.list())
        found: list[Record] = []
        after = 0
        while page := self._store.records.list(after=after, limit=_PAGE):
            found += [record for record in page if record in marks]
            after = page[-1].added
        return tuple(found)

    def _until(self, until: int | None) -> int:
        now = micros(self._clock())
        until = now + TRUST_DAYS * _DAY if until is None else until
        if not now < until <= now + MAX_TRUST_DAYS * _DAY:
            raise BadInput(f"trust ends on a day to come, within {MAX_TRUST_DAYS} days: choose one")
        return until

    def _peer(self, name: str) -> Peer:
        peer = self._store.peers.get(name)
        if peer is None:
            raise NotFound(f"there is no peer {name[:64]}: `tocsin peer list` shows them")
        return peer
