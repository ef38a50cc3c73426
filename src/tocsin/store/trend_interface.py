"""What a store promises of counts: they are added once, and outlive the events that they count (see `interface`)."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class TrendStore(Protocol):
    """Counts by conduct, language and region of service. They hold no pseudonym and no event's id."""

    def read_to(self) -> int:
        """The seq up to which events are counted; 0 at first."""
        ...

    def add(self, cells: "pa.RecordBatch", *, after: int, upto: int) -> bool:
        """Add the counts (TREND_SCHEMA, each cell once) of the events with after < seq <= upto.

        All of it is kept, or none; False, and nothing, unless all up to `after` and no more was counted before.
        """
        ...

    def cells(self, width: int, *, since: int = 0) -> "pa.Table":
        """TREND_SCHEMA, of bins of this width from number `since` on, by bin."""
        ...

    def forget(self, width: int, *, before: int) -> int:
        """Delete bins of this width before number `before`; returns rows deleted."""
        ...
