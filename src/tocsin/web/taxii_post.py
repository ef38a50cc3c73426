"""What becomes of objects that a caller posts over TAXII: each is kept or refused by itself, with the reason."""

from collections.abc import Iterator, Sequence
from uuid import uuid4

import msgspec

from tocsin.ingest.foreign import foreign_record
from tocsin.ingest.known_keys import KnownKeys
from tocsin.kernel import BadInput, Conflict, Origin, PeerStatus, Record, Release, micros
from tocsin.store.interface import ReleaseFilter, Store, TaxiiStatus
from tocsin.web.taxii_roots import Party, roots_for
from tocsin.wire.stix import canonical, check, timestamp, timestamp_micros, view
from tocsin.wire.stix.labels import well_known

MAX_MESSAGE_CHARS = 300
MAX_FAILURE_ID_CHARS = 300
_MILLISECOND = 1_000
SEEN_AT_ONCE = 90
"""Conflicts looked at together: a filter takes a hundred versions."""

NOBODY = "nobody"
"""No object can name it as its author: it is not a STIX id."""

_Failure = tuple[str, str, str]


class Sorted(msgspec.Struct, frozen=True):
    """Posted objects, sorted: what may be kept, and what was refused as (id, version, message)."""

    records: tuple[Record, ...]
    known: tuple[tuple[str, str], ...]
    """The standard's own objects, as everybody has them: a success, and nothing to keep."""
    failures: tuple[_Failure, ...]


def receive(party: Party, objects: Sequence[bytes]) -> TaxiiStatus:
    """Keep what may be kept of `objects`, and the status that says what became of each.

    A peer may write under its own pinned identity only. A conflict with something that the poster cannot see is
    not told: the object stands in the inbox as posted, and is not used. Durable when this returns.
    """
    node, peer, owner = party.node, party.peer, party.owner
    store, now = node.store, micros(node.clock())
    identity = None if peer is None else _pinned(store, peer, now)
    found = sort(objects, identity=identity, peer=peer, now=now, keys=KnownKeys(store, now))
    with store.together():  # a status never speaks of records that are not kept
        kept, new, conflicts, clashes = _put(party, found.records)
        status = TaxiiStatus(
            id=str(uuid4()),
            owner=owner,
            requested_at=now,
            successes=(*found.known, *((record.id, object_version(record.version)) for record in kept)),
            failures=(*found.failures, *conflicts),
        )
        store.inbox.post(None if peer is None else owner, [_row(record, owner) for record in kept], status)
    node.exchange.received(new, peer)
    node.exchange.left_out(clashes, peer)
    return status


def _pinned(store: Store, peer: str, now: int) -> str:
    """The identity under which a peer may write; before it is trusted, one that is nobody's."""
    row = store.peers.get(peer)
    trusted = row is not None and row.status_at(now) is PeerStatus.TRUSTED
    return row.identity if trusted and row is not None and row.identity else NOBODY


def sort(
    objects: Sequence[bytes],
    *,
    identity: str | None,
    peer: str | None,
    now: int,
    keys: KnownKeys | None = None,
) -> Sorted:
    """What may be kept of posted objects. Pure. `identity` is that of a posting peer, None for a person.

    1. It is sound STIX, without defects, and what its author signed where it is signed.
    2. It is the standard's own object, byte for byte: taken as known. Otherwise:
    3. A peer gives what its own identity wrote, or what another author signed: it is not its to change.
    """
    records: list[Record] = []
    known: list[tuple[str, str]] = []
    failures: list[_Failure] = []
    # All are checked before the first is made a record: the code of a check stays in the processor's cache.
    for data, checked in zip(
        objects, [check(data, index) for index, data in enumerate(objects)], strict=True
    ):
        if checked.item is None or checked.problems:  # 1
            said = view(checked.item).id if checked.item else checked.problems[0].object
            failures.append(_failure(said, "", "; ".join(str(problem) for problem in checked.problems)))
            continue
        try:
            record = foreign_record(
                checked.item,
                origin=Origin.IMPORT if peer is None else Origin.PEER,
                peer=peer,
                received=now,
                data=data,
                keys=keys,
            )
        except BadInput as error:
            failures.append(_failure(view(checked.item).id, "", error.message))
            continue
        standard = well_known(record.id)
        if standard is not None and canonical(standard) == record.stix:  # 2
            known.append((record.id, object_version(record.version)))
        elif standard is not None:
            failures.append(_refused(record, "is the standard's own and never changes"))
        elif identity == NOBODY or (identity not in (None, record.author) and record.root is None):  # 3
            failures.append(
                _refused(record, "created_by_ref is not your own identity, and its author did not sign it")
            )
        else:
            records.append(record)
    return Sorted(records=tuple(records), known=tuple(known), failures=tuple(failures))


def _put(
    party: Party, records: tuple[Record, ...]
) -> tuple[list[Record], tuple[Record, ...], list[_Failure], list[Conflict]]:
    """Keep records, each for itself: those for the inbox, those of them that are new here, the conflicts told, all."""
    outcomes = party.node.store.records.offer(records)
    clashes = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    at_odds = [
        record for record, outcome in zip(records, outcomes, strict=True) if isinstance(outcome, Conflict)
    ]
    # what the poster gave in this very post it knows, before any view shows it
    theirs = {
        _key(record)
        for record, outcome in zip(records, outcomes, strict=True)
        if not isinstance(outcome, Conflict)
    }
    hidden = [record for record in at_odds if _key(record) not in theirs]
    untold = set() if party.sees_all else {_key(record) for record in _unseen(party, hidden)}
    kept: list[Record] = []
    new: list[Record] = []
    conflicts: list[_Failure] = []
    for record, outcome in zip(records, outcomes, strict=True):
        if isinstance(outcome, Conflict) and _key(record) not in untold:
            conflicts.append(_refused(record, outcome.message))
            continue
        kept.append(record)
        if outcome is True:
            new.append(record)
    if untold:
        party.node.access.audit(
            party.caller.user,
            "taxii.post",
            subject=min(untold)[0],
            purpose="",
            outcome="refused",
            detail={"reason": "conflict with what the poster cannot see", "objects": len(untold)},
        )
    return kept, tuple(new), conflicts, clashes


def _unseen(party: Party, at_odds: Sequence[Record]) -> Iterator[Record]:
    """Those whose conflict is with something that the poster does not see.

    Another author of an id is seen with any version of it; other content only with that very version.
    """
    places = [place for root in roots_for(party) for place in root.places]
    for start in range(0, len(at_odds), SEEN_AT_ONCE):
        some = at_odds[start : start + SEEN_AT_ONCE]
        wanted = ReleaseFilter(
            ids=tuple({record.id for record in some}),
            versions=("last", *{record.version for record in some}),
            limit=SEEN_AT_ONCE * (SEEN_AT_ONCE + 1),
        )
        seen = {(row.id, row.version) for place in places for row in place.page(wanted).rows}
        ids = {key for key, _ in seen}
        for record in some:
            mine = party.node.store.records.get(record.id)
            if _key(record) in seen or (record.id in ids and mine and mine.author != record.author):
                continue
            yield record


def _key(record: Record) -> tuple[str, int]:
    return record.id, record.version


def object_version(version: int) -> str:
    """A version in microseconds as the timestamp it was made of: to the millisecond where that says it all."""
    return timestamp_micros(version) if version % _MILLISECOND else timestamp(version)


def _row(record: Record, owner: str) -> Release:
    return Release(
        seq=0,
        peer=owner,
        id=record.id,
        type=record.type,
        version=record.version,
        added=record.added,
        stix=record.stix,
        manifest="",
        tlp=record.tlp,
    )


def _refused(record: Record, message: str) -> _Failure:
    return _failure(record.id, object_version(record.version), message)


def _failure(identifier: str, version: str, message: str) -> _Failure:
    return identifier[:MAX_FAILURE_ID_CHARS], version, message[:MAX_MESSAGE_CHARS]
