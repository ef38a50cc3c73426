"""The gate itself: what there is to release to a peer, the decision on it, and the release of exactly that."""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from itertools import chain, islice

import msgspec

from tocsin.kernel import (
    TLP,
    BadInput,
    Conflict,
    Group,
    Manifest,
    Origin,
    Peer,
    PeerStatus,
    Record,
    Release,
    micros,
    terms,
    terms_in,
)
from tocsin.kernel.limits import SIGHTING_DELAY_SECONDS
from tocsin.share.approvals import require_people
from tocsin.share.decision import MAX_RELEASE_RECORDS, Draft, Standing, decide, manifest_digest, mentionable
from tocsin.share.passing_on import conduct_by_id, may_pass_on, with_conduct
from tocsin.share.promise import Forbidden, Proofs, ReleaseStopped
from tocsin.share.sightings import released_this_week
from tocsin.share.suspects import Suspects
from tocsin.store.interface import ReleaseFilter, Store
from tocsin.trust.key_history import peer_as_party
from tocsin.trust.policy import Policies
from tocsin.trust.pseudonyms import looks_like_pseudonym
from tocsin.wire.stix import is_timestamp, type_of

MIN_EVENT_ID_CHARS = 8
"""Shorter words are not looked up among event ids: a source may number its events, and `2.1` is everywhere."""

_DIGIT = re.compile(r"\d")
_PAGE = 5_000
_SECOND = 1_000_000


class Gate:
    """Releases under one set of policies. Nothing else in Tocsin writes to what peers may fetch."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self._proofs = Proofs()

    def preview(
        self,
        store: Store,
        peer: Peer,
        purpose: str,
        *,
        now: datetime,
        sighting_delay_seconds: int = SIGHTING_DELAY_SECONDS,
        group: Group | None = None,
    ) -> Draft:
        """What would leave to `peer` now, in `group` when one is named. Nothing leaves.

        Raises ReleaseStopped, and BadInput for no purpose.
        """
        if not purpose.strip():
            raise BadInput("name the purpose that was agreed with this peer")
        standing = standing_of(
            store,
            peer,
            purpose,
            now=micros(now),
            sighting_delay=sighting_delay_seconds * _SECOND,
            group=group,
        )
        return decide(
            self._policies,
            candidates(store, peer, now=micros(now)),
            standing,
            never_leaves(store),
            self._proofs,
        )

    def publish(
        self,
        store: Store,
        peer: Peer,
        purpose: str,
        *,
        by: str,
        expected: str | None,
        now: datetime,
        sighting_delay_seconds: int = SIGHTING_DELAY_SECONDS,
        group: Group | None = None,
        two_person_from: TLP = TLP.AMBER,
        beside: Callable[[Manifest], None] = lambda _: None,
    ) -> Manifest:
        """Release what `preview` shows, if that is still what `expected` (a manifest's digest) names.

        What `beside` writes of the manifest is kept in one transaction with the release, or neither is.

        `expected` None releases what there is, unseen. Raises Conflict, ReleaseStopped, BadInput; NotAllowed while
        a release from the level `two_person_from` on, or one that a policy asks it for, lacks two people's approval.
        """
        draft = self.preview(
            store, peer, purpose, now=now, sighting_delay_seconds=sighting_delay_seconds, group=group
        )
        if expected is not None and draft.manifest.digest != expected:
            raise Conflict("what would leave has changed since the preview: look at it again")
        require_people(store, self._policies, draft, two_person_from=two_person_from, now=micros(now))
        with store.together():
            publish(store, draft, by=by, at=micros(now))
            beside(draft.manifest)
        return draft.manifest


def publish(store: Store, draft: Draft, *, by: str, at: int) -> int:
    """Log the manifest, then release its bytes; returns how many objects the peer had not yet.

    1. The bytes and the manifest are still each other's. 2. The manifest is kept. 3. The rows are released.
    `by` is a user id, `at` in microseconds. Raises ReleaseStopped for 1.
    """
    manifest = draft.manifest
    if manifest_digest(manifest) != manifest.digest:  # 1
        raise ReleaseStopped("the manifest is not what its digest says; nothing was released")
    rows = []
    for entry in manifest.released:
        content = draft.final[entry.id]
        if hashlib.sha256(content).hexdigest() != entry.sha256:
            raise ReleaseStopped(f"{entry.id}: other bytes than the manifest names; nothing was released")
        rows.append(
            Release(
                seq=0,
                peer=manifest.peer,
                id=entry.id,
                type=entry.type,
                version=draft.versions[entry.id],
                added=at,
                stix=content,
                manifest=manifest.digest,
                tlp=draft.markings[entry.id],
            )
        )
    store.releases.log_manifest(manifest, by=by, at=at)  # 2
    return store.releases.release(rows) if rows else 0  # 3


def candidates(store: Store, peer: Peer, *, now: int) -> tuple[Record, ...]:
    """What the peer has not yet in its latest version: this node's own records, then those to pass on, oldest first.

    Passed on is what a trusted peer gave us and its author signed: never to that author, nor back to who gave it.
    """
    has = {(row.id, row.version) for row in _released(store, peer)} | store.releases.withdrawn(peer.name)
    taken_back = store.recalls.withdrawn(peer.name)
    peers = store.peers.list()
    trusted = {one.name for one in peers if one.status_at(now) is PeerStatus.TRUSTED}
    suspects = Suspects(peers)

    def is_wanted(record: Record) -> bool:
        return (record.id, record.version) not in has and record.id not in taken_back

    own = [record for record in _records(store, origin=Origin.OWN) if is_wanted(record)]
    others = [
        record
        for record in _records(store, origin=Origin.PEER)
        if may_pass_on(record, peer, trusted) and record not in suspects
    ]
    conduct = conduct_by_id(chain(_records(store, origin=Origin.OWN), others)) if others else {}
    passed_on = (with_conduct(one, conduct) for one in others if is_wanted(one))
    return tuple(islice(chain(own, passed_on), MAX_RELEASE_RECORDS))


def standing_of(
    store: Store, peer: Peer, purpose: str, *, now: int, sighting_delay: int, group: Group | None = None
) -> Standing:
    """How a peer stands with us now, by its own agreement or in a group. Times in microseconds."""
    suspects = Suspects(store.peers.list())
    agreed = terms(peer, store.groups.list(), purpose) if group is None else terms_in(peer, group)
    peer = msgspec.structs.replace(
        peer,
        status=peer.status_at(now),
        # nobody agreed: no purpose fits, and the most open ceiling there is
        ceiling=agreed.ceiling if agreed else TLP.CLEAR,
        purposes=agreed.purposes if agreed else (),
    )
    return Standing(
        peer=peer,
        purpose=purpose,
        now=now,
        given=frozenset(record.id for record in _records(store, peer=peer.name)),
        released=frozenset(row.id for row in _released(store, peer)),
        mentionable=frozenset(
            record.id
            for record in _records(store, origin=Origin.PEER)
            if mentionable(record, peer) and record not in suspects
        ),
        sightings=released_this_week(store, peer, now=now),
        sighting_delay=sighting_delay,
        party=peer_as_party(peer, store.keys.statements(peer.identity or "")),
    )


def never_leaves(store: Store) -> Forbidden:
    """Finds pseudonyms, by their shape, and ids of this node's events, by looking them up."""

    def found(words: frozenset[str]) -> Collection[str]:
        pseudonyms, perhaps = local_words(words)
        return pseudonyms | store.events.known(perhaps)

    return found


def local_words(words: frozenset[str]) -> tuple[set[str], list[str]]:
    """Of some words those that hold a pseudonym, and those that may be ids of events."""
    pseudonyms = {word for word in words if looks_like_pseudonym(word)}
    return pseudonyms, [word for word in words if _may_be_event_id(word)]


def _may_be_event_id(word: str) -> bool:
    if len(word) < MIN_EVENT_ID_CHARS or not _DIGIT.search(word):
        return False
    return not is_timestamp(word) and type_of(word) is None


def _records(store: Store, *, origin: Origin | None = None, peer: str | None = None) -> Iterator[Record]:
    after = 0
    while page := store.records.list(origin=origin, peer=peer, after=after, limit=_PAGE):
        yield from page
        after = page[-1].added


def _released(store: Store, peer: Peer) -> Iterator[Release]:
    after, more = 0, True
    while more:
        wanted = ReleaseFilter(added_after=after, limit=_PAGE, versions=("all",))
        page = store.releases.page(peer.name, wanted, ceiling=peer.ceiling)
        yield from page.rows
        more = page.more
        after = page.rows[-1].added if page.rows else after
