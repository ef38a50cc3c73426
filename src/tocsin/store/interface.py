"""What a store promises. Two backends keep it (SQLite, PostgreSQL); tests/contracts runs one suite over both.

Every method is atomic and durable when it returns. Times are microseconds since 1970. Methods raise
`Unavailable` when the disk is full or the database is away, and never lose what they returned for.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from tocsin.kernel import (
    Approval,
    Conflict,
    Event,
    Origin,
    Peer,
    Record,
    Review,
    Signal,
    Warning,
    WarningKind,
    WarningStatus,
)
from tocsin.kernel.acts import Act
from tocsin.store.accountable_interface import AccountableStores
from tocsin.store.admission_interface import AdmissionStores
from tocsin.store.applicant_interface import ApplicantStores
from tocsin.store.artefact_interface import ArtefactStores
from tocsin.store.care_interface import CareStores
from tocsin.store.case_interface import CaseStores
from tocsin.store.case_key_interface import CaseKeyStores
from tocsin.store.count_interface import CountStores
from tocsin.store.distinct_interface import DistinctStores
from tocsin.store.evaluation_interface import EvaluationStores
from tocsin.store.event_look_ups import EventLookUps
from tocsin.store.exhibit_interface import ExhibitStores
from tocsin.store.finding import SearchStore
from tocsin.store.incident_interface import IncidentStores
from tocsin.store.interface_conversations import ConversationStore
from tocsin.store.interface_people import CredentialStore, PeopleStore
from tocsin.store.joint_case_interface import JointCaseStores
from tocsin.store.label_interface import LabelStores
from tocsin.store.links_interface import LinkStore
from tocsin.store.log_interface import LogStores
from tocsin.store.match_interface import MatchStores
from tocsin.store.pages import ReleaseFilter as ReleaseFilter
from tocsin.store.pages import TaxiiPage as TaxiiPage
from tocsin.store.pages import TaxiiStatus as TaxiiStatus
from tocsin.store.patrol_interface import PatrolStores
from tocsin.store.peer_interface import GroupStore, KeyStore, RecallStore
from tocsin.store.precedent_interface import PrecedentStore
from tocsin.store.public_report_interface import PublicReportStores
from tocsin.store.recognition_interface import RecognitionStores
from tocsin.store.release_interface import ReleaseDecisionStores
from tocsin.store.request_interface import RequestStores
from tocsin.store.rule_interface import RuleStore
from tocsin.store.sealed_interface import Eraser, ErasureStore, GoneStore
from tocsin.store.sum_interface import SumStores
from tocsin.store.taxii_interface import InboxStore, ReleaseStore
from tocsin.store.trend_interface import TrendStore
from tocsin.store.watch_interface import WatchStores

if TYPE_CHECKING:
    import pyarrow as pa


class JournalRow(msgspec.Struct, frozen=True, gc=False):
    """One event with what screening said of it, ready to be kept.

    `sealed` is ciphertext of text, raw actor, raw observables, attributes; `fingerprint` ciphertext or None.
    """

    event: Event
    signals: tuple[Signal, ...]
    sealed: bytes
    fingerprint: bytes | None
    act: Act | None = None
    """What it does to somebody, where it belongs to a conversation; kept apart (`conversations`)."""


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


class EventStore(EventLookUps, Eraser, Protocol):
    """Events: a journal that is the acknowledgement, and immutable Parquet behind a catalogue."""

    def append(self, rows: Sequence[JournalRow]) -> Appended:
        """Keep the rows whose event id is new, in order, fsynced when this returns; count the others."""
        ...

    def known(self, ids: Collection[str]) -> frozenset[str]:
        """Those of `ids` that are kept already."""
        ...

    def batches(
        self, *, after: int = 0, since: int | None = None, until: int | None = None
    ) -> "Iterator[pa.RecordBatch]":
        """Events with seq > after and since <= time < until, by seq, in EVENT_SCHEMA.

        Each event once, of those kept when the reading begins, whatever is compacted meanwhile. Who has read
        up to a seq has missed nothing: a smaller one never appears later.
        """
        ...

    def fingerprints(self, *, after: int = 0) -> "Iterator[pa.RecordBatch]":
        """SEALED_SCHEMA without `sealed`, for rows with a fingerprint and seq > after, by seq."""
        ...

    def sealed(self, ids: Collection[str]) -> dict[str, tuple[str, bytes]]:
        """Event id → (seal day, ciphertext), for those that still exist."""
        ...

    def facts(self, ids: Collection[str]) -> dict[str, Event]:
        """Event id → event, for those that are kept."""
        ...

    def times(self, sessions: Collection[str], *, since: int) -> dict[str, tuple[int, ...]]:
        """Session → when each of its events was, since a moment, ascending: nothing else of them."""
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


class AuditStore(Protocol):
    def write(self, row: AuditRow) -> None: ...
    def read(
        self, *, who: str | None = None, act: str | None = None, since: int = 0, limit: int = 1000
    ) -> tuple[AuditRow, ...]:
        """Newest first, of those written at `since` or after."""
        ...


class WarningStore(Protocol):
    def upsert(self, warning: Warning) -> bool:
        """Insert or update by id; True when new. What a person said or arranged (`kernel.handling`) is kept."""
        ...

    def get(self, warning_id: str) -> Warning | None: ...

    def list(
        self, *, status: WarningStatus | None = None, kind: WarningKind | None = None, limit: int = 1000
    ) -> tuple[Warning, ...]:
        """Newest `last_seen` first."""
        ...

    def forget_signatures(self, *, before: int) -> int:
        """Take the fingerprint off warnings last seen before a moment that nobody reviewed; returns how many.

        It was made from texts and dies with them. What a person confirmed or dismissed is a record of this node's.
        """
        ...

    def review(self, review: Review) -> Warning:
        """Keep the review and set the warning's status, in one transaction. Raises NotFound."""
        ...

    def reviews(self, warning_id: str) -> tuple[Review, ...]: ...
    def stand(self, warning_id: str, status: WarningStatus) -> Warning:
        """Set the status as a person arranged it. Raises NotFound."""
        ...


class RecordStore(Protocol):
    def put(self, records: Sequence[Record]) -> tuple[bool, ...]:
        """Keep each (id, version) once; True where something was new. All, or none on Conflict.

        Views under one signed root are one version: they are joined, and what grew is `added` anew. Raises Conflict
        when an id exists with another author, or the same version with other bytes; Equivocation when its author
        signed another root. `added` is raised where needed, so that it strictly increases: who asks for what came
        `after` misses nothing.
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

    def digests(self, record_id: str) -> dict[int, bytes]:
        """Version → SHA-256 of its bytes, for every version that is kept."""
        ...

    def latest(self, ids: Collection[str]) -> dict[str, Record]:
        """Id → latest version, for those that are kept: one question whatever the number."""
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


class Store(
    WatchStores,
    ArtefactStores,
    EvaluationStores,
    IncidentStores,
    RecognitionStores,
    ReleaseDecisionStores,
    JointCaseStores,
    AccountableStores,
    MatchStores,
    PatrolStores,
    LogStores,
    CaseKeyStores,
    RequestStores,
    CaseStores,
    ExhibitStores,
    PublicReportStores,
    CareStores,
    CountStores,
    DistinctStores,
    SumStores,
    LabelStores,
    AdmissionStores,
    ApplicantStores,
    Protocol,
):
    """One node's memory."""

    @property
    def events(self) -> EventStore: ...
    @property
    def conversations(self) -> ConversationStore: ...
    @property
    def links(self) -> LinkStore: ...
    @property
    def people(self) -> PeopleStore: ...
    @property
    def credentials(self) -> CredentialStore: ...
    @property
    def audit(self) -> AuditStore: ...
    @property
    def warnings(self) -> WarningStore: ...
    @property
    def records(self) -> RecordStore: ...
    @property
    def search(self) -> SearchStore: ...
    @property
    def releases(self) -> ReleaseStore: ...
    @property
    def inbox(self) -> InboxStore: ...
    @property
    def peers(self) -> PeerStore: ...
    @property
    def groups(self) -> GroupStore: ...
    @property
    def keys(self) -> KeyStore: ...
    @property
    def recalls(self) -> RecallStore: ...
    @property
    def approvals(self) -> ApprovalStore: ...
    @property
    def gone(self) -> GoneStore: ...
    @property
    def erasures(self) -> ErasureStore: ...
    @property
    def rules(self) -> RuleStore: ...
    @property
    def jobs(self) -> JobStore: ...
    @property
    def trends(self) -> TrendStore: ...
    @property
    def precedents(self) -> PrecedentStore: ...

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
