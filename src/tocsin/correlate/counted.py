"""The evidence (`tocsin.correlate.evidence`) over counts instead of events.

`weigh` asks a group and a ledger for counts and for nothing else, so both can be made of counts: `counted` does so, and
`weigh_counts` is `weigh` itself on them. So a sum of counts over nodes scores as one node's events would.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from tocsin.correlate.evidence import corroboration, weigh
from tocsin.correlate.groups import Group, Ledger, Shared
from tocsin.kernel.sums import KINDS_SHARED, Component


class Usual(NamedTuple):
    """What is usual among the node's other accounts: (having, of whom it is known), and how many others there are.

    `elsewhere`, by type of identifier: how many others hold the one that is shared.
    """

    others: int = 1_000
    new: tuple[int, int] = (100, 900)
    devoted: tuple[int, int] = (80, 700)
    flagged: tuple[int, int] = (30, 1_000)
    evading: tuple[int, int] = (20, 1_000)
    together: tuple[int, int] = (20, 900)
    elsewhere: Mapping[str, int] = {"invitation": 2, "domain": 10}


USUAL = Usual()


class _CountedLedger:
    """As much of a `Ledger` as `weigh` looks at."""

    def __init__(self, counts: list[int], usual: Usual) -> None:
        self._usual, self._counts = usual, counts
        actors = counts[Component.ACTORS]
        self.present = actors + usual.others
        self.busy = np.arange(actors) < counts[Component.BUSY]
        self.new, self.dated, self.devoted, self.flagged, self.evading = (
            np.zeros(0, np.bool_) for _ in range(5)
        )

    def outside(self, having: object, among: object, actors: object) -> tuple[int, int]:
        for name in ("new", "devoted", "flagged", "evading"):
            if having is getattr(self, name):
                return cast(tuple[int, int], getattr(self._usual, name))
        raise AssertionError("a trait that no term asked for when this was written")

    def made_together(self, group: Group) -> tuple[int, int, int, int]:
        known = self._counts[Component.KNOWN]
        return min(self._counts[Component.TOGETHER] + 1, known), known, *self._usual.together

    def likeness(self, group: Group) -> None:
        """None: what is raised counts identifiers as far as texts alone made the group (`summed.counts_of`)."""

    def shared(self, group: Group) -> Iterator[Shared]:
        for at, name in enumerate(KINDS_SHARED):
            having = self._counts[Component.PAYMENT + at]
            if having >= 2:
                yield Shared(name, having, having + self._usual.elsewhere.get(name, 0), 1.0)


def counted(counts: list[int], usual: Usual = USUAL) -> tuple[Group, Ledger]:
    """A group and a ledger that have these counts, in the order of `Component`."""
    actors = counts[Component.ACTORS]

    def some(component: Component) -> npt.NDArray[np.bool_]:
        return np.arange(actors) < counts[component]

    group = Group(
        rows=np.zeros(0, np.int64),
        actors=np.arange(actors),
        first_use=np.zeros(actors, np.int64),
        clusters=frozenset(),
        is_new=some(Component.NEW),
        age_known=some(Component.KNOWN),
        is_devoted=some(Component.DEVOTED),
        is_flagged=some(Component.FLAGGED),
        is_suspect=some(Component.FLAGGED),
        is_evading=some(Component.EVADING),
        within_an_hour=min(counts[Component.WITHIN] + 1, actors),
    )
    return group, cast(Ledger, _CountedLedger(counts, usual))


def weigh_counts(counts: list[int], usual: Usual = USUAL) -> tuple[float, float]:
    """(score, corroboration) as `weigh` and `corroboration` give them."""
    group, ledger = counted(counts, usual)
    evidence = weigh(group, ledger)
    return evidence.score, corroboration(group, ledger, evidence)
