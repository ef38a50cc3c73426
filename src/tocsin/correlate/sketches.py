"""Sketches of texts by number: fetched where they lie, and kept for a while, for what repeats is asked for again."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from tocsin.wire.sketch import SLOTS, Columns, Sketch

CACHE_BYTES = 160 << 20
"""Sketches kept: some 115,000 of 300 characters. Where more texts than that lie in families which change from look to
look, each look reads them from the store again, and a look takes a minute instead of a second."""

OBJECT_BYTES = 200
"""What Python adds to the arrays of one."""

I32 = npt.NDArray[np.int32]
Fetch = Callable[[Sequence[int]], Mapping[int, Sketch]]
"""Text numbers → sketches, for those that can still be opened."""


class Sketches:
    """The least recently asked for go first, when `shrink` is called: within one question nothing is lost."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._kept: OrderedDict[int, Sketch] = OrderedDict()
        self._bytes = 0

    def of(self, texts: Sequence[int]) -> dict[int, Sketch]:
        """Sketches by text; one whose day's key was destroyed is missing."""
        found = {}
        missing = []
        for text in texts:
            held = self._kept.get(text)
            if held is None:
                missing.append(text)
            else:
                self._kept.move_to_end(text)
                found[text] = held
        if missing:
            for text, one in self._fetch(missing).items():
                found[text] = one
                self.keep(text, one)
        return found

    def columns(self, texts: I32) -> tuple[Columns, I32]:
        """Sketches as columns, and of which texts they are: in the same order, without those that are missing."""
        sketches = self.of(texts.tolist())
        there = np.array([text for text in texts.tolist() if text in sketches], np.int32)
        held = [sketches[text] for text in there.tolist()]
        signatures = np.stack([one.signature for one in held]) if held else np.empty((0, SLOTS), np.uint32)
        hashes = np.concatenate([one.hashes for one in held]) if held else np.empty(0, np.uint32)
        starts = np.concatenate(([0], np.cumsum([len(one.hashes) for one in held]))).astype(np.int64)
        return Columns(signatures, hashes, starts, np.array([one.shingles for one in held], np.int64)), there

    def keep(self, text: int, sketch: Sketch) -> None:
        """Remember the sketch of a text."""
        self._kept[text] = sketch
        self._bytes += _size(sketch)

    def shrink(self) -> None:
        """Forget what is too much."""
        while self._bytes > CACHE_BYTES:
            self._bytes -= _size(self._kept.popitem(last=False)[1])

    def clear(self) -> None:
        """Forget everything: the texts have other numbers now."""
        self._kept.clear()
        self._bytes = 0


def _size(sketch: Sketch) -> int:
    return 4 * (len(sketch.hashes) + SLOTS) + OBJECT_BYTES
