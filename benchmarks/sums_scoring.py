"""The project's own evidence over counts (`tocsin.correlate.counted`), for many cells at once.

A study asks a hundred million times: `Scorer` calls each term of the evidence once for each pair of counts that it
meets, and caps what it gets in numpy. tests/sandbox/test_sums.py holds it to `weigh` itself, and to a ledger of real
events.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.correlate import evidence as ev
from tocsin.correlate.counted import USUAL, Usual, counted
from tocsin.correlate.groups import Group, Ledger
from tocsin.kernel import Reason
from tocsin.kernel.sums import KINDS_SHARED, Component

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Counts = npt.NDArray[Any]

SAID = 0.05
"""`weigh` leaves out terms below this."""


class _Table:
    """A function of two counts, called once for each pair."""

    def __init__(self, of: Callable[[int, int], float]) -> None:
        self._of = of
        self._known = np.full((64, 64), np.nan)

    def __call__(self, having: I64, among: I64) -> F64:
        size = int(max(having.max(initial=0), among.max(initial=0))) + 1
        if size > len(self._known):
            more = np.full((2 * size, 2 * size), np.nan)
            more[: len(self._known), : len(self._known)] = self._known
            self._known = more
        values: F64 = self._known[having, among]
        missing = np.isnan(values)
        if missing.any():
            pairs = np.unique(np.column_stack((having[missing], among[missing])), axis=0)
            for first, second in pairs.tolist():
                self._known[first, second] = self._of(first, second)
            values = self._known[having, among]
        return values


class Scored(NamedTuple):
    """Along the cells that were asked for."""

    score: F64
    corroboration: F64


class Scorer:
    """`weigh` and `corroboration` for many cells at once."""

    def __init__(self, usual: Usual = USUAL) -> None:
        self._usual = usual
        self._new = self._table(ev._new, Component.NEW, Component.KNOWN)
        self._devoted = self._table(ev._devoted, Component.DEVOTED, Component.BUSY)
        self._flagged = self._table(ev._flagged, Component.FLAGGED, Component.ACTORS)
        self._evading = self._table(ev._evasion, Component.EVADING, Component.ACTORS)
        self._together = self._table(ev._together, Component.TOGETHER, Component.KNOWN)
        self._tempo = self._table(lambda group, _: ev._tempo(group), Component.WITHIN, Component.ACTORS)
        self._shared = [
            self._table(_identifier, Component(Component.PAYMENT + at), Component.ACTORS)
            for at in range(len(KINDS_SHARED))
        ]
        nothing = ev.Evidence(())
        self._suspects = self._table(
            lambda group, ledger: ev.Term(ev.corroboration(group, ledger, nothing), Reason("")),
            Component.FLAGGED,
            Component.ACTORS,
        )

    def _table(
        self, term: Callable[[Group, Ledger], ev.Term | None], having: Component, among: Component
    ) -> _Table:
        def of(first: int, second: int) -> float:
            counts = [0] * len(Component)
            counts[having], counts[among] = first, second
            counts[Component.ACTORS] = max(second, 1) if among is not Component.ACTORS else second
            found = term(*counted(counts, self._usual))
            return found.value if found is not None else 0.0

        return _Table(of)

    def __call__(self, counts: Counts) -> Scored:
        """`counts[cell, component]`; a cell without accounts scores nothing."""
        of: list[I64] = [counts[:, component].astype(np.int64) for component in Component]
        actors, known = of[Component.ACTORS], of[Component.KNOWN]
        devoted = self._devoted(of[Component.DEVOTED], of[Component.BUSY])
        payment, device, email, invitation, domain = (
            table(of[Component.PAYMENT + at], actors) for at, table in enumerate(self._shared)
        )
        place = (devoted < 0) | (of[Component.DEVICE] < ev.DEVICE_ACTORS)
        together = np.minimum(of[Component.TOGETHER], np.maximum(known - 1, 0))
        tempo = np.minimum(of[Component.WITHIN], np.maximum(actors - 1, 0))
        context = [
            np.where(place, device, 0.0),
            *(invitation, domain, self._together(together, known), self._tempo(tempo, actors)),
        ]
        crowd = [self._new(of[Component.NEW], known), devoted, *_capped(context, ev.CAP_CONTEXT)]
        conduct = _capped([payment, np.where(place, 0.0, device), email], ev.CAP_IDENTIFIERS)
        terms = [
            *_capped(crowd, ev.CAP_CROWD),
            *conduct,
            self._flagged(of[Component.FLAGGED], actors),
            self._evading(of[Component.EVADING], actors),
        ]
        score = np.round(sum(_said(term) for term in terms), 3)
        known_here = sum(_said(term) for term in conduct)
        there = actors > 0
        return Scored(
            np.where(there, score, -np.inf),
            np.where(there, known_here + self._suspects(of[Component.FLAGGED], actors), 0.0),
        )


def _identifier(group: Group, ledger: Ledger) -> ev.Term | None:
    found = ev._identifiers(group, ledger, elsewhere=False)
    return found[0] if found else None


def _said(term: F64) -> F64:
    return np.where(np.abs(term) >= SAID, term, 0.0)


def _capped(terms: list[F64], cap: float) -> list[F64]:
    """`evidence._capped` along cells."""
    above = sum(terms, np.zeros_like(terms[0])) - cap
    speaking = sum((np.maximum(term, 0.0) for term in terms), np.zeros_like(above))
    scale = np.where(above > 0, 1 - above / np.maximum(speaking, 1e-9), 1.0)
    return [np.where(term > 0, term * scale, term) for term in terms]
