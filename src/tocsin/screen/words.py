"""Many words looked for in a whole column of texts at once, over the bytes as Arrow holds them.

One pass for all texts of a batch says in which rows something stands; only those rows are then looked at one by one.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import ahocorasick_rs
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

TABLE_BYTES = 8 << 10
"""Words of so many bytes together get a full table of transitions, four times as fast while it fits in the
processor's cache (some 100 bytes a byte of words); more of them a compact one, which does not slow down so."""

FEW = 8
"""Places in a text that are counted one by one; for more of them all its characters are."""

Flags = NDArray[np.uint8]
"""What each of the 256 bytes is, as bits."""

Span = tuple[int, int, int]
"""The number of a word, its first position and the one behind its last."""


class Texts:
    """A string column without nulls as it lies in memory: its bytes, and where each row begins."""

    def __init__(self, column: "pa.Array[Any]") -> None:
        _, offsets, data = column.buffers()
        self.starts: NDArray[np.int32] = np.zeros(1, np.int32)
        if offsets is not None and len(column):
            self.starts = np.frombuffer(memoryview(offsets), np.int32)[
                column.offset : column.offset + len(column) + 1
            ]
        first, last = int(self.starts[0]), int(self.starts[-1])
        self.data = memoryview(b"") if data is None else memoryview(data).cast("B")[first:last]
        self.starts = self.starts - first

    def flags(self, kinds: Flags) -> Flags:
        """What every byte is."""
        return kinds[np.frombuffer(self.data, np.uint8)]

    def rows(self, hits: NDArray[np.bool_]) -> set[int]:
        """Rows in which a byte is hit."""
        return set((np.searchsorted(self.starts, np.flatnonzero(hits), "right") - 1).tolist())


class Words:
    """Words under numbers; compiled once, safe to use from several threads. Overlapping ones are all found."""

    def __init__(self, words: Iterable[str]) -> None:
        spelt = [word.encode() for word in words]
        small = sum(map(len, spelt)) <= TABLE_BYTES
        kind = ahocorasick_rs.Implementation.DFA if small else ahocorasick_rs.Implementation.ContiguousNFA
        self._automaton = ahocorasick_rs.BytesAhoCorasick(spelt, implementation=kind) if spelt else None

    def __bool__(self) -> bool:
        return self._automaton is not None

    def by_row(self, texts: Texts) -> dict[int, list[Span]]:
        """Row → the places of words in it, in bytes of the row; rows ascend, and places by where they end."""
        found: dict[int, list[Span]] = {}
        if self._automaton is None:
            return found
        ends = texts.starts[1:].tolist()
        row = begin = 0
        for number, start, end in self._automaton.find_matches_as_indexes(texts.data, overlapping=True):
            while ends[row] <= start:
                begin = ends[row]
                row += 1
            if begin <= start and end <= ends[row]:  # else it runs from one text into the next
                found.setdefault(row, []).append((number, start - begin, end - begin))
        return found

    def within(self, text: str) -> Iterator[Span]:
        """The places of words in one text, counted in characters, by where they end."""
        if self._automaton is None:
            return
        data = text.encode()
        hits: Sequence[Span] = self._automaton.find_matches_as_indexes(data, overlapping=True)
        if len(data) == len(text) or not hits:
            yield from hits
            return
        if len(hits) <= FEW:
            for number, start, end in hits:
                yield number, len(data[:start].decode()), len(data[:end].decode())
            return
        begins = (np.frombuffer(data, np.uint8) & 0xC0) != 0x80
        places = np.concatenate(([0], np.cumsum(begins)))
        for number, start, end in hits:
            yield number, int(places[start]), int(places[end])
