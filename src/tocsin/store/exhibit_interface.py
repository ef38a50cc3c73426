"""What a store promises of exhibits, custody and legal holds. A part of `interface`. Times in microseconds.

What an exhibit is comes and goes sealed: the store knows which case it belongs to, since when, and whether it is there.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from tocsin.kernel.custody import CustodyStep


class ExhibitRow(msgspec.Struct, frozen=True):
    """An exhibit as kept. `facts` is ciphertext, and empty once it was destroyed."""

    id: str
    case: str
    received: int
    quarantined: bool
    facts: bytes
    destroyed: int | None = None


class HoldRow(msgspec.Struct, frozen=True):
    """A legal hold as kept, of a whole case where `exhibit` is None. `reason` is ciphertext."""

    id: str
    case: str
    exhibit: str | None
    at: int
    by: str
    reason: bytes
    until: int | None = None
    released: int | None = None


class ExhibitStore(Protocol):
    """Exhibits and holds, none of which is ever deleted; steps of custody, which only grow."""

    def add(self, row: ExhibitRow) -> None:
        """Raises Conflict when there is one with this id."""
        ...

    def get(self, exhibit_id: str) -> ExhibitRow | None: ...
    def of(self, case: str) -> tuple[ExhibitRow, ...]:
        """All of a case, oldest first, destroyed ones too."""
        ...

    def quarantine(self, exhibit_id: str) -> bool:
        """For good; whether it was not before."""
        ...

    def destroy(self, exhibit_id: str, *, at: int) -> bool:
        """Take its facts away and mark it; False when it is held, destroyed already, or not there.

        Looks at holds and destroys in one transaction: no hold comes between.
        """
        ...

    def hand_on(self, exhibit_id: str, *, at: int) -> bool:
        """Take its facts away and mark it, for it lives on as another one with whatever held it; False when it is gone.

        The one way past a hold: whoever calls keeps the hold over the other one, in the same transaction.
        """
        ...

    def old(
        self, *, before: int, after: tuple[int, str] = (0, ""), limit: int = 1000
    ) -> tuple[ExhibitRow, ...]:
        """Not destroyed and received before a moment, oldest first, from behind (received, id) `after`."""
        ...

    def present(self) -> frozenset[str]:
        """Ids of all that are not destroyed: those that have bytes."""
        ...

    def extend(self, exhibit_id: str, make: Callable[[CustodyStep | None], CustodyStep]) -> CustodyStep:
        """Keep the step that `make` gives after the last one. One at a time. Raises NotFound."""
        ...

    def steps(self, exhibit_id: str) -> tuple[CustodyStep, ...]:
        """In their order."""
        ...

    def hold(self, row: HoldRow) -> None: ...
    def get_hold(self, hold_id: str) -> HoldRow | None: ...
    def release(self, hold_id: str, *, at: int) -> bool:
        """End a hold; False when it ended before."""
        ...

    def holds(self, case: str) -> tuple[HoldRow, ...]:
        """Of a case and of its exhibits, oldest first, with those that ended."""
        ...


class ExhibitStores(Protocol):
    """The facets of a store that this page names."""

    @property
    def exhibits(self) -> ExhibitStore: ...
