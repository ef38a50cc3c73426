"""Pull: what a trusted peer released to us, page by page, each page whole or not at all.

`pull_pages.pages` asks for page after page; `examine` decides over one and does no I/O; `pull` keeps it, and in the
same transaction how far we are. So a cut costs one page, and nothing is applied twice. A peer that answers wrongly is
named, nothing of that answer is kept, and it is asked again later and later.
"""

from collections.abc import Mapping, Sequence

import msgspec

from tocsin.ingest.foreign import foreign_record
from tocsin.ingest.known_keys import KnownKeys
from tocsin.ingest.pull_pages import Page, pages
from tocsin.kernel import (
    BadInput,
    Clock,
    Conflict,
    Equivocation,
    NotAllowed,
    Origin,
    Peer,
    PeerFault,
    PeerStatus,
    Record,
    micros,
)
from tocsin.net import Client
from tocsin.store.interface import Store
from tocsin.trust.views import merge
from tocsin.wire.stix import canonical, check, view
from tocsin.wire.stix.labels import well_known

BACKOFF_SECONDS = 30
MAX_BACKOFF_SECONDS = 6 * 3600
"""A peer that fails is asked again after 30 s, then twice as long each time, up to six hours."""

_SECOND = 1_000_000
_MAX_DOUBLINGS = 16
_ERROR_CHARS = 500


class PullOutcome(msgspec.Struct, frozen=True):
    """What one pull brought: records that are new here, pages and bytes that were read for them.

    `more`: the bound of one pull was reached before the end. `objects` counts what came, known or new.
    """

    records: tuple[Record, ...]
    pages: int
    size: int
    objects: int = 0
    more: bool = False
    left_out: tuple[Conflict, ...] = ()
    """Records of other authors that were not kept, each with the reason; an Equivocation among them is proof."""


class Examined(msgspec.Struct, frozen=True):
    """What a peer gave: its own records, taken all or none, and those of others that their authors signed."""

    own: tuple[Record, ...]
    relayed: tuple[Record, ...]


class PeerEquivocated(PeerFault):
    """A peer signed two contents of one version. Nothing of its answer was kept."""

    code = "peer-equivocated"

    def __init__(self, peer: str, equivocation: Equivocation) -> None:
        super().__init__(peer, equivocation.message)
        self.equivocation = equivocation


def pull(peer: Peer, store: Store, client: Client, clock: Clock, credential: str | None) -> PullOutcome:
    """Fetch, examine and keep what the peer released since the last page that was kept.

    1. The peer is trusted and its identity pinned, now and still when each page is in; otherwise NotAllowed.
    2. Page by page is fetched. 3. Every object is examined against what is kept. 4. The page's records are kept, and
    with them the cursor. 5. At the end the peer's row says how it went: complete, or the fault and when to try again.

    Raises PeerFault for whatever is wrong with an answer; the pages before it stay.
    """
    require_trust(peer, micros(clock()))  # 1
    new: list[Record] = []
    left_out: list[Conflict] = []
    count = objects = size = 0
    more = False
    try:
        with client.line(peer, credential) as line:
            for page in pages(peer, line):  # 2
                kept, passed_over = _take(peer, page, store, clock)  # 3, 4
                new += kept
                left_out += passed_over
                count, objects, size, more = (
                    count + 1,
                    objects + len(page.objects),
                    size + page.size,
                    page.more,
                )
        _require_progress(peer, store, new=bool(new), more=more)
    except PeerFault as fault:
        row = _newest(store, peer)
        if new:  # it was cut, not refused: what came is kept, and it is asked again soon
            row = msgspec.structs.replace(row, failures=0)
        _note(store, peer, failed(row, fault.message, micros(clock())))  # 5
        raise
    done = _newest(store, peer)
    _note(
        store,
        peer,
        msgspec.structs.replace(
            done,
            last_pull=done.last_pull if more else micros(clock()),
            behind=more,
            failures=0,
            retry_at=None,
            last_error=None,
        ),
    )
    return PullOutcome(
        records=tuple(new), pages=count, size=size, objects=objects, more=more, left_out=tuple(left_out)
    )


def _take(
    peer: Peer, page: Page, store: Store, clock: Clock
) -> tuple[tuple[Record, ...], tuple[Conflict, ...]]:
    """Keep one page and the place after it, in one transaction; the records that are new, and what was left out."""
    kept = store.records.latest(ids_of(peer, page.objects))
    now = micros(clock())
    examined = examine(peer, page.objects, kept, now=now, keys=KnownKeys(store, now))
    try:
        with store.together():
            row = _newest(store, peer)
            require_trust(row, micros(clock()))
            fresh = store.records.put(examined.own) if examined.own else ()
            passed_on, left_out = _keep_relayed(store, examined.relayed)
            place = page.resume if page.more else page.cursor
            _note(store, peer, msgspec.structs.replace(row, cursor=place, behind=page.more))
    except Conflict as error:
        raise PeerFault(peer.name, error.message) from error
    own = tuple(record for record, new in zip(examined.own, fresh, strict=True) if new is True)
    return (*own, *passed_on), left_out


def _require_progress(peer: Peer, store: Store, *, new: bool, more: bool) -> None:
    """A peer that fills a whole pull and brings us nowhere would have us ask for ever."""
    if more and not new and _newest(store, peer).cursor == peer.cursor:
        raise PeerFault(peer.name, "its pages do not end and hold nothing new")


def require_trust(peer: Peer, now: int) -> None:
    """Raises NotAllowed unless the peer is trusted at `now` (microseconds) and its identity pinned."""
    status = peer.status_at(now)
    if status is PeerStatus.EXPIRED:
        raise NotAllowed(
            f"trust in peer {peer.name} has ended: `tocsin peer renew {peer.name}` if it still holds"
        )
    if status is PeerStatus.REVOKED:
        raise NotAllowed(f"the key of peer {peer.name} was revoked: compare its new key with its operator")
    if status is not PeerStatus.TRUSTED or peer.identity is None:
        raise NotAllowed(f"peer {peer.name} is not trusted: compare its key with its operator first")


def failed(peer: Peer, message: str, now: int) -> Peer:
    """The peer's row after a fault: what it was, and when to try again. `now` in microseconds."""
    pause = min(BACKOFF_SECONDS << min(peer.failures, _MAX_DOUBLINGS), MAX_BACKOFF_SECONDS)
    return msgspec.structs.replace(
        peer, failures=peer.failures + 1, retry_at=now + pause * _SECOND, last_error=message[:_ERROR_CHARS]
    )


def examine(
    peer: Peer,
    objects: Sequence[bytes],
    kept: Mapping[str, Record],
    *,
    now: int,
    keys: KnownKeys | None = None,
) -> Examined:
    """The records that these objects are. Pure. Raises PeerFault at the first that may not be taken.

    1. It is sound STIX, and what its author signed where it is signed.
    2. It is the standard's or Tocsin's own (a TLP marking, an extension definition), byte for byte: passed over.
    3. Its author is the peer itself, by the identity that was pinned, or its author signed it.
    4. The peer's own does not come twice with different content under one version, unless as views of one root.
    5. What is kept under its id has the same author, is not newer, and is the same where the version is, or a
       view of the same root.

    4 and 5 are not asked of what the peer passes on: else any author, by saying two things, could part two others. The
    store decides on each (`_keep_relayed`).
    """
    records: dict[tuple[str, int, bytes], Record] = {}
    relayed: list[Record] = []
    first: dict[tuple[str, int], Record] = {}
    for index, data in enumerate(objects):
        record = _record(peer, data, index, now, keys)  # 1
        standard = well_known(record.id)  # 2
        if standard is not None:
            if canonical(standard) != record.stix:
                raise PeerFault(peer.name, f"it gave another content for {record.id}, which never changes")
            continue
        if record.author != peer.identity:  # 3
            if record.root is None:
                raise PeerFault(
                    peer.name,
                    f"it gave {record.id}, which is not its own to write and its author did not sign",
                )
            relayed.append(record)
            continue
        _same(peer, first.setdefault((record.id, record.version), record), record, "two contents")  # 4
        held = kept.get(record.id)
        if held is not None and held.version > record.version and held.peer != peer.name:
            continue  # another passed on its newer version before it came itself
        _compare(peer, record, held)  # 5
        records[record.id, record.version, record.stix] = record
    return Examined(own=tuple(records.values()), relayed=tuple(relayed))


def _record(peer: Peer, data: bytes, index: int, now: int, keys: KnownKeys | None) -> Record:
    checked = check(data, index)
    if checked.item is None or checked.problems:
        raise PeerFault(peer.name, f"it gave an object that is not sound: {checked.problems[0]}")
    try:
        return foreign_record(
            checked.item, origin=Origin.PEER, peer=peer.name, received=now, data=data, keys=keys
        )
    except BadInput as error:
        named = view(checked.item).id
        raise PeerFault(peer.name, f"it gave an object that {error.message} ({named})") from error


def _compare(peer: Peer, record: Record, kept: Record | None) -> None:
    if kept is None:
        return
    if kept.author != record.author:
        raise PeerFault(peer.name, f"it gave {record.id}, which another author wrote")
    if kept.version > record.version:
        raise PeerFault(peer.name, f"it gave an older version of {record.id} than it gave before")
    if kept.version == record.version:
        _same(peer, kept, record, "another content for a version that we hold")


def _same(peer: Peer, kept: Record, record: Record, what: str) -> None:
    """Raise PeerFault unless two records of one version are the same, or views of one root."""
    if kept.stix == record.stix:
        return
    if kept.root is None or record.root is None:
        raise PeerFault(peer.name, f"it gave {what} for one version of {record.id}")
    try:
        joined = merge(msgspec.json.decode(kept.stix), msgspec.json.decode(record.stix))
    except BadInput as error:
        raise PeerFault(peer.name, f"it gave {what} for {record.id}: {error.message}") from error
    if not isinstance(joined, dict):
        raise PeerEquivocated(peer.name, Equivocation(record.id, joined.detail()))


def ids_of(peer: Peer, objects: Sequence[bytes]) -> set[str]:
    """The ids of these objects; they are not believed here, only looked up."""
    try:
        return {msgspec.json.decode(data, type=_Id).id for data in objects}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PeerFault(peer.name, "it gave an object without an id") from error


class _Id(msgspec.Struct):
    id: str


def _keep_relayed(
    store: Store, records: tuple[Record, ...]
) -> tuple[tuple[Record, ...], tuple[Conflict, ...]]:
    """Those of others that are new here, and why some are left out; an older version than ours is passed over."""
    if not records:
        return (), ()
    held = store.records.latest({record.id for record in records})
    wanted = [record for record in records if not _is_older(record, held.get(record.id))]
    outcomes = store.records.offer(wanted) if wanted else ()
    new = tuple(record for record, outcome in zip(wanted, outcomes, strict=True) if outcome is True)
    return new, tuple(outcome for outcome in outcomes if isinstance(outcome, Conflict))


def _is_older(record: Record, held: Record | None) -> bool:
    return held is not None and held.version > record.version


def _newest(store: Store, peer: Peer) -> Peer:
    """The row as it is now: an operator may have changed it while we waited for answers."""
    return store.peers.get(peer.name) or peer


def _note(store: Store, peer: Peer, row: Peer) -> None:
    if store.peers.get(peer.name) is not None:
        store.peers.replace(row)
