"""The gate itself: what there is to release to a peer, the decision on it, and the release of exactly that."""

import hashlib
import re
from collections.abc import Collection, Iterator
from datetime import datetime

from tocsin.kernel import TLP, BadInput, Conflict, Manifest, Origin, Peer, Record, Release, micros
from tocsin.share.approvals import require_people
from tocsin.share.decision import MAX_RELEASE_RECORDS, Draft, Standing, decide, manifest_digest, mentionable
from tocsin.share.promise import Forbidden, ReleaseStopped
from tocsin.share.sightings import SIGHTING_DELAY_SECONDS, released_this_week
from tocsin.store.interface import ReleaseFilter, Store
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

    def preview(
        self,
        store: Store,
        peer: Peer,
        purpose: str,
        *,
        now: datetime,
        sighting_delay_seconds: int = SIGHTING_DELAY_SECONDS,
    ) -> Draft:
        """What would leave to `peer` now. Nothing leaves. Raises ReleaseStopped, and BadInput for no purpose."""
        if not purpose.strip():
            raise BadInput("name the purpose that was agreed with this peer")
        standing = standing_of(
            store, peer, purpose, now=micros(now), sighting_delay=sighting_delay_seconds * _SECOND
        )
        return decide(self._policies, candidates(store, peer), standing, never_leaves(store))

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
        two_person_from: TLP = TLP.AMBER,
    ) -> Manifest:
        """Release what `preview` shows, if that is still what `expected` (a manifest's digest) names.

        `expected` None releases what there is, unseen. Raises Conflict, ReleaseStopped, BadInput; NotAllowed while
        a release from the level `two_person_from` on, or one that a policy asks it for, lacks two people's approval.
        """
        draft = self.preview(store, peer, purpose, now=now, sighting_delay_seconds=sighting_delay_seconds)
        if expected is not None and draft.manifest.digest != expected:
            raise Conflict("what would leave has changed since the preview: look at it again")
        require_people(store, self._policies, draft, two_person_from=two_person_from, now=micros(now))
        publish(store, draft, by=by, at=micros(now))
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
            )
        )
    store.releases.log_manifest(manifest, by=by, at=at)  # 2
    return store.releases.release(rows) if rows else 0  # 3


def candidates(store: Store, peer: Peer) -> tuple[Record, ...]:
    """This node's own records that the peer has not yet in their latest version, oldest first.

    Records of others stay here: a peer takes only what its author gave it, until signatures survive a relay.
    """
    has = {(row.id, row.version) for row in _released(store, peer)}
    own = (record for record in _records(store, origin=Origin.OWN) if (record.id, record.version) not in has)
    return tuple(record for _, record in zip(range(MAX_RELEASE_RECORDS), own, strict=False))


def standing_of(store: Store, peer: Peer, purpose: str, *, now: int, sighting_delay: int) -> Standing:
    """How a peer stands with us now. Times in microseconds."""
    return Standing(
        peer=peer,
        purpose=purpose,
        now=now,
        given=frozenset(record.id for record in _records(store, peer=peer.name)),
        released=frozenset(row.id for row in _released(store, peer)),
        mentionable=frozenset(
            record.id for record in _records(store, origin=Origin.PEER) if mentionable(record, peer)
        ),
        sightings=released_this_week(store, peer, now=now),
        sighting_delay=sighting_delay,
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
        page = store.releases.page(peer.name, ReleaseFilter(after_seq=after, limit=_PAGE, versions=("all",)))
        yield from page.rows
        more = page.more
        after = page.rows[-1].seq if page.rows else after
