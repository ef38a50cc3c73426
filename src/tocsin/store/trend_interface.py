"""What a store promises of counts: they are added once, and outlive the events that they count (see `interface`)."""

from typing import Protocol

import pyarrow as pa

_CELL_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("width", pa.int64()),
    ("bin", pa.int64()),
    ("category", pa.string()),
    ("language", pa.string()),
    ("region", pa.string()),
    ("delay", pa.int64()),
    ("count", pa.int64()),
]
TREND_SCHEMA = pa.schema(_CELL_COLUMNS)
"""Counts: `width` is the length of a bin in seconds, `bin` its number since 1970, `delay` how many bins later the
events were received (capped, see `correlate.trends.counting`)."""


class TrendStore(Protocol):
    """Counts by conduct, language and region of service. They hold no pseudonym and no event's id."""

    def read_to(self) -> int:
        """The seq up to which events are counted; 0 at first."""
        ...

    def add(self, cells: pa.RecordBatch, *, after: int, upto: int) -> bool:
        """Add the counts (TREND_SCHEMA, each cell once) of the events with after < seq <= upto.

        All of it is kept, or none; False, and nothing, unless all up to `after` and no more was counted before.
        """
        ...

    def cells(self, width: int, *, since: int = 0) -> pa.Table:
        """TREND_SCHEMA, of bins of this width from number `since` on, by bin."""
        ...

    def forget(self, width: int, *, before: int) -> int:
        """Delete bins of this width before number `before`; returns rows deleted."""
        ...
