"""What a store promises of release decisions and exemptions. A part of `interface`.

What was decided is never changed or removed; what becomes of it (approvals, state, statement) is put beside it.
"""

from typing import Protocol

from tocsin.kernel.release import Exemption, ReleaseDecision, ReleaseState, Told

MAX_DECISION_BYTES = 8 << 20
"""One decision with what was brought: some thousands of lines."""


class ReleaseDecisionStore(Protocol):
    """Decisions by id."""

    def add(self, decision: ReleaseDecision, told: Told) -> bool:
        """Keep it; False when one of this id is kept already, which stays as it is. Raises TooLarge."""
        ...

    def get(self, decision_id: str) -> ReleaseDecision | None: ...
    def told(self, decision_id: str) -> Told | None:
        """What the proposer brought."""
        ...

    def move(self, decision: ReleaseDecision, *, was: ReleaseDecision) -> None:
        """Approvals, state, statement and reason as they are now. Raises Conflict when it is no longer `was`."""
        ...

    def listed(
        self,
        *,
        artefact: str | None = None,
        state: ReleaseState | None = None,
        after: int = 0,
        limit: int = 100,
        newest: bool = True,
    ) -> tuple[tuple[int, ReleaseDecision], ...]:
        """(place in the order of arrival, decision), newest first; oldest first, from `after` on, otherwise."""
        ...


class ExemptionStore(Protocol):
    """Rules set aside, by id."""

    def put(self, exemption: Exemption, *, was: Exemption | None) -> None:
        """Keep a new one (`was` None), or in place of what it was. Raises Conflict when it is another by now."""
        ...

    def get(self, exemption_id: str) -> Exemption | None: ...
    def of(self, artefact: str) -> tuple[Exemption, ...]:
        """Newest first, those that ended too."""
        ...

    def listed(self, *, limit: int = 100) -> tuple[Exemption, ...]:
        """Newest first."""
        ...


class ReleaseDecisionStores(Protocol):
    """The facets of a store that this page names."""

    @property
    def release_decisions(self) -> ReleaseDecisionStore: ...
    @property
    def exemptions(self) -> ExemptionStore: ...
