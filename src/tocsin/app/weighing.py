"""How a warning stands beside its own figures: what people arranged of it, and the one score of its risk."""

from collections.abc import Sequence

import msgspec

from tocsin.app.settings import Settings
from tocsin.kernel import (
    EvidenceStatus,
    Handling,
    RiskVector,
    Warning,
    WarningKind,
    WarningStatus,
)
from tocsin.kernel.risk import Combined, combine, highest
from tocsin.store.interface import Store
from tocsin.taxonomy import category


class Weighed(msgspec.Struct, frozen=True):
    """`risk` and `combined` speak for the warning together with what was merged into it."""

    handling: Handling
    risk: RiskVector
    combined: Combined
    contexts: tuple[str, ...]


class Weighing:
    """Reads; decides nothing."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def of(self, warnings: Sequence[Warning]) -> dict[str, Weighed]:
        """Warning id → how it stands."""
        handlings = self._store.handlings.every()
        known = {warning.id: warning for warning in warnings}
        contexts = self._contexts(warnings)
        return {
            warning.id: self._one(warning, handlings.get(warning.id) or Handling(warning.id), known, contexts)
            for warning in warnings
        }

    def one(self, warning: Warning) -> Weighed:
        return self.of([warning])[warning.id]

    def _one(
        self,
        warning: Warning,
        handling: Handling,
        known: dict[str, Warning],
        contexts: dict[str, tuple[str, ...]],
    ) -> Weighed:
        parts = [known.get(part) or self._store.warnings.get(part) for part in handling.parts]
        together = [warning, *(part for part in parts if part is not None)]
        vector = highest(tuple(one.risk for one in together))
        where = contexts.get(warning.id, ())
        combined = combine(
            vector,
            floor=any(listed.floor for one in together if (listed := category(one.category)) is not None),
            contexts=where,
            evidence=evidence_of(warning),
        )
        return Weighed(handling=handling, risk=vector, combined=combined, contexts=where)

    def _contexts(self, warnings: Sequence[Warning]) -> dict[str, tuple[str, ...]]:
        """Warning → the high-risk contexts that the sources of its samples serve. Asks nothing where none is set."""
        named = self._settings.contexts
        if not named:
            return {}
        facts = self._store.events.facts({event for warning in warnings for event in warning.samples})
        return {
            warning.id: tuple(
                sorted(
                    {
                        context
                        for event in warning.samples
                        if event in facts
                        for context in named.get(facts[event].source, ())
                    }
                )
            )
            for warning in warnings
        }


def evidence_of(warning: Warning) -> EvidenceStatus:
    """Confirmed by a person: observed. Found in events by a rule or a model: tested. A figure alone: theoretical."""
    if warning.status is WarningStatus.CONFIRMED:
        return EvidenceStatus.OBSERVED
    return EvidenceStatus.THEORETICAL if warning.kind is WarningKind.TREND else EvidenceStatus.TESTED
