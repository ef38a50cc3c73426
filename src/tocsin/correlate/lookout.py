"""Lookout: a detector of what events say together, fed in the order in which they were kept."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import pyarrow as pa

from tocsin.kernel import Warning


class Lookout(Protocol):
    """Takes every event once and in order, and says now and then what deserves a person.

    Its state is a pure function of the events taken, so that a restart, which feeds the last `horizon_days` again,
    ends where it stood. It must say the same thing twice: a warning is updated by its deterministic id.
    """

    @property
    def name(self) -> str:
        """Stable; it stands in logs and metrics."""
        ...

    @property
    def horizon_days(self) -> int:
        """How much of the past it is fed after a restart. What happened earlier it must not depend on."""
        ...

    def take(self, events: pa.RecordBatch) -> None:
        """The next events (`store.interface.EVENT_SCHEMA`), by seq."""
        ...

    def look(self, now_us: int) -> Sequence[Warning]:
        """Warnings as things stand, also those that were said before and still hold."""
        ...


@runtime_checkable
class Renewed(Protocol):
    """A lookout that also depends on something that people change: it says when it must be made anew."""

    @property
    def outdated(self) -> bool: ...
