"""What a store promises. Two backends keep it (SQLite, PostgreSQL); tests/contracts runs one suite over both.

Every method is atomic and durable when it returns. Times are microseconds since 1970. Methods raise
`Unavailable` when the disk is full or the database is away, and never lose what they returned for.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import msgspec
import pyarrow as pa

from tocsin.kernel import (
    Approval,
    Conflict,
    Event,
    Manifest,
    Origin,
    Peer,
    Record,
    Release,
    Review,
    Signal,
    Token,
    User,
    Warning,
    WarningKind,
    WarningStatus,
)

_Columns = list[tuple[str, pa.DataType]]

OBSERVABLE_TYPE = pa.struct([("type", pa.string()), ("value", pa.string())])
SIGNAL_TYPE = pa.struct(
    [
        ("detector", pa.string()),
        ("version", pa.string()),
        ("category", pa.string()),
        ("strength", pa.float32()),
        ("evidence", pa.string()),
    ]
)
_EVENT_COLUMNS: _Columns = [
    ("seq", pa.int64()),
    ("id", pa.string()),
    ("time", pa.int64()),
    ("received", pa.int64()),
    ("source", pa.string()),
    ("kind", pa.string()),
    ("actor", pa.string()),
    ("seal_day", pa.string()),
    ("session", pa.string()),
    ("model", pa.string()),
    ("lang", pa.string()),
    ("tool", pa.string()),
    ("actor_created", pa.int64()),
    ("observables", pa.list_(OBSERVABLE_TYPE)),
    ("signals", pa.list_(SIGNAL_TYPE)),
]
EVENT_SCHEMA = pa.schema(_EVENT_COLUMNS)
"""Events without text, as the journal and the Parquet files both give them."""

_SEALED_COLUMNS: _Columns = [
    ("seq", pa.int64()),
    ("id", pa.string()),
    ("seal_day", pa.string()),
    ("sealed", pa.binary()),
    ("fingerprint", pa.binary()),
]
SEALED_SCHEMA = pa.schema(_SEALED_COLUMNS)
"""Sealed text and sealed fingerprints, kept apart so that they can be dropped by day."""


class JournalRow(msgspec.Struct, frozen=True):
    """One event with what screening said of it, ready to be kept.

    `sealed` is ciphertext of text, raw actor, raw observables, attributes; `fingerprint` ciphertext or None.
    """

    event: Event
    signals: tuple[Signal, ...]
    sealed: bytes
    fingerprint: bytes | None


class Appended(msgspec.Struct, frozen=True):
    accepted: int
    duplicates: int


class AuditRow(msgspec.Struct, frozen=True):
    """One act of one person or peer. `outcome` is `done` or `refused`; never holds a secret or raw text."""

    at: int
    who: str
    act: str
    subject: str
    purpose: str
    outcome: str
    detail: Mapping[str, str | int | float] = {}
    seq: int = 0


class Session(msgspec.Struct, frozen=True):
    """A console log-in. `digest` is SHA-256 of the cookie's secret; `csrf` is bound to it."""

    digest: bytes
    user: str
    csrf: str
    created: int
    expires: int


class TaxiiPage(msgspec.Struct, frozen=True):
    """`more` says whether rows follow `rows[-1]`; the next page is asked with that row's seq."""

    rows: tuple[Release, ...]
    more: bool


class ReleaseFilter(msgspec.Struct, frozen=True):
    """TAXII 2.1 filters. `added_after` is exclusive, in microseconds; `after_seq` continues a page.

    `versions`: None means the latest version of each object (the standard's default); otherwise a set of
    `first`, `last`, `all` or exact version timestamps in microseconds.
    """

    added_after: int | None = None
    after_seq: int = 0
    limit: int = 1000
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str | int, ...] | None = None
    spec_versions: tuple[str, ...] = ()


class TaxiiStatus(msgspec.Struct, frozen=True):
    """Outcome of one POST of objects, as the TAXII status resource shows it."""

    id: str
    owner: str
    requested_at: int
    successes: tuple[tuple[str, str], ...]
    """Pairs of (object id, version timestamp)."""
    failures: tuple[tuple[str, str, str], ...]
    """Triples of (object id, version timestamp, message)."""


class EventStore(Protocol):
    """Events: a journal that is the acknowledgement, and immutable Parquet behind a catalogue."""

    def append(self, rows: Sequence[JournalRow]) -> Appended:
        """Keep the rows whose event id is new, in order, fsynced when this returns; count the others."""
        ...

    def known(self, ids: Collection[str]) -> frozenset[str]:
        """Those of `ids` that are kept already."""
        ...

    def batches(
        self, *, after: int = 0, since: int | None = None, until: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Events with seq > after and since <= time < until, by seq, in EVENT_SCHEMA.

        Each event once, of those kept when the reading begins, whatever is compacted meanwhile. Who has read
        up to a seq has missed nothing: a smaller one never appears later.
        """
        ...

    def fingerprints(self, *, after: int = 0) -> Iterator[pa.RecordBatch]:
        """SEALED_SCHEMA without `sealed`, for rows with a fingerprint and seq > after, by seq."""
        ...

    def sealed(self, ids: Collection[str]) -> dict[str, tuple[str, bytes]]:
        """Event id → (seal day, ciphertext), for those that still exist."""
        ...

    def facts(self, ids: Collection[str]) -> dict[str, Event]:
        """Event id → event, for those that are kept."""
        ...

    def count(self) -> int: ...

    def newest(self) -> int:
        """The highest seq kept; 0 when empty."""
        ...

    def pending(self) -> int:
        """Rows in the journal that no Parquet file holds yet."""
        ...

    def compact(self, *, keep_rows: int = 0) -> int:
        """Move journal rows into Parquet files, all but the newest `keep_rows`; returns rows moved.

        Safe against kill -9 at any point and beside readers: files are written and fsynced first, then one
        transaction adds them to the catalogue and deletes the journal rows. Merges small files. Returns 0 at
        once when another compactor is at work.
        """
        ...

    def expire(self, *, events_before: int, sealed_days_before: str) -> int:
        """Delete events received before a moment, and sealed parts of days before YYYY-MM-DD.

        An event takes its sealed part with it, and its id is forgotten. Waits for a compactor at work.
        Returns events and sealed parts deleted, added together.
        """
        ...


class PeopleStore(Protocol):
    def add_user(self, user: User) -> None:
        """Raises Conflict when the name is taken."""
        ...

    def user(self, name_or_id: str) -> User | None: ...
    def users(self) -> tuple[User, ...]: ...
    def replace_user(self, user: User) -> None: ...
    def add_token(self, token: Token) -> None: ...
    def token(self, token_id: str) -> Token | None: ...
    def tokens(self, user_id: str | None = None) -> tuple[Token, ...]: ...
    def revoke_token(self, token_id: str, at: int) -> bool: ...
    def open_session(self, session: Session) -> None: ...
    def session(self, digest: bytes) -> Session | None: ...
    def close_session(self, digest: bytes) -> None: ...


class AuditStore(Protocol):
    def write(self, row: AuditRow) -> None: ...
    def read(
        self, *, who: str | None = None, act: str | None = None, limit: int = 1000
    ) -> tuple[AuditRow, ...]:
        """Newest first."""
        ...


class WarningStore(Protocol):
    def upsert(self, warning: Warning) -> bool:
        """Insert or update by id; True when new. A reviewed status (confirmed, dismissed) is kept as it is."""
        ...

    def get(self, warning_id: str) -> Warning | None: ...

    def list(
        self, *, status: WarningStatus | None = None, kind: WarningKind | None = None, limit: int = 1000
    ) -> tuple[Warning, ...]:
        """Newest `last_seen` first."""
        ...

    def review(self, review: Review) -> Warning:
        """Keep the review and set the warning's status, in one transaction. Raises NotFound."""
        ...

    def reviews(self, warning_id: str) -> tuple[Review, ...]: ...


class RecordStore(Protocol):
    def put(self, records: Sequence[Record]) -> tuple[bool, ...]:
        """Keep each (id, version) once; True where it was new. All, or none on Conflict.

        Raises Conflict when an id exists with another author, or the same version with other bytes. `added` is
        raised where needed, so that it strictly increases: who asks for what came `after` misses nothing.
        """
        ...

    def offer(self, records: Sequence[Record]) -> tuple[bool | Conflict, ...]:
        """Like `put`, but each for itself: the Conflict in place of those that cannot be kept.

        One transaction whatever the number: a poster of one bad object among thousands costs no more.
        """
        ...

    def get(self, record_id: str, version: int | None = None) -> Record | None:
        """The given or the latest version."""
        ...

    def list(
        self,
        *,
        types: Collection[str] = (),
        origin: Origin | None = None,
        warning: str | None = None,
        peer: str | None = None,
        after: int = 0,
        limit: int = 10_000,
    ) -> tuple[Record, ...]:
        """Latest version of each, oldest `added` first, `added` > after."""
        ...


class ReleaseStore(Protocol):
    """What the gate let out. TAXII reads of peers are served from here and from nowhere else."""

    def log_manifest(self, manifest: Manifest, *, by: str, at: int) -> None:
        """Keep the manifest before anything is released under it. Idempotent by digest and peer."""
        ...

    def manifests(
        self, *, peer: str | None = None, limit: int = 1000
    ) -> tuple[tuple[int, str, Manifest], ...]:
        """(at, by, manifest), newest first."""
        ...

    def release(self, releases: Sequence[Release]) -> int:
        """Add rows; one that the peer already has (same id and version) is passed over. Returns how many.

        `seq` is assigned, and `added` raised where needed, so that both strictly increase together.
        Raises NotFound for a manifest that was not logged for this peer: nothing leaves unwritten.
        """
        ...

    def page(self, peer: str | None, wanted: ReleaseFilter) -> TaxiiPage:
        """Rows for one peer, by seq; None (this node's own operator) sees each (id, version) once."""
        ...

    def note_fetch(self, peer: str, *, objects: int, size: int, at: int) -> None:
        """Count what a peer fetched: objects and bytes."""
        ...

    def fetched(self) -> dict[str, tuple[int, int]]:
        """Peer → (objects, bytes) fetched so far."""
        ...


class InboxStore(Protocol):
    """What callers posted over TAXII, before and beside being records."""

    def post(self, owner: str | None, rows: Sequence[Release], status: TaxiiStatus) -> None:
        """Keep what `owner` posted, and the status of the post; None is this node's own people."""
        ...

    def page(self, owner: str | None, wanted: ReleaseFilter) -> TaxiiPage:
        """As `ReleaseStore.page`."""
        ...

    def status(self, status_id: str, owner: str | None) -> TaxiiStatus | None: ...


class PeerStore(Protocol):
    def add(self, peer: Peer) -> None:
        """Raises Conflict when the name is taken."""
        ...

    def get(self, name: str) -> Peer | None: ...
    def list(self) -> tuple[Peer, ...]: ...
    def replace(self, peer: Peer) -> None: ...


class ApprovalStore(Protocol):
    def add(self, approval: Approval) -> None:
        """Keep it; a person's newer approval of the same digest takes the place of the older."""
        ...

    def of(self, digest: str) -> tuple[Approval, ...]:
        """Every person's approval of a manifest, oldest first."""
        ...


class JobStore(Protocol):
    def lease(self, name: str, holder: str, *, now: int, ttl: int) -> bool:
        """Take or renew a named lease for `ttl` microseconds; False while another holds it."""
        ...

    def release_lease(self, name: str, holder: str) -> None: ...
    def cursor(self, name: str) -> str | None: ...
    def set_cursor(self, name: str, value: str) -> None: ...


class Store(Protocol):
    """One node's memory."""

    @property
    def events(self) -> EventStore: ...
    @property
    def people(self) -> PeopleStore: ...
    @property
    def audit(self) -> AuditStore: ...
    @property
    def warnings(self) -> WarningStore: ...
    @property
    def records(self) -> RecordStore: ...
    @property
    def releases(self) -> ReleaseStore: ...
    @property
    def inbox(self) -> InboxStore: ...
    @property
    def peers(self) -> PeerStore: ...
    @property
    def approvals(self) -> ApprovalStore: ...
    @property
    def jobs(self) -> JobStore: ...

    def together(self) -> AbstractContextManager[None]:
        """Make what this thread reads and writes inside the block one transaction: all of it is kept, or none."""
        ...

    def migrate(self) -> None:
        """Bring the database to the newest schema; safe to call on every start."""
        ...

    def ready(self) -> str | None:
        """None when reads and writes work; otherwise what is wrong, in a sentence without secrets."""
        ...

    def snapshot(self, target: Path) -> None:
        """Write a consistent copy of everything in the store into an empty folder `target`."""
        ...

    def close(self) -> None: ...
