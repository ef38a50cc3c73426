"""What a pull would change, before it does: the same fetch and the same checks, and nothing kept.

The peer sees that it was asked, as with any pull. Here no record, cursor, fault or pause is written.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from tocsin.ingest.known_keys import KnownKeys
from tocsin.ingest.pull import examine, ids_of, require_trust
from tocsin.ingest.pull_pages import pages
from tocsin.kernel import Clock, Peer, PeerFault, Record, micros
from tocsin.net import Client
from tocsin.store.interface import Store
from tocsin.wire.stix import DismissalExtension, parse, read, timestamp_micros, type_of, version_of, view


class Change(StrEnum):
    """What would become of one object; the first that fits, from below."""

    NEW = "new"
    VERSION = "new version"
    DISMISSED = "dismissed"
    """A reviewer there found a template harmless."""
    REVOKED = "revoked"
    REFUSED = "refused"


class Seen(msgspec.Struct, frozen=True):
    """One object and what would become of it. `reason` is there for what would be refused."""

    change: Change
    type: str
    id: str
    version: str
    reason: str = ""


class PullPreview(msgspec.Struct, frozen=True):
    """One peer's next pull. `error` says why nothing of it would be kept; `known` objects are here already."""

    peer: str
    changes: tuple[Seen, ...] = ()
    known: int = 0
    pages: int = 0
    size: int = 0
    error: str | None = None


def preview_pull(
    peer: Peer, store: Store, client: Client, clock: Clock, credential: str | None
) -> PullPreview:
    """Fetch and examine as `pull` does, and say what it would have kept. Raises NotAllowed without trust."""
    require_trust(peer, micros(clock()))
    objects: list[bytes] = []
    count = size = 0
    try:
        with client.line(peer, credential) as line:
            for page in pages(peer, line):
                objects += page.objects
                count, size = count + 1, size + page.size
        kept = store.records.latest(ids_of(peer, objects))
    except PeerFault as fault:
        return PullPreview(peer=peer.name, error=fault.message)
    now = micros(clock())
    changes, known, error = judge(peer, objects, kept, now=now, keys=KnownKeys(store, now))
    return PullPreview(peer=peer.name, changes=changes, known=known, pages=count, size=size, error=error)


def judge(
    peer: Peer,
    objects: Sequence[bytes],
    kept: Mapping[str, Record],
    *,
    now: int,
    keys: KnownKeys | None = None,
) -> tuple[tuple[Seen, ...], int, str | None]:
    """What would change, how many are known already, and why none of it would be kept, if so. Pure.

    Each page of a pull is kept whole or not at all: where one is refused, each object is looked at by itself, so that
    every one that stands in the way is named.
    """
    try:
        examined = examine(peer, objects, kept, now=now, keys=keys)
    except PeerFault as fault:
        return _one_by_one(peer, objects, kept, now, keys), 0, fault.message
    latest = dict(kept)
    seen = []
    for record in (*examined.own, *examined.relayed):
        held = latest.get(record.id)
        found = _left_out(record, held) or _seen(record, held)
        if found is None or found.change is not Change.REFUSED:
            latest[record.id] = record
        if found is not None:
            seen.append(found)
    return tuple(seen), len(examined.own) + len(examined.relayed) - len(seen), None


def _left_out(record: Record, held: Record | None) -> Seen | None:
    """Why a record that the peer passes on would not be kept, if so; the rest of the page would be."""
    if held is None:
        return None
    if held.author != record.author:
        return _refusal(record, "another author wrote what is held")
    if held.version == record.version and held.root != record.root:
        return _refusal(record, "its author signed two contents of this version")
    return None


def _refusal(record: Record, reason: str) -> Seen:
    return Seen(Change.REFUSED, record.type, record.id, timestamp_micros(record.version), reason)


def _one_by_one(
    peer: Peer,
    objects: Sequence[bytes],
    kept: Mapping[str, Record],
    now: int,
    keys: KnownKeys | None,
) -> tuple[Seen, ...]:
    refused = []
    for data in objects:
        try:
            examine(peer, [data], kept, now=now, keys=keys)
        except PeerFault as fault:
            refused.append(_refused(data, fault.message))
    return tuple(refused)


class _Named(msgspec.Struct):
    id: str = ""


def _refused(data: bytes, reason: str) -> Seen:
    # What was refused is not believed: its id is shown only where it has the form of one.
    try:
        said = msgspec.json.decode(data, type=_Named).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        said = ""
    kind = type_of(said)
    return Seen(Change.REFUSED, kind or "?", said if kind else "?", "", reason)


def _seen(record: Record, kept: Record | None) -> Seen | None:
    """The change that a record is, None for what is here already."""
    if kept is not None and kept.version >= record.version:
        return None
    item = parse(record.stix)
    change = Change.NEW if kept is None else Change.VERSION
    if getattr(view(item), "revoked", False) is True:
        change = Change.REVOKED
    elif read(item, DismissalExtension) is not None:
        change = Change.DISMISSED
    return Seen(change, record.type, record.id, version_of(item))
