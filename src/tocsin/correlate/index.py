"""An index from band keys to texts: three bytes a text and band, and 4 MB a band, so that ten million fit in memory.

New texts lie in short sorted runs with their keys. Runs of like size are merged, and a long one goes into the base,
where a key is the place at which the text's number stands. Of a key only the upper KEY_BITS count, in both.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.correlate.bands import BANDS
from tocsin.correlate.narrow import chunks
from tocsin.correlate.numbers import spans
from tocsin.wire.sketch import U32, U64

BASE_FROM = 1 << 20
"""Texts of a run that goes into the base; a smaller index is exact and has no base."""

KEY_BITS = 20
"""Upper bits of a key that are used: a million buckets a band, 4 MB, ten texts each at ten million."""

MAX_BUCKET = 24
"""Of a larger bucket the oldest and the newest so many are given: a flood of alike texts costs a bounded time."""

UPPER = np.uint32((0xFFFFFFFF << (32 - KEY_BITS)) & 0xFFFFFFFF)
LOADERS = 2
"""Threads that sort bands when an index is filled: numpy lets go of the interpreter while it sorts."""

MAX_TEXTS = 1 << 24
"""Texts whose numbers have three bytes."""

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]


class _Run(NamedTuple):
    """By band: keys ascending, and the texts that have them, ascending where keys are equal."""

    keys: U32
    texts: I32

    @classmethod
    def of(cls, keys: U32, texts: I32) -> "_Run":
        """From (n, bands) keys and n texts."""
        codes = (keys & UPPER).T.astype(np.uint64, order="C")
        codes <<= np.uint64(32)
        codes |= texts.astype(np.uint64)  # sorting whole numbers is several times faster than sorting places
        codes.sort(axis=1)
        return cls((codes >> np.uint64(32)).astype(np.uint32), codes.astype(np.uint32).view(np.int32))

    def __len__(self) -> int:
        return len(self.keys[0])

    def merged(self, later: "_Run") -> "_Run":
        keys, texts = [], []
        for band in range(len(self.keys)):
            at = np.searchsorted(self.keys[band], later.keys[band], "right")
            keys.append(np.insert(self.keys[band], at, later.keys[band]))
            texts.append(np.insert(self.texts[band], at, later.texts[band]))
        return _Run(np.stack(keys), np.stack(texts))

    def find(self, band: int, keys: U32) -> tuple[I64, I64]:
        row, keys = self.keys[band], keys & UPPER
        return np.searchsorted(row, keys), np.searchsorted(row, keys, "right")

    def texts_of(self, band: int, at: I64) -> I32:
        texts: I32 = self.texts[band][at]
        return texts

    def into(self, found: U32, band: int) -> None:
        """By text the upper bits of its key."""
        found[self.texts[band]] = self.keys[band]


class _Slim(NamedTuple):
    """Numbers of texts in three bytes."""

    low: npt.NDArray[np.uint16]
    high: npt.NDArray[np.uint8]

    @classmethod
    def empty(cls, number: int) -> "_Slim":
        return cls(np.empty(number, np.uint16), np.empty(number, np.uint8))

    def __len__(self) -> int:
        return len(self.low)

    def take(self, at: I64 | slice) -> I32:
        found: I32 = self.high[at].astype(np.int32)
        found <<= np.int32(16)
        found |= self.low[at]
        return found

    def put(self, at: slice, texts: npt.NDArray[np.integer[Any]]) -> None:
        self.low[at] = texts & 0xFFFF
        self.high[at] = texts >> 16

    def inserted(self, at: I64, texts: I32) -> "_Slim":
        return _Slim(
            np.insert(self.low, at, (texts & 0xFFFF).astype(np.uint16)),
            np.insert(self.high, at, (texts >> 16).astype(np.uint8)),
        )


class _Base:
    """By band: where each bucket starts, and the texts of all buckets in a row."""

    def __init__(self, bands: int) -> None:
        self.heads = [np.zeros((1 << KEY_BITS) + 1, np.uint32) for _ in range(bands)]
        self._texts = [_Slim.empty(0) for _ in range(bands)]

    def take(self, run: _Run) -> None:
        for band, heads in enumerate(self.heads):
            bucket = _bucket(run.keys[band])
            self._texts[band] = self._texts[band].inserted(
                heads[bucket + 1].astype(np.int64), run.texts[band]
            )
            added = np.bincount(bucket, minlength=1 << KEY_BITS)
            heads[1:] += np.cumsum(added).astype(np.uint32)

    def fill(self, band: int, parts: Iterable[U32], rows: U64) -> None:
        """Take texts by their keys in one band, while it is empty. `rows` is room for as many, and is written over."""
        number, at = len(rows), 0  # bucket above, text below: sorted by both
        for keys in parts:
            own = rows[at : at + len(keys)]
            own[:] = keys >> np.uint32(32 - KEY_BITS)
            own <<= np.uint64(32)
            own |= np.arange(at, at + len(keys), dtype=np.uint64)
            at += len(keys)
        if at != number:
            raise ValueError(f"{at} keys of {number} texts")
        rows.sort()
        texts = self._texts[band] = _Slim.empty(number)
        counts = np.zeros(1 << KEY_BITS, np.uint32)
        for part in chunks(number):
            texts.put(part, rows[part].astype(np.uint32))
            bucket = (rows[part] >> np.uint64(32)).view(np.int64)
            first, last = int(bucket[0]), int(bucket[-1]) + 1
            counts[first:last] += np.bincount(bucket - first).astype(np.uint32)
        np.cumsum(counts, out=self.heads[band][1:])

    def texts_of(self, band: int, at: I64) -> I32:
        return self._texts[band].take(at)

    def into(self, found: U32, band: int) -> None:
        """By text the upper bits of its key."""
        heads = self.heads[band]
        for part in chunks(len(self._texts[band])):
            place = np.arange(part.start, part.stop, dtype=np.uint32)
            bucket = np.searchsorted(heads, place, "right") - 1
            found[self._texts[band].take(part)] = bucket.astype(np.uint32) << np.uint32(32 - KEY_BITS)

    def keep(self, place: I32) -> None:
        for band, heads in enumerate(self.heads):
            held = self._texts[band]
            below = np.zeros(len(held) + 1, np.uint32)
            texts = _Slim.empty(len(held))
            used = 0
            for part in chunks(len(held)):
                new = place[held.take(part)]
                kept = new >= 0
                np.cumsum(kept, out=below[part.start + 1 : part.stop + 1])
                below[part.start + 1 : part.stop + 1] += np.uint32(used)
                new = new[kept]
                texts.put(slice(used, used + len(new)), new)
                used += len(new)
            self.heads[band] = below[heads]
            self._texts[band] = _Slim(texts.low[:used].copy(), texts.high[:used].copy())

    def find(self, band: int, keys: U32) -> tuple[I64, I64]:
        bucket = _bucket(keys)
        heads = self.heads[band]
        return heads[bucket].astype(np.int64), heads[bucket + 1].astype(np.int64)


def _bucket(keys: U32) -> I64:
    return (keys >> np.uint32(32 - KEY_BITS)).astype(np.int64)


class BandIndex:
    """Texts are numbered by who adds them, ascending."""

    def __init__(self, bands: int = BANDS) -> None:
        self._bands = bands
        self._runs: list[_Run] = []
        self._base: _Base | None = None

    def add(self, keys: U32, texts: I32) -> None:
        """Take texts with their (n, bands) keys."""
        if not len(texts):
            return
        if texts[-1] >= MAX_TEXTS:
            raise ValueError(f"an index holds {MAX_TEXTS} texts")
        self._runs.append(_Run.of(keys, texts))
        while len(self._runs) > 1 and len(self._runs[-1]) * 4 >= len(self._runs[-2]):
            later = self._runs.pop()
            self._runs[-1] = self._runs[-1].merged(later)
        if len(self._runs[0]) >= BASE_FROM:
            self._base = self._base or _Base(self._bands)
            self._base.take(self._runs.pop(0))

    def fill(self, band_of: Callable[[int], Iterable[U32]], number: int) -> None:
        """Take texts 0 to `number` at once into an empty index; `band_of` gives their keys in a band, in order."""
        if number < BASE_FROM:
            if number:
                keys = np.stack([np.concatenate([*band_of(band)]) for band in range(self._bands)], axis=1)
                self.add(keys, np.arange(number, dtype=np.int32))
            return
        base = self._base = _Base(self._bands)
        # The same room for every band: to touch new memory costs twice what the sorting does.
        spare: SimpleQueue[U64] = SimpleQueue()
        for _ in range(min(LOADERS, self._bands)):
            spare.put(np.empty(number, np.uint64))

        def fill(band: int) -> None:
            rows = spare.get()
            base.fill(band, band_of(band), rows)
            spare.put(rows)

        with ThreadPoolExecutor(LOADERS) as pool:
            list(pool.map(fill, range(self._bands)))

    def keys(self, band: int, number: int) -> U32:
        """By text the upper bits of its key in a band."""
        found = np.zeros(number, np.uint32)
        for part in self._parts():
            part.into(found, band)
        return found

    def meet(self, keys: U32) -> tuple[I64, I32]:
        """(row of `keys`, text) for the texts that may have a key in common; more than do, and some twice."""
        rows: list[I64] = []
        texts: list[I32] = []
        for band in range(self._bands):
            for part in self._parts():
                begin, end = part.find(band, keys[:, band])
                for first, last in _bounded(begin, end):
                    at = spans(first, last)
                    rows.append(np.repeat(np.arange(len(keys)), last - first))
                    texts.append(part.texts_of(band, at))
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
                runs.append(_Run(run.keys[kept].reshape(-1, size), texts[kept].reshape(-1, size)))
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
