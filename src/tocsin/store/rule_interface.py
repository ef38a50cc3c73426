"""What a store promises of rules (see `interface`)."""

from collections.abc import Sequence
from typing import Protocol

from tocsin.kernel import KeptRule, RuleTally


class RuleStore(Protocol):
    """Rules that this node keeps, and what each said day by day."""

    def put(self, rule: KeptRule) -> None:
        """Keep it, in the place of the one with its id; `added` of that one stands."""
        ...

    def get(self, rule_id: str) -> KeptRule | None: ...

    def list(self) -> tuple[KeptRule, ...]:
        """Oldest `added` first."""
        ...

    def remove(self, rule_id: str) -> bool:
        """Forget it and its tallies; whether it was there."""
        ...

    def tally(self, tallies: Sequence[RuleTally]) -> None:
        """Keep them, each in the place of the one of its rule and day."""
        ...

    def tallies(self, rule_id: str | None = None, *, since: int = 0) -> tuple[RuleTally, ...]:
        """Those of days from `since` (microseconds) on, of one rule or of all; newest day first."""
        ...
