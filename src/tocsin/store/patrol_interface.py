"""What a store promises of submissions and the looks at them. A part of `interface`."""

from collections.abc import Iterable
from typing import Protocol

from tocsin.kernel.patrol import PatrolCheck, PatrolDraw, Submission


class PatrolStore(Protocol):
    """Submissions with every look, newest first, and draws."""

    def keep(self, check: PatrolCheck) -> None:
        """A look; the first makes the submission. Raises Conflict when another has its number."""
        ...

    def get(self, submission: str) -> Submission | None: ...

    def checks(self, submission: str) -> tuple[PatrolCheck, ...]:
        """Every look at it, the first first."""
        ...

    def page(self, *, after: tuple[int, str] | None = None, limit: int = 100) -> tuple[Submission, ...]:
        """The newest first, behind the one of this moment and id."""
        ...

    def count(self) -> int: ...

    def ids(self, *, before: int) -> tuple[str, ...]:
        """Every submission that came before a moment."""
        ...

    def draw(self, draws: Iterable[PatrolDraw]) -> int:
        """Keep draws; how many were not kept before."""
        ...

    def waiting(self, *, limit: int = 1_000) -> tuple[PatrolDraw, ...]:
        """Draws that nobody looked at, the oldest first."""
        ...

    def checked(self, submission: str, at: int) -> int:
        """Note that a drawn submission was looked at; how many draws that answers."""
        ...

    def expire(self, *, before: int) -> int:
        """Delete submissions that nobody looked at since; how many."""
        ...


class PatrolStores(Protocol):
    """The facet of a store that this page names."""

    @property
    def patrol(self) -> PatrolStore: ...
