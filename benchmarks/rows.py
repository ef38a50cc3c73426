"""One line of the benchmark table."""

import resource
from typing import NamedTuple


class Row(NamedTuple):
    """`work` says what was done; `ratio` is ours against the peer, more is better; `floor` its least."""

    name: str
    ours: float
    peer: float | None
    ratio: float | None
    unit: str
    floor: float | None
    work: str

    @property
    def missed(self) -> bool:
        """Whether a ratio is below its floor."""
        return self.floor is not None and (self.ratio is None or self.ratio < self.floor)

    def line(self) -> str:
        """The row as a line of the table."""
        peer = "" if self.peer is None else f"{figure(self.peer)} {self.unit}"
        ratio = "" if self.ratio is None else f"{figure(self.ratio)}x"
        floor = "" if self.floor is None else f"{figure(self.floor)}x{' MISSED' if self.missed else ''}"
        return f"| {self.name} | {figure(self.ours)} {self.unit} | {peer} | {ratio} | {floor} | {self.work} |"


def figure(value: float) -> str:
    """A number with about three figures that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def cpu_seconds() -> float:
    """CPU time of this process so far, all threads: the machine may be shared, CPU time is ours."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
