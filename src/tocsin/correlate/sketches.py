"""Sketches of texts by number: fetched where they lie, and kept for a while, for what repeats is asked for again."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from tocsin.correlate.neighbours import Texts
from tocsin.wire.sketch import MAX_SHINGLES, SLOTS, U32, Columns, Sketch

CACHE_BYTES = 160 << 20
"""Sketches kept: some 150,000 of 300 characters."""

HEAD_WORDS = 2
"""Before a signature: the number of shingles, and how many hashes follow it."""

MOST_WORDS = HEAD_WORDS + SLOTS + MAX_SHINGLES

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Fetch = Callable[[Sequence[int]], Mapping[int, Sketch]]
"""Text numbers → sketches, for those that can still be opened."""


class Sketches:
    """A ring: the oldest go first, and what is asked for in its oldest quarter is written anew at the front.

    A place is counted from the first word ever written; the ring holds the last `_words` of them.
    """

    def __init__(self, fetch: Fetch, *, cache_bytes: int = CACHE_BYTES) -> None:
        """Raises ValueError for a cache that could not hold two sketches."""
        self._words = cache_bytes // 4
        if self._words < 8 * MOST_WORDS:
            raise ValueError(f"a cache of sketches needs {32 * MOST_WORDS} bytes or more")
        self._fetch = fetch
        self._ring = np.empty(self._words, np.uint32)
        self._place: dict[int, int] = {}
        self._written: deque[tuple[int, int]] = deque()
        """(text, place), the oldest first; where the text has another place by now, it was written anew."""
        self._front = 0

    def of(self, texts: Sequence[int]) -> dict[int, Sketch]:
        """Sketches by text; one whose day's key was destroyed is missing."""
        found = {text: self._read(place) for text in texts if (place := self._place.get(text)) is not None}
        missing = [text for text in texts if text not in found]
        if missing:
            for text, one in self._fetch(missing).items():
                found[text] = one
                self.keep(text, one)
        return found

    def columns(self, texts: I32) -> tuple[Columns, I32]:
        """Sketches as columns, and of which texts they are: in the same order, without those that are missing."""
        held, there = self.texts(texts)
        starts = np.concatenate(([0], np.cumsum(held.size)))
        at = np.arange(starts[-1]) + np.repeat(held.first - starts[:-1], held.size)
        shingles = self._ring[held.first - SLOTS - HEAD_WORDS].astype(np.int64)
        return Columns(held.signatures, held.hashes[at], starts, shingles), there

    def texts(self, texts: I32) -> tuple[Texts, I32]:
        """The same, to be compared: they lie where they are kept, until the next question.

        Ask for less than a quarter of what is kept at once.
        """
        names = texts.tolist()
        old = self._front - self._words * 3 // 4
        for text in names:
            if self._place.get(text, old) < old:
                self.keep(text, self._read(self._place[text]))
        missing = [text for text in names if text not in self._place]
        if missing:
            for text, one in self._fetch(missing).items():
                self.keep(text, one)
            names = [text for text in names if text in self._place]
        begin = np.fromiter(map(self._place.__getitem__, names), np.int64, len(names)) % self._words
        signatures = self._ring[(begin + HEAD_WORDS)[:, None] + np.arange(SLOTS)]
        sizes = self._ring[begin + 1].astype(np.int64)
        return Texts(signatures, self._ring, begin + HEAD_WORDS + SLOTS, sizes), np.array(names, np.int32)

    def keep(self, text: int, sketch: Sketch) -> None:
        """Remember the sketch of a text."""
        size = HEAD_WORDS + SLOTS + len(sketch.hashes)
        place = self._room(size)
        begin = place % self._words
        row = self._ring[begin : begin + size]
        row[0], row[1] = sketch.shingles, len(sketch.hashes)
        row[HEAD_WORDS : HEAD_WORDS + SLOTS] = sketch.signature
        row[HEAD_WORDS + SLOTS :] = sketch.hashes
        self._place[text] = place
        self._written.append((text, place))

    def held(self, texts: I32) -> Bools:
        """Which of the texts need not be fetched."""
        return np.fromiter(map(self._place.__contains__, texts.tolist()), np.bool_, len(texts))

    def renumber(self, place: I32) -> None:
        """`place` gives the new number of a text by the old one, -1 for those to forget."""
        now = place.tolist()
        self._place = {now[text]: at for text, at in self._place.items() if now[text] >= 0}
        self._written = deque((now[text], at) for text, at in self._written if now[text] >= 0)

    def _room(self, size: int) -> int:
        """Where so many words begin that lie in a row; what stood there is forgotten."""
        place = self._front
        if place % self._words + size > self._words:
            place += self._words - place % self._words
        self._front = place + size
        while self._written and self._written[0][1] < self._front - self._words:
            text, at = self._written.popleft()
            if self._place.get(text) == at:
                del self._place[text]
        return place

    def _read(self, place: int) -> Sketch:
        begin = place % self._words
        first = begin + HEAD_WORDS + SLOTS
        hashes: U32 = self._ring[first : first + int(self._ring[begin + 1])]
        return Sketch(self._ring[begin + HEAD_WORDS : first].copy(), hashes.copy(), int(self._ring[begin]))
