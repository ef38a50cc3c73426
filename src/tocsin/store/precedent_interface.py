"""What a store promises of precedents: kept once, never changed; citations beside them. A part of `interface`."""

from typing import Protocol

from tocsin.kernel.precedents import Citation, Precedent


class PrecedentStore(Protocol):
    """The register of key cases. It grows and is never rewritten."""

    def add(self, precedent: Precedent) -> None:
        """Keep one. Raises Conflict when the decision is in the register already."""
        ...

    def get(self, decision_id: str) -> Precedent | None: ...

    def find(
        self, *, domain: str = "", tier: str = "", rule: str = "", limit: int = 200
    ) -> tuple[Precedent, ...]:
        """Those that fit all that is set, newest first."""
        ...

    def cite(self, citation: Citation) -> None:
        """Keep a citation. Raises Conflict when the decision cites this precedent already, NotFound without one."""
        ...

    def citations(self, *, precedent: str = "", decision: str = "") -> tuple[Citation, ...]:
        """Those of a precedent, or by a decision, oldest first."""
        ...
