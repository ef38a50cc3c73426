"""What a store promises of peers besides their rows: groups, the history of keys. A part of `interface`."""

from collections.abc import Sequence
from typing import Protocol

from tocsin.kernel import Group, KeyStatement, Recall, Receipt


class GroupStore(Protocol):
    def add(self, group: Group) -> None:
        """Raises Conflict when the name is taken."""
        ...

    def get(self, name: str) -> Group | None: ...
    def list(self) -> tuple[Group, ...]: ...
    def replace(self, group: Group) -> None:
        """Raises NotFound."""
        ...


class KeyStore(Protocol):
    """Statements of keys, kept for ever: a history that forks is evidence."""

    def add(self, statement: KeyStatement, digest: str, *, received: int) -> None:
        """Keep a statement under its digest; one that is kept is passed over."""
        ...

    def statements(self, identity: str) -> tuple[KeyStatement, ...]:
        """All of an identity by seq, the one received first before its rival."""
        ...


class RecallStore(Protocol):
    """What this node took back, with the receipts for it; and the receipts that it owes to others."""

    def add(self, wanted: Sequence[Recall]) -> None:
        """Keep recalls; one of the same record and peer is replaced."""
        ...

    def get(self, record: str, peer: str) -> Recall | None: ...
    def list(self, *, limit: int = 1000) -> tuple[Recall, ...]:
        """Newest first, one for each peer that had the record."""
        ...

    def withdrawn(self, peer: str) -> frozenset[str]:
        """Records that go to this peer no more: taken back from it, or from everybody."""
        ...

    def confirm(self, receipt: Receipt, peer: str) -> Recall:
        """Keep the first receipt for a recall; a later one changes nothing. Raises NotFound."""
        ...

    def owe(self, receipt: Receipt, peer: str) -> None:
        """Keep what is to be said to a peer; once for each record and version."""
        ...

    def owed(self, peer: str, *, limit: int = 1000) -> tuple[Receipt, ...]: ...
    def sent(self, receipt: Receipt, peer: str, *, at: int) -> None: ...
