"""What a store promises of artefacts: inspections, followed models, intelligence, notices. A part of `interface`.

Nothing that was accepted is lost: an inspection is added to a history and never replaced. Times in microseconds.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from tocsin.kernel.artefacts import ArtefactVerdict, Inspection
from tocsin.kernel.models import (
    ArtefactNotice,
    BearingRules,
    FollowedModel,
    InspectionLine,
    Intelligence,
    IntelligenceKind,
    KeptInspection,
    MeasuredDescent,
    Reopening,
)

MAX_INSPECTION_BYTES = 64 << 20
"""One inspection as kept: about 250,000 files; a larger tree is inspected by its folders."""


class InspectionStore(Protocol):
    """Inspections by what they looked at."""

    def keep(self, inspection: Inspection, *, source: str = "", keys: Collection[str] = ()) -> InspectionLine:
        """Add it to the history of its artefact; the same again (same moment, same place) is the one kept already.

        `keys` are what it claims ("package:pypi/torch", "model:gpt-neo-125m"), to be found by beside its parts.
        It is the artefact's latest unless one of a later moment is kept. Raises TooLarge.
        """
        ...

    def get(self, inspection_id: str) -> KeptInspection | None: ...
    def latest(self, artefact: str) -> KeptInspection | None: ...
    def history(self, artefact: str, *, limit: int = 100) -> tuple[InspectionLine, ...]:
        """Newest first."""
        ...

    def listed(
        self,
        *,
        name: str | None = None,
        source: str | None = None,
        verdict: ArtefactVerdict | None = None,
        format_name: str | None = None,
        part: str | None = None,
        reopened: bool | None = None,
        every: bool = False,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[InspectionLine, ...]:
        """Newest first; the latest of each artefact, or `every` one. `part` is the sha256 of a file or a member.

        `before` is the `seq` of the last line of the page before.
        """
        ...

    def counts(self) -> dict[tuple[ArtefactVerdict, bool], int]:
        """(verdict, open again) → how many artefacts, by the latest of each."""
        ...

    def bound(self) -> dict[tuple[str, str], int]:
        """(format, rules digest) → how many latest inspections that are not open again rest on it."""
        ...

    def bound_to(self, format_name: str, rules: str) -> tuple[InspectionLine, ...]:
        """Those that `bound` counts, oldest first."""
        ...

    def holding(self, keys: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Key → artefacts, for the sha256 of parts (an artefact holds itself) and for what was claimed at `keep`."""
        ...

    def reopen(self, reopenings: Mapping[str, Reopening]) -> tuple[InspectionLine, ...]:
        """Inspection id → why. Those that were latest and not open yet are now; returns them as they are now."""
        ...

    def wait(self, inspection_id: str, why: str) -> None:
        """Say of one that is open again why it cannot be inspected anew by itself ("" takes that back)."""
        ...

    def remember_rules(self, behind: Mapping[str, BearingRules]) -> None:
        """Rules digest → what lies behind it, kept so that a later change can be named."""
        ...

    def rules_behind(self, digests: Collection[str]) -> dict[str, BearingRules]: ...


class FollowedStore(Protocol):
    """Models that are followed, by the name that was given here."""

    def put(self, model: FollowedModel) -> None:
        """Add it, or put it in place of the one of its name."""
        ...

    def get(self, name: str) -> FollowedModel | None: ...
    def every(self) -> tuple[FollowedModel, ...]:
        """By name."""
        ...

    def of(self, artefacts: Collection[str]) -> tuple[FollowedModel, ...]:
        """Those whose current artefact is one of these, by name."""
        ...

    def remove(self, name: str) -> bool: ...


class IntelligenceStore(Protocol):
    """What became known, by what it concerns."""

    def put(self, items: Sequence[Intelligence]) -> tuple[Intelligence, ...]:
        """Keep each in place of the one of its kind and id; returns those that are new or changed.

        Writers queue: in a transaction of several steps, who puts nothing waits for the others, and they for it.
        """
        ...

    def get(self, kind: IntelligenceKind, intelligence_id: str) -> Intelligence | None: ...
    def about(
        self, keys: Collection[str], *, kind: IntelligenceKind | None = None
    ) -> tuple[Intelligence, ...]:
        """Those that concern any of these keys, by kind and id."""
        ...

    def listed(
        self, *, kind: IntelligenceKind | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[Intelligence, ...]:
        """Newest first; `before` is the `seq` of the last of the page before."""
        ...

    def counts(self) -> dict[IntelligenceKind, int]: ...


class DescentStore(Protocol):
    """What comparisons of weights measured; nothing replaces an earlier one."""

    def add(self, descent: MeasuredDescent) -> None:
        """Keep it; the same again (same two, same moment) is kept already."""
        ...

    def of(self, derived: str, *, limit: int = 100) -> tuple[MeasuredDescent, ...]:
        """Newest first."""
        ...


class ArtefactNoticeStore(Protocol):
    """Word about artefacts, said once."""

    def add(self, notices: Sequence[ArtefactNotice]) -> tuple[ArtefactNotice, ...]:
        """Keep those whose id is new; returns them."""
        ...

    def get(self, notice_id: str) -> ArtefactNotice | None: ...
    def listed(
        self,
        *,
        to: Collection[str] | None = None,
        model: str | None = None,
        artefact: str | None = None,
        unread: bool = False,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[ArtefactNotice, ...]:
        """Newest first."""
        ...

    def answer(self, notice_id: str, *, by: str, at: int, answer: str = "") -> ArtefactNotice:
        """Mark it read, with what was answered. Raises NotFound."""
        ...

    def unread(self) -> int: ...


class ArtefactStores(Protocol):
    """The facets of a store that this page names."""

    @property
    def inspections(self) -> InspectionStore: ...
    @property
    def followed(self) -> FollowedStore: ...
    @property
    def intelligence(self) -> IntelligenceStore: ...
    @property
    def descents(self) -> DescentStore: ...
    @property
    def artefact_notices(self) -> ArtefactNoticeStore: ...
