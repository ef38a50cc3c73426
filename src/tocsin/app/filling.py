"""Whether a source is filling in the past just now.

A look at half of somebody's fortnight judges accounts by what they did first, and a warning, once made, stays until a
person decides: so a look waits while most of what comes in is old, and no longer than MAX_WAIT_SECONDS.
"""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

OLD_SECONDS = 86_400
"""Age at receipt from which an event is of the past: a day's export comes later than this only by a fault."""

MAX_WAIT_SECONDS = 900
"""A source that always sends the past, or an attacker who would stop the looks by it, holds them up so long, once."""


class Filling:
    """Told of every batch that a tick reads; asked once, at its end."""

    def __init__(self) -> None:
        self._came = self._old = 0
        self._since: datetime | None = None

    def came(self, batch: pa.RecordBatch) -> None:
        """Events of EVENT_SCHEMA that are new to the window."""
        age = batch.column("received").to_numpy() - batch.column("time").to_numpy()
        self._came += batch.num_rows
        self._old += int(np.count_nonzero(age > OLD_SECONDS * 1_000_000))

    def waits(self, now: datetime) -> bool:
        """Whether a look should wait, by what came since this was last asked."""
        filling = 2 * self._old > self._came
        self._came = self._old = 0
        if not filling:
            self._since = None
            return False
        self._since = self._since or now
        return now - self._since < timedelta(seconds=MAX_WAIT_SECONDS)
