"""Where a text goes before its family is split: with the typical text of what it was tied to, if that is like it.

Each step is bounded: sketches that are at hand are compared exactly, so many more are fetched, and beyond that the
bits in memory decide.
"""

import numpy as np
import numpy.typing as npt

from tocsin.correlate.bands import CLOSE, LIKELY, SURE, agreement
from tocsin.correlate.clusters import LINK, MEMBER
from tocsin.correlate.neighbours import jaccard
from tocsin.correlate.numbers import distinct
from tocsin.correlate.sketches import Sketches
from tocsin.wire.sketch import U64

VERIFIED_TEXTS = 8_192
"""Pairs verified at once: their sketches are in memory."""

LIKELIEST = 32
"""Earlier texts that one text may be tied to, those that agree most: where thousands of texts have a phrase in common,
each is a little like hundreds of others."""

TRIED = 8
"""Of them, how many are verified: what is tied already need not be."""

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


class Verifier:
    """Compares texts by number, and fetches no more than `fetches` sketches in its life."""

    def __init__(self, sketches: Sketches, planes: U64, fetches: int) -> None:
        self._sketches = sketches
        self._planes = planes
        self._fetches = fetches

    def tied(self, pairs: I64) -> Bools:
        """Which pairs are at least LINK similar; ask for the likeliest first."""
        return self._alike(pairs, least=LINK, sure=SURE, likely=LIKELY)

    def belong(self, pairs: I64) -> Bools:
        """Which texts are like enough to a typical text to be of its cluster."""
        return self._alike(pairs, least=MEMBER, sure=SURE, likely=CLOSE)

    def _alike(self, pairs: I64, *, least: float, sure: int, likely: int) -> Bools:
        close = agreement(self._planes[pairs[:, 0]], self._planes[pairs[:, 1]])
        found = np.asarray(close >= sure)
        doubtful = np.flatnonzero(~found)
        exactly = self._at_hand(pairs[doubtful])
        guessed = doubtful[~exactly]
        found[guessed] = close[guessed] >= np.uint8(likely)
        doubtful = doubtful[exactly]
        for at in range(0, len(doubtful), VERIFIED_TEXTS):
            which = doubtful[at : at + VERIFIED_TEXTS]
            texts, there = self._sketches.texts(distinct(pairs[which].reshape(-1)).astype(np.int32))
            if not len(there):
                continue
            where = np.minimum(np.searchsorted(there, pairs[which]), len(there) - 1)
            known = (there[where] == pairs[which]).all(axis=1)
            found[which[known]] = jaccard(texts, where[known]) >= least
        return found

    def _at_hand(self, pairs: I64) -> Bools:
        """Which pairs can be compared exactly: their sketches are here, or may still be fetched."""
        texts, where = np.unique(pairs, return_inverse=True)
        missing = ~self._sketches.held(texts.astype(np.int32))
        if np.count_nonzero(missing) > self._fetches:
            first = np.unique(where.reshape(-1), return_index=True)[1]  # by text: where it is asked for first
            lacking = np.flatnonzero(missing)
            missing[lacking[np.argsort(first[lacking], kind="stable")[: self._fetches]]] = False
            self._fetches = 0
        else:
            self._fetches -= int(np.count_nonzero(missing))
            missing[:] = False
        here: Bools = np.logical_not(missing[where.reshape(-1, 2)].any(axis=1))
        return here


def likeliest(pairs: I64, close: npt.NDArray[np.uint8]) -> I64:
    """Of each text (pairs are ordered by it) at most LIKELIEST pairs; those that agree most come first."""
    order = np.lexsort((-close.astype(np.int16), pairs[:, 0]))
    text = pairs[order, 0]
    rank = np.arange(len(text)) - np.searchsorted(text, text)
    kept = order[rank < LIKELIEST]
    found: I64 = pairs[kept[np.argsort(-close[kept].astype(np.int16), kind="stable")]]
    return found


def place(ties: I64, medoid: I32, verifier: Verifier) -> None:
    """Write into `medoid` where new texts go: the first tie of each counts, pairs (text, earlier one).

    A text tries the typical text of what it was tied to. Chains of ties between new texts are followed to their
    beginning, so that all try at once; who is unlike it tries again with the first of the chain that was unlike too.
    """
    text, first = np.unique(ties[:, 0], return_index=True)
    other = ties[first, 1]
    while len(text):
        typical = medoid[_beginnings(text, other)]
        with_it = verifier.belong(np.stack((text, typical.astype(np.int64)), axis=1))
        medoid[text[with_it]] = typical[with_it]
        text, other = text[~with_it], other[~with_it]
        later = np.isin(other, text)  # the others begin a cluster of their own
        text, other = text[later], other[later]


def _beginnings(text: I64, other: I64) -> I64:
    """For each text (ascending) what its chain of ties leads to that is none of them."""
    at = np.minimum(np.searchsorted(text, other), len(text) - 1)
    inside = text[at] == other
    step = np.where(inside, at, np.arange(len(text)))
    while True:
        further = step[step]
        if np.array_equal(further, step):
            return other[step]
        step = further


def inherited(medoid: I32, place: I32, planes: U64) -> I32:
    """Typical texts under new numbers (`place`, -1 for those that are gone; `planes` are of those that are left).

    Who lost theirs go with the first of them, as far as the bits in memory say that they are like it.
    """
    old = medoid[place >= 0]
    found = place[old]
    orphans = np.flatnonzero(found < 0)
    if len(orphans):
        _, first, which = np.unique(old[orphans], return_index=True, return_inverse=True)
        heir = orphans[first[which.reshape(-1)]]
        close = agreement(planes[orphans], planes[heir]) >= CLOSE
        found[orphans] = np.where(close, heir, orphans)
    return found
