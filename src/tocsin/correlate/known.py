"""Which text is which: a number for each that differs in the head of its sketch, at four bytes a text.

A text is found by KEY_BITS of its head's digest, and is the same where the bits of its signature that the window holds
(`bands.planes`) are the same too. Two that differ pass for one with odds of one in a million, and only where they are
so alike that all of those bits agree.
"""

import numpy as np

from tocsin.correlate.index import BandIndex
from tocsin.correlate.numbers import I32, U64
from tocsin.wire.sketch import U32


class KnownTexts:
    """Texts are numbered in the order in which they come."""

    def __init__(self) -> None:
        self._index = BandIndex(bands=1)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def of(self, digests: U64, own: U64, held: U64) -> I32:
        """The number of each text; new ones are numbered in the order in which they stand here.

        `own` are their planes, `held` those of the texts numbered so far.
        """
        distinct, first, place = np.unique(digests, return_index=True, return_inverse=True)
        keys = (distinct >> np.uint64(32)).astype(np.uint32)[:, None]
        row, text = self._index.meet(keys)
        same = (held[text] == own[first[row]]).all(axis=1)
        number = np.full(len(distinct), self._count, np.int32)
        np.minimum.at(number, row[same], text[same])
        fresh = np.flatnonzero(number == self._count)
        fresh = fresh[np.argsort(first[fresh])]
        number[fresh] = np.arange(self._count, self._count + len(fresh), dtype=np.int32)
        self._index.add(keys[fresh], number[fresh])
        self._count += len(fresh)
        found: I32 = number[place.reshape(-1)]
        return found

    def load(self, keys: "list[U32]") -> None:
        """Number texts in the order in which their keys stand, while there is none yet."""
        self._count = sum(len(part) for part in keys)
        self._index.fill(lambda _: keys, self._count)

    def keep(self, place: I32) -> None:
        """Number anew: `place` gives the new number by the old one, -1 for texts to forget."""
        self._index.keep(place)
        self._count = int(np.count_nonzero(place >= 0))

    def keys(self) -> U32:
        """By number what is kept of the digest."""
        return self._index.keys(0, self._count)
