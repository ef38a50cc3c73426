"""Columns in fewer bytes than their numbers have: what follows what came before, and what lies near it.

Both are taken apart by row (`take`), grow at their end, and a `copy.copy` of one stays as it is while the other grows.
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from tocsin.correlate.growing import Growing

CHUNK_ROWS = 1 << 20
"""Rows worked on at once: whole columns of 64 bits would be 80 MB each at ten million."""

BLOCK_BITS = 10
"""Of a row number the bits within a block: at ten million events in thirty days a thousand rows are four minutes."""

REACH = 1 << 31
"""Microseconds (36 minutes) before and after the first of its block that a row's four bytes tell."""

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.integer[Any]]


def chunks(number: int) -> Iterator[slice]:
    """Slices of CHUNK_ROWS that cover so many rows, in order."""
    for at in range(0, number, CHUNK_ROWS):
        yield slice(at, min(at + CHUNK_ROWS, number))


class _Column(ABC):
    """What both columns have: growing, taking apart, and cutting out."""

    _used = 0

    def __len__(self) -> int:
        return self._used

    def __copy__(self) -> Self:
        other = object.__new__(type(self))
        other.__dict__ |= {
            name: copy.copy(value) if isinstance(value, Growing) else value
            for name, value in self.__dict__.items()
        }
        return other

    @abstractmethod
    def emptied(self) -> Self:
        """One like it, without rows."""

    @abstractmethod
    def extend(self, values: I64) -> None:
        """Take rows behind the last one."""

    @abstractmethod
    def take(self, rows: Rows) -> I64:
        """The values of some rows."""

    @property
    def rows(self) -> I64:
        """All of them: eight bytes a row, for tests and for what is small."""
        return self.take(np.arange(self._used))

    def keep(self, wanted: Rows) -> None:
        """These rows only, in this order."""
        other = self.emptied()
        for part in chunks(len(wanted)):
            other.extend(self.take(wanted[part]))
        self.__dict__ = other.__dict__


class Runs(_Column):
    """Numbers of which each is mostly the one before plus `step`: a row costs nothing, a run of them 16 bytes."""

    def __init__(self, step: int) -> None:
        self._step = step
        self._first = Growing(np.int64)
        """By run: its first row, and what stands there."""
        self._value = Growing(np.int64)
        self._used = 0

    def emptied(self) -> Self:
        return type(self)(self._step)

    def extend(self, values: I64) -> None:
        if not len(values):
            return
        values = values.astype(np.int64)
        starts = np.flatnonzero(np.diff(values) != self._step) + 1
        if not self._used or int(self.take(np.array([self._used - 1]))[0]) + self._step != values[0]:
            starts = np.concatenate(([0], starts))
        self._first.extend(starts + self._used)
        self._value.extend(values[starts])
        self._used += len(values)

    def take(self, rows: Rows) -> I64:
        first, value = self._first.rows, self._value.rows
        if len(first) == 1:
            found: I64 = value[0] + (rows.astype(np.int64) - first[0]) * self._step
            return found
        run = np.searchsorted(first, rows, "right") - 1
        found = value[run]
        found += (rows - first[run]) * self._step
        return found

    def place(self, value: int) -> int:
        """The first row that is at least `value`, where the rows ascend (a `step` of one)."""
        run = int(np.searchsorted(self._value.rows, value, "right")) - 1
        if run < 0:
            return 0
        ends = self._first.rows[run + 1] if run + 1 < len(self._first) else self._used
        return int(min(self._first.rows[run] + value - self._value.rows[run], ends))

    @property
    def ascends(self) -> bool:
        """Whether each row is more than the one before (for a `step` of one)."""
        last = self._value.rows[:-1] + np.diff(self._first.rows) - 1
        return bool((self._value.rows[1:] > last).all())

    def each(self) -> Iterator[tuple[int, int, int]]:
        """(value, first row, row behind the last) of each run, where all of a run are equal (a `step` of none)."""
        first = self._first.rows.tolist()
        yield from zip(self._value.rows.tolist(), first, (*first, self._used)[1:], strict=True)

    def rows_of(self, value: int) -> I64:
        """The rows where it stands, ascending (a `step` of none)."""
        spans = [np.arange(first, last) for one, first, last in self.each() if one == value]
        return np.concatenate(spans) if spans else np.empty(0, np.int64)


class Moments(_Column):
    """Times in microseconds: four bytes a row, and sixteen for one that is far from the first of its block."""

    def __init__(self) -> None:
        self._base, self._lowest, self._highest = Growing(np.int64), Growing(np.int64), Growing(np.int64)
        self._after = Growing(np.uint32)
        self._far_row, self._far = Growing(np.int32), Growing(np.int64)
        self._used = 0

    def emptied(self) -> Self:
        other = type(self)()
        other.reserve(len(self))
        return other

    def reserve(self, rows: int) -> None:
        """Make room for so many in all."""
        self._after.reserve(rows)

    def extend(self, values: I64) -> None:
        for part in chunks(len(values)):
            self._take(values[part])

    def _take(self, values: I64) -> None:
        at = np.arange(self._used, self._used + len(values))
        block = at >> BLOCK_BITS
        starts = np.concatenate(([0], np.flatnonzero(np.diff(block)) + 1))
        lows, highs = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
        whole = len(self._base)
        if block[0] < whole:  # the last block goes on
            self._lowest.rows[-1] = min(self._lowest.rows[-1], lows[0])
            self._highest.rows[-1] = max(self._highest.rows[-1], highs[0])
            starts, lows, highs = starts[1:], lows[1:], highs[1:]
        self._base.extend(values[starts] - REACH)
        self._lowest.extend(lows)
        self._highest.extend(highs)
        after = values - self._base.rows[block]
        far = np.flatnonzero((after < 0) | (after >= 2 * REACH))
        after[far] = 0
        self._after.extend(after)
        self._far_row.extend(at[far])
        self._far.extend(values[far])
        self._used += len(values)

    def take(self, rows: Rows) -> I64:
        found: I64 = self._base.rows[rows >> BLOCK_BITS] + self._after.rows[rows]
        far = self._far_row.rows
        if len(far):
            at = np.minimum(np.searchsorted(far, rows), len(far) - 1)
            hit = far[at] == rows
            found[hit] = self._far.rows[at[hit]]
        return found

    def within(self, since: int | None, until: int | None) -> Bools:
        """By row: whether since <= it < until. Only blocks that reach over an end are looked into."""
        low, high = self._lowest.rows, self._highest.rows
        inside, some = np.ones(len(low), np.bool_), np.ones(len(low), np.bool_)
        if since is not None:
            inside &= low >= since
            some &= high >= since
        if until is not None:
            inside &= high < until
            some &= low < until
        found = np.repeat(inside, 1 << BLOCK_BITS)[: self._used]
        for block in np.flatnonzero(some & ~inside).tolist():
            rows = np.arange(block << BLOCK_BITS, min((block + 1) << BLOCK_BITS, self._used))
            times = self.take(rows)
            found[rows] = (times >= (times if since is None else since)) & (
                times < (times + 1 if until is None else until)
            )
        return found

    def oldest(self, number: int) -> Bools:
        """By row: whether it is among the `number` oldest, or about as old as the youngest of them."""
        start = int(self._lowest.rows.min())
        shift = np.int64(max(int(self._highest.rows.max() - start).bit_length() - 32, 0))
        coarse = np.empty(self._used, np.uint32)
        for part in chunks(self._used):
            coarse[part] = (self.take(np.arange(part.start, part.stop)) - start) >> shift
        youngest = np.partition(coarse, number - 1)[number - 1]
        found: Bools = coarse <= youngest
        return found


class Part:
    """Some rows of a column, as they were when it was taken."""

    def __init__(self, column: Runs | Moments, rows: slice | I64) -> None:
        self._column, self.at = copy.copy(column), rows
        self._used = rows.stop - rows.start if isinstance(rows, slice) else len(rows)

    def __len__(self) -> int:
        return self._used

    def __getitem__(self, rows: Rows) -> I64:
        if isinstance(self.at, slice):
            return self._column.take(rows + self.at.start)
        return self._column.take(self.at[rows])

    @property
    def rows(self) -> I64:
        """All of them, eight bytes a row."""
        return self[np.arange(self._used)]

    def find(self, value: int) -> int:
        """The row that is `value`, or -1, where the rows ascend."""
        if not isinstance(self._column, Runs):
            raise TypeError("only numbers that ascend are looked for")
        at = self._column.place(value)
        row = at - self.at.start if isinstance(self.at, slice) else int(np.searchsorted(self.at, at))
        there = 0 <= row < self._used and int(self[np.array([row])][0]) == value
        return row if there else -1
