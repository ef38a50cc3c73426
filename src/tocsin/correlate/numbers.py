"""Numbers for keys: each distinct 64-bit key gets the next number, at 12 bytes a key whatever their count."""

from typing import Any

import numpy as np
import numpy.typing as npt

FRESH = 1 << 16
"""Keys held apart from the long sorted row before they are merged into it, or a fourth of it if that is more."""

U64 = npt.NDArray[np.uint64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]


def distinct(codes: I64) -> I64:
    """The distinct values, ascending: by sorting, which is ten times faster here than numpy's hashing `unique`."""
    ordered = np.sort(codes)
    new = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def spans(first: npt.NDArray[np.integer[Any]], last: npt.NDArray[np.integer[Any]]) -> I64:
    """The places from each `first` to before its `last`, one span after the other."""
    lengths = last - first
    places: I64 = np.arange(int(lengths.sum())) + np.repeat(first - (np.cumsum(lengths) - lengths), lengths)
    return places


class Numbers:
    """Two sorted rows, a long and a short one: a dictionary of ten million would cost a gigabyte."""

    def __init__(self) -> None:
        self._long = _Row.empty()
        self._short = _Row.empty()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def of(self, keys: U64) -> I32:
        """The number of each key; new keys are numbered in the order in which they stand here."""
        found = self.known(keys)
        missing = np.flatnonzero(found < 0)
        if len(missing):
            fresh, first, place = np.unique(keys[missing], return_index=True, return_inverse=True)
            number = np.empty(len(fresh), np.int32)
            number[np.argsort(first)] = np.arange(self._count, self._count + len(fresh), dtype=np.int32)
            found[missing] = number[place.reshape(-1)]
            self._count += len(fresh)
            self._short = self._short.with_rows(fresh, number)
            if len(self._short.keys) > max(FRESH, len(self._long.keys) // 4):
                self._long = self._long.with_rows(self._short.keys, self._short.numbers)
                self._short = _Row.empty()
        return found

    def load(self, keys: U64) -> None:
        """Number distinct keys in the order in which they stand, while there is none yet."""
        order = np.argsort(keys).astype(np.int32)
        self._long, self._count = _Row(keys[order], order), len(keys)

    def known(self, keys: U64) -> I32:
        """The number of each key, -1 where it has none."""
        found = self._long.find(keys)
        again = np.flatnonzero(found < 0)
        found[again] = self._short.find(keys[again])
        return found

    def keep(self, place: I32) -> None:
        """Number anew: `place` gives the new number by the old one, -1 for keys to forget."""
        rows = self._long.with_rows(self._short.keys, self._short.numbers)
        numbers = place[rows.numbers]
        kept = numbers >= 0
        self._long, self._short = _Row(rows.keys[kept], numbers[kept]), _Row.empty()
        self._count = int(np.count_nonzero(kept))

    def keys(self) -> U64:
        """The keys by number."""
        by_number = np.empty(self._count, np.uint64)
        for row in (self._long, self._short):
            by_number[row.numbers] = row.keys
        return by_number


class _Row:
    def __init__(self, keys: U64, numbers: I32) -> None:
        self.keys, self.numbers = keys, numbers

    @classmethod
    def empty(cls) -> "_Row":
        return cls(np.empty(0, np.uint64), np.empty(0, np.int32))

    def with_rows(self, keys: U64, numbers: I32) -> "_Row":
        """With other keys, ascending and none of them here yet."""
        at = np.searchsorted(self.keys, keys)
        return _Row(np.insert(self.keys, at, keys), np.insert(self.numbers, at, numbers))

    def find(self, keys: U64) -> I32:
        if not len(self.keys):
            return np.full(len(keys), -1, np.int32)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        found: I32 = np.where(self.keys[at] == keys, self.numbers[at], np.int32(-1))
        return found
