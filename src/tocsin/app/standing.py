"""Standing releases: what a reviewer confirmed or dismissed goes at once to the peers with whom that was agreed.

The gate decides as it always does, and the manifest is logged before anything leaves; what is left out is only the
second look between a person's review and the release. It is an operator's word, per peer and purpose, audited, and
taken back as easily. Where policy asks for approvals nothing leaves without them.
"""

import msgspec
import structlog

from tocsin.app.access import Access
from tocsin.app.exchange import Exchange
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    Manifest,
    Origin,
    Peer,
    PeerStatus,
    TocsinError,
    Verdict,
    micros,
)
from tocsin.share.sightings import RULE_TOO_SOON
from tocsin.store.interface import Store

AGAIN_MICROS = 60_000_000
"""What was held back for a time (a sighting, or a release that failed) is offered again after this."""

_PAGE = 5_000

_log = structlog.get_logger("tocsin.standing")


class _Offer(msgspec.Struct, frozen=True):
    """What a peer was last offered: under which terms, up to which own record, and when to try again."""

    terms: tuple[object, ...]
    newest: int
    again: int | None


class Standing:
    """Releases to peers with a standing agreement; `tick` is called every second or so."""

    def __init__(self, store: Store, exchange: Exchange, access: Access, clock: Clock) -> None:
        self._store = store
        self._exchange = exchange
        self._access = access
        self._clock = clock
        self._newest = 0
        self._offers: dict[str, _Offer] = {}

    def agree(self, by: Caller, name: str, purpose: str | None) -> Peer:
        """Begin (or with None end) the standing release to a peer. Raises NotFound, NotAllowed, BadInput."""
        self._access.require(by, "share.publish")
        peer = self._exchange.peer(name)
        if purpose is not None and purpose not in peer.purposes:
            raise BadInput(f"that purpose was not agreed with {name}: {', '.join(peer.purposes)} was")
        changed = msgspec.structs.replace(
            peer, standing=purpose, standing_by=None if purpose is None else by.user
        )
        self._store.peers.replace(changed)
        self._access.audit(
            by.user,
            "share.standing",
            subject=name,
            purpose=purpose or "",
            detail={"standing": "begun" if purpose else "ended"},
        )
        return changed

    def tick(self) -> tuple[Manifest, ...]:
        """Release what is new to every peer with an agreement; the manifests under which something left."""
        now = micros(self._clock())
        peers = [
            peer
            for peer in self._store.peers.list()
            if peer.standing is not None and peer.status_at(now) is PeerStatus.TRUSTED
        ]
        if not peers:
            return ()
        newest = self._newest_own()
        left = []
        for peer in peers:
            terms = (peer.standing, peer.standing_by, peer.ceiling, peer.purposes)
            last = self._offers.get(peer.name)
            nothing_new = last is not None and (last.terms, last.newest) == (terms, newest)
            if last is not None and nothing_new and (last.again is None or now < last.again):
                continue
            manifest, later = self._release(peer)
            self._offers[peer.name] = _Offer(terms, newest, now + AGAIN_MICROS if later else None)
            if manifest is not None:
                left.append(manifest)
        return tuple(left)

    def _release(self, peer: Peer) -> tuple[Manifest | None, bool]:
        """What left, and whether to try again later. Exactly what the preview shows is published.

        1. Who agreed to it may still release. 2. There is something that may leave. 3. It leaves.
        """
        by = self._access.standing(peer.standing_by or "")
        if by is None or peer.standing is None:  # 1
            _log.warning("standing.nobody-stands-for-it", peer=peer.name)
            return None, False
        try:
            seen = self._exchange.publishing.preview(by, peer.name, peer.standing)
            later = any(
                entry.verdict is Verdict.REFUSE and entry.rule == RULE_TOO_SOON for entry in seen.entries
            )
            if not seen.released:  # 2
                return None, later
            return self._exchange.publishing.publish(by, peer.name, peer.standing, seen.digest), later  # 3
        except (
            TocsinError
        ) as error:  # stopped, not allowed any more, changed meanwhile: all wait for a person
            _log.warning("standing.failed", peer=peer.name, reason=error.message)
            return None, True

    def _newest_own(self) -> int:
        while page := self._store.records.list(origin=Origin.OWN, after=self._newest, limit=_PAGE):
            self._newest = page[-1].added
        return self._newest
