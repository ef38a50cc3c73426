"""Incidents for tests of duties: facts and moments, nothing else."""

from datetime import datetime

from tocsin.kernel import micros
from tocsin.kernel.duties import ClockStart, FactValue, Incident


def at(text: str) -> int:
    """Microseconds of an RFC 3339 moment."""
    return micros(datetime.fromisoformat(text))


def incident(moments: dict[ClockStart, int] | None = None, /, **facts: FactValue) -> Incident:
    return Incident(id="i1", case="c1", opened=0, updated=0, facts=facts, moments=moments or {})
