"""Whether a source is filling in the past just now.

A look at half of somebody's fortnight judges accounts by what they did first, and a warning, once made, stays until a
person decides: so a look waits while most of what comes in is old, and no longer than MAX_WAIT_SECONDS.
"""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

OLD_SECONDS = 86_400
"""Age at receipt from which an event is of the past: a day's export comes later than this only by a fault."""

QUIET_SECONDS = 15
"""So long nothing comes any more when the past is all here: between two batches of a source lie seconds."""

MAX_WAIT_SECONDS = 900
"""A source that always sends the past, or an attacker who would stop the looks by it, holds them up so long, once."""


class Filling:
    """Told of every batch that a tick reads; asked once, at its end."""

    def __init__(self) -> None:
        self._came = self._old = 0
        self._since: datetime | None = None
        self._last: datetime | None = None

    def came(self, batch: pa.RecordBatch) -> None:
        """Events of EVENT_SCHEMA that are new to the window."""
        age = batch.column("received").to_numpy() - batch.column("time").to_numpy()
        self._came += batch.num_rows
        self._old += int(np.count_nonzero(age > OLD_SECONDS * 1_000_000))

    def waits(self, now: datetime) -> bool:
        """Whether a look should wait, by what came since this was last asked."""
        came, old = self._came, self._old
        self._came = self._old = 0
        if 2 * old > came:
            self._since, self._last = self._since or now, now
        elif came or self._last is None or now - self._last >= timedelta(seconds=QUIET_SECONDS):
            self._since = self._last = None
        return self._since is not None and now - self._since < timedelta(seconds=MAX_WAIT_SECONDS)
