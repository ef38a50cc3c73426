"""What becomes of objects that a caller posts over TAXII: each is kept or refused by itself, with the reason."""

from collections.abc import Sequence
from uuid import uuid4

import msgspec

from tocsin.app.node import Node
from tocsin.ingest.foreign import foreign_record
from tocsin.kernel import BadInput, Conflict, Origin, PeerStatus, Record, Release, micros
from tocsin.store.interface import Store, TaxiiStatus
from tocsin.wire.stix import canonical, check, timestamp, timestamp_micros, view
from tocsin.wire.stix.labels import well_known

MAX_MESSAGE_CHARS = 300
MAX_FAILURE_ID_CHARS = 300
_MILLISECOND = 1_000
NOBODY = "nobody"
"""No object can name it as its author: it is not a STIX id."""

_Failure = tuple[str, str, str]


class Sorted(msgspec.Struct, frozen=True):
    """Posted objects, sorted: what may be kept, and what was refused as (id, version, message)."""

    records: tuple[Record, ...]
    known: tuple[tuple[str, str], ...]
    """The standard's own objects, as everybody has them: a success, and nothing to keep."""
    failures: tuple[_Failure, ...]


def receive(node: Node, peer: str | None, owner: str, objects: Sequence[bytes]) -> TaxiiStatus:
    """Keep what may be kept of `objects`, and the status that says what became of each.

    `peer` is the poster when it is a peer: it may write under its own pinned identity only. `owner` is under
    whose name the objects are kept. Durable when this returns.
    """
    store, now = node.store, micros(node.clock())
    identity = None if peer is None else _pinned(store, peer)
    found = sort(objects, identity=identity, peer=peer, now=now)
    with store.together():  # a status never speaks of records that are not kept
        kept, new, clashes = _put(store, found.records)
        conflicts = [_refused(record, conflict.message) for record, conflict in clashes]
        status = TaxiiStatus(
            id=str(uuid4()),
            owner=owner,
            requested_at=now,
            successes=(*found.known, *((record.id, object_version(record.version)) for record in kept)),
            failures=(*found.failures, *conflicts),
        )
        store.inbox.post(None if peer is None else owner, [_row(record, owner) for record in kept], status)
    node.exchange.received(new, peer)
    node.exchange.left_out((conflict for _, conflict in clashes), peer)
    return status


def _pinned(store: Store, peer: str) -> str:
    """The identity under which a peer may write; before it is trusted, one that is nobody's."""
    row = store.peers.get(peer)
    trusted = row is not None and row.status is PeerStatus.TRUSTED
    return row.identity if trusted and row is not None and row.identity else NOBODY


def sort(objects: Sequence[bytes], *, identity: str | None, peer: str | None, now: int) -> Sorted:
    """What may be kept of posted objects. Pure. `identity` is that of a posting peer, None for a person.

    1. It is sound STIX, without defects, and what its author signed where it is signed.
    2. It is the standard's own object, byte for byte: taken as known. Otherwise:
    3. A peer gives what its own identity wrote, or what another author signed: it is not its to change.
    """
    records: list[Record] = []
    known: list[tuple[str, str]] = []
    failures: list[_Failure] = []
    for index, data in enumerate(objects):
        checked = check(data, index)
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
    store: Store, records: tuple[Record, ...]
) -> tuple[list[Record], tuple[Record, ...], list[tuple[Record, Conflict]]]:
    """Keep records, one transaction, each for itself: those kept, those of them that are new, the conflicts."""
    kept: list[Record] = []
    new: list[Record] = []
    conflicts: list[tuple[Record, Conflict]] = []
    for record, outcome in zip(records, store.records.offer(records), strict=True):
        if isinstance(outcome, Conflict):
            conflicts.append((record, outcome))
            continue
        kept.append(record)
        if outcome:
            new.append(record)
    return kept, tuple(new), conflicts


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
    )


def _refused(record: Record, message: str) -> _Failure:
    return _failure(record.id, object_version(record.version), message)


def _failure(identifier: str, version: str, message: str) -> _Failure:
    return identifier[:MAX_FAILURE_ID_CHARS], version, message[:MAX_MESSAGE_CHARS]
