"""What a store promises of access: grants, capabilities, looks of people in the loop, answers. A part of `interface`.

Whatever writes here, and whatever changes a subject, raises the revision (`touch`) in the same transaction.
"""

from collections.abc import Sequence
from typing import Protocol

from tocsin.kernel.admission import (
    AccessMarks,
    AnswerTally,
    Capability,
    ControlLook,
    DecisionCount,
    Grant,
)

MAX_DECISIONS_A_DAY = 100_000
"""Rows of one day; what comes beyond is counted by its answer alone."""


class AdmissionStore(Protocol):
    def marks(self) -> AccessMarks:
        """What every answer rests on: read often, so cheap."""
        ...

    def touch(self) -> None:
        """Say that something changed on which answers rest."""
        ...

    def put_grant(self, grant: Grant, *, was: Grant | None) -> None:
        """Keep a grant, or its revocation. Raises Conflict when it is no longer `was`."""
        ...

    def grant(self, grant_id: str) -> Grant | None: ...
    def grants(self, *, subject: str = "", artefact: str = "", limit: int = 200) -> tuple[Grant, ...]:
        """Newest first, those that ended too."""
        ...

    def put_capability(self, capability: Capability) -> None:
        """Keep it; a newer one of its name takes its place."""
        ...

    def capability(self, artefact: str, name: str) -> Capability | None: ...
    def capabilities(self, artefact: str = "") -> tuple[Capability, ...]:
        """By artefact and name."""
        ...

    def put_look(self, look: ControlLook, *, was: ControlLook | None) -> None:
        """Keep it as it is now. Raises Conflict when it is no longer `was`."""
        ...

    def look(self, look_id: str) -> ControlLook | None: ...
    def looks(self, *, since: int, limit: int = 200) -> tuple[ControlLook, ...]:
        """Asked for at or after a moment, newest first, whatever became of them."""
        ...

    def count(self, rows: Sequence[DecisionCount]) -> None:
        """Add to what was counted on these days; beyond MAX_DECISIONS_A_DAY under the answer alone."""
        ...

    def counted(self, *, digest: str = "", artefact: str = "", limit: int = 200) -> tuple[DecisionCount, ...]:
        """Newest first."""
        ...

    def tallied(self, *, since: int, limit: int = 200) -> tuple[AnswerTally, ...]:
        """Answers last given at or after a moment, added up over whoever got them; the most frequent first."""
        ...

    def expire(self, *, before: int) -> int:
        """Delete answers last given, and looks asked for, before a moment. Returns how many."""
        ...


class AdmissionStores(Protocol):
    """What of one node's memory is about who may use what."""

    @property
    def admission(self) -> AdmissionStore: ...
