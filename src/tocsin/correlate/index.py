"""An index from band keys to texts: 40 bytes a text, so that ten million fit in memory.

New texts lie in short sorted runs with their keys. Runs of like size are merged, and a long one goes into the base,
where a key is the place at which the text's number stands. Of a key only the upper KEY_BITS count, in both.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.correlate.bands import BANDS
from tocsin.wire.sketch import U32

BASE_FROM = 1 << 20
"""Texts of a run that goes into the base; a smaller index is exact and has no base."""

KEY_BITS = 21
"""Upper bits of a key that are used: two million buckets a band, 8 MB, five texts each at ten million."""

MAX_BUCKET = 48
"""Of a larger bucket the oldest and the newest so many are given: a flood of alike texts costs a bounded time."""

UPPER = np.uint32((0xFFFFFFFF << (32 - KEY_BITS)) & 0xFFFFFFFF)
LOADERS = 2
"""Threads that sort bands when an index is filled: numpy lets go of the interpreter while it sorts."""

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]


class _Run(NamedTuple):
    """By band: keys ascending, and the texts that have them, ascending where keys are equal."""

    keys: U32
    texts: I32

    @classmethod
    def of(cls, keys: U32, texts: I32) -> "_Run":
        """From (n, BANDS) keys and n texts."""
        keys = keys & UPPER
        order = np.argsort(keys, axis=0, kind="stable")
        return cls(
            np.ascontiguousarray(np.take_along_axis(keys, order, axis=0).T),
            np.ascontiguousarray(texts[order].T),
        )

    def __len__(self) -> int:
        return len(self.keys[0])

    def merged(self, later: "_Run") -> "_Run":
        keys, texts = [], []
        for band in range(BANDS):
            at = np.searchsorted(self.keys[band], later.keys[band], "right")
            keys.append(np.insert(self.keys[band], at, later.keys[band]))
            texts.append(np.insert(self.texts[band], at, later.texts[band]))
        return _Run(np.stack(keys), np.stack(texts))

    def find(self, band: int, keys: U32) -> tuple[I64, I64]:
        row, keys = self.keys[band], keys & UPPER
        return np.searchsorted(row, keys), np.searchsorted(row, keys, "right")

    def keys_of(self, band: int) -> U32:
        keys: U32 = self.keys[band]
        return keys


class _Base:
    """By band: where each bucket starts, and the texts of all buckets in a row."""

    def __init__(self) -> None:
        self.heads = [np.zeros((1 << KEY_BITS) + 1, np.uint32) for _ in range(BANDS)]
        self.texts = [np.empty(0, np.int32) for _ in range(BANDS)]

    def take(self, run: _Run) -> None:
        for band in range(BANDS):
            bucket = _bucket(run.keys[band])
            heads = self.heads[band]
            self.texts[band] = np.insert(
                self.texts[band], heads[bucket + 1].astype(np.int64), run.texts[band]
            )
            added = np.bincount(bucket, minlength=1 << KEY_BITS)
            heads[1:] += np.cumsum(added).astype(np.uint32)

    def fill(self, band: int, keys: U32) -> None:
        """Take texts 0 to n by their keys in one band: for a base that is still empty."""
        rows = _bucket(keys).astype(np.uint64) << np.uint64(32)
        rows |= np.arange(len(keys), dtype=np.uint64)
        rows.sort()
        self.texts[band] = rows.astype(np.uint32).view(np.int32)
        rows >>= np.uint64(32)
        counts = np.bincount(rows.view(np.int64), minlength=1 << KEY_BITS)
        self.heads[band][1:] = np.cumsum(counts)

    def keys_of(self, band: int) -> U32:
        heads = self.heads[band].astype(np.int64)
        sizes = heads[1:] - heads[:-1]
        return np.repeat(np.arange(1 << KEY_BITS, dtype=np.uint32) << np.uint32(32 - KEY_BITS), sizes)

    def keep(self, place: I32) -> None:
        for band in range(BANDS):
            texts = place[self.texts[band]]
            kept = texts >= 0
            below = np.concatenate(([0], np.cumsum(kept)))
            self.heads[band] = below[self.heads[band]].astype(np.uint32)
            self.texts[band] = texts[kept]

    def find(self, band: int, keys: U32) -> tuple[I64, I64]:
        bucket = _bucket(keys)
        heads = self.heads[band]
        return heads[bucket].astype(np.int64), heads[bucket + 1].astype(np.int64)


def _bucket(keys: U32) -> I64:
    return (keys >> np.uint32(32 - KEY_BITS)).astype(np.int64)


class BandIndex:
    """Texts are numbered by who adds them, ascending."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []
        self._base: _Base | None = None

    def add(self, keys: U32, texts: I32) -> None:
        """Take texts with their (n, BANDS) keys."""
        if not len(texts):
            return
        self._runs.append(_Run.of(keys, texts))
        while len(self._runs) > 1 and len(self._runs[-1]) * 4 >= len(self._runs[-2]):
            later = self._runs.pop()
            self._runs[-1] = self._runs[-1].merged(later)
        if len(self._runs[0]) >= BASE_FROM:
            self._base = self._base or _Base()
            self._base.take(self._runs.pop(0))

    def fill(self, band_of: Callable[[int], U32], number: int) -> None:
        """Take texts 0 to `number` at once into an empty index; `band_of` gives their keys in a band."""
        if number < BASE_FROM:
            if number:
                keys = np.stack([band_of(band) for band in range(BANDS)], axis=1)
                self.add(keys, np.arange(number, dtype=np.int32))
            return
        base = self._base = _Base()
        with ThreadPoolExecutor(LOADERS) as pool:
            list(pool.map(lambda band: base.fill(band, band_of(band)), range(BANDS)))

    def keys(self, band: int, number: int) -> U32:
        """By text the upper bits of its key in a band."""
        found = np.zeros(number, np.uint32)
        for part in self._parts():
            found[part.texts[band]] = part.keys_of(band)
        return found

    def meet(self, keys: U32) -> tuple[I64, I32]:
        """(row of `keys`, text) for the texts that may have a key in common; more than do, and some twice."""
        rows: list[I64] = []
        texts: list[I32] = []
        for band in range(BANDS):
            for part in self._parts():
                begin, end = part.find(band, keys[:, band])
                for first, last in _bounded(begin, end):
                    at = _spans(first, last)
                    rows.append(np.repeat(np.arange(len(keys)), last - first))
                    texts.append(part.texts[band][at])
        if not rows:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        return np.concatenate(rows), np.concatenate(texts)

    def keep(self, place: I32) -> None:
        """Number anew: `place` gives the new number by the old one, -1 for texts to forget."""
        if self._base is not None:
            self._base.keep(place)
        runs = []
        for run in self._runs:
            texts = place[run.texts]
            kept = texts >= 0
            size = int(np.count_nonzero(kept[0]))
            if size:
                runs.append(_Run(run.keys[kept].reshape(BANDS, size), texts[kept].reshape(BANDS, size)))
        self._runs = runs

    def _parts(self) -> list[_Run | _Base]:
        return [*self._runs, *([self._base] if self._base is not None else [])]


def _bounded(begin: I64, end: I64) -> list[tuple[I64, I64]]:
    size = end - begin
    if not len(size) or size.max() <= 2 * MAX_BUCKET:
        return [(begin, end)]
    large = size > 2 * MAX_BUCKET
    return [
        (begin, np.where(large, begin + MAX_BUCKET, end)),
        (np.where(large, end - MAX_BUCKET, end), end),
    ]


def _spans(first: I64, last: I64) -> I64:
    lengths = last - first
    places: I64 = np.arange(int(lengths.sum())) + np.repeat(first - (np.cumsum(lengths) - lengths), lengths)
    return places
