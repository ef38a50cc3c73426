"""What a store promises of what peers read and post over TAXII. A part of `interface`."""

from collections.abc import Collection, Sequence
from typing import Protocol

from tocsin.kernel import TLP, Manifest, Release
from tocsin.store.pages import ReleaseFilter, TaxiiPage, TaxiiStatus


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

        `added` is raised where needed, so that it strictly increases in each view. What was withdrawn stays so.
        Raises NotFound for a manifest that was not logged for this peer: nothing leaves unwritten.
        """
        ...

    def page(self, peer: str | None, wanted: ReleaseFilter, *, ceiling: TLP | None = None) -> TaxiiPage:
        """Rows for one peer, by `added`; None (this node's own people) sees each (id, version) once.

        With a `ceiling` nothing above it is in the view that is asked, so nothing of it can show. Without one a
        peer's view is asked as it stands.
        """
        ...

    def withdraw(self, record_id: str, versions: tuple[str | int, ...] | None) -> int:
        """Stop serving an object to anybody, and never serve these versions again; returns how many rows.

        `versions` as in ReleaseFilter. Manifests and what was fetched stay as they were written.
        """
        ...

    def withdrawn(self, peer: str) -> frozenset[tuple[str, int]]:
        """(id, version) of what was released to a peer and withdrawn."""
        ...

    def held(self, ids: Collection[str]) -> tuple[Release, ...]:
        """Every version of these objects that any peer was released, by seq."""
        ...

    def waiting(self, peer: str, *, added_after: int | None, most: int) -> int:
        """How many objects (in their latest version) a peer has not fetched after a moment, counted up to `most`."""
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

    def page(self, owner: str | None, wanted: ReleaseFilter, *, ceiling: TLP | None = None) -> TaxiiPage:
        """As `ReleaseStore.page`."""
        ...

    def delete(self, record_id: str, versions: tuple[str | int, ...] | None, *, owner: str | None) -> int:
        """Delete what `owner` posted, None: what anybody posted; returns how many rows. Another's stays."""
        ...

    def status(self, status_id: str, owner: str | None) -> TaxiiStatus | None: ...
