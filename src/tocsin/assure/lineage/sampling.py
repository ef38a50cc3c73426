"""What is taken of a pair of tensors while their bytes pass: some rows, some columns.

A left direction shows in any sample of columns, a right one in any sample of rows. The sample is drawn with a seed that
the caller gives, from the sides alone: the same files and seed give the same numbers. Where files come from strangers
the seed must be a fresh one: who knows it can leave what is drawn as it was, and change all else.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.assure.lineage.encodings import Floats, Raw
from tocsin.assure.lineage.tensors import Tensor

SEED = 28
"""Where nobody gives another: for tests and measurements that must come out alike."""

WHOLE_SIDE = 128
"""A side up to this is taken whole."""

DRAWN = 64
"""Rows, and columns, taken of a longer side. Enough that a direction of one in ten thousand of the matrix's energy
stands out of BF16 rounding, and few enough that taking them costs a tenth of reading."""

MAX_SAMPLE = 1 << 18
"""Entries of a sample: fewer rows are drawn of very wide matrices. A cosine is then off by 0.002."""

MAX_SIDE = 1 << 14
"""The longest side whose directions are looked at: the stream of the largest open model is as wide."""

BLOCK = 1 << 20
"""Bytes read at a time of each of two that differ."""

SAME_BLOCK = 1 << 18
"""Bytes read at a time as long as all are the same: both blocks stay in the second cache while they are compared, and
nothing else is done with them.
"""

DENSE_ROWS = 64
"""Rows that have all changed, from the first on, tell that a tensor changed everywhere."""

FIRST_BYTES = 256
"""Of a row, compared first: rows of a tuned tensor differ there already."""


class Plan(NamedTuple):
    """Which rows, and which units of every row, are taken of a pair."""

    rows: npt.NDArray[np.intp]
    columns: npt.NDArray[np.intp]


class Sample(NamedTuple):
    """`across` are the drawn rows whole, `down` the drawn columns whole (empty when their side is too long)."""

    across: Floats
    down: Floats


def plan_of(base: Tensor, derived: Tensor, rows: int, *, columns: bool, seed: int = SEED) -> Plan:
    """One row, and (where `columns` are wanted) one run of columns, from each of as many equal strata."""
    grain = max(base.encoding.grain, derived.encoding.grain)
    count = min(DRAWN, max(2, MAX_SAMPLE // base.columns))
    drawn = _drawn(rows, count, WHOLE_SIDE if rows * base.columns <= 4 * MAX_SAMPLE else count, seed)
    if not columns or not base.is_matrix or rows > MAX_SIDE:
        return Plan(drawn, np.empty(0, np.intp))
    runs = _drawn(base.columns // grain, max(1, DRAWN // grain), max(1, WHOLE_SIDE // grain), seed)
    return Plan(drawn, (runs[:, None] * grain + np.arange(grain)).ravel())


def _drawn(side: int, count: int, whole: int, seed: int) -> npt.NDArray[np.intp]:
    """All of a side up to `whole`, else `count` of it."""
    if side <= max(whole, count):
        return np.arange(side, dtype=np.intp)
    edges = np.linspace(0, side, count + 1).astype(np.intp)
    draw: npt.NDArray[np.intp] = np.random.default_rng([seed, side]).integers(edges[:-1], edges[1:])
    return draw


class Taker:
    """Takes the planned rows and columns out of blocks as they pass; they are decoded at the end, at once."""

    def __init__(self, tensor: Tensor, plan: Plan, rows: int) -> None:
        self._tensor, self._plan = tensor, plan
        encoding = tensor.encoding
        self._next = 0
        self._units = plan.columns[:: encoding.grain] // encoding.grain
        self._across = np.empty((len(plan.rows), tensor.columns // encoding.grain), encoding.unit)
        self._down = np.empty((rows if len(self._units) else 0, len(self._units)), encoding.unit)

    def take(self, raw: Raw, start: int) -> None:
        rows, first, stop = self._plan.rows, self._next, start + len(raw)
        while self._next < len(rows) and rows[self._next] < stop:
            self._next += 1
        if self._next > first:
            self._across[first : self._next] = raw[rows[first : self._next] - start]
        if len(self._units):
            # "clip" writes without a copy between; the units are within the row
            raw.take(self._units, axis=1, out=self._down[start : start + len(raw)], mode="clip")

    def sample(self) -> Sample:
        return Sample(self._decoded(self._across), self._decoded(self._down))

    def _decoded(self, raw: Raw) -> Floats:
        encoding = self._tensor.encoding
        values = encoding.decoded(raw).reshape(len(raw), raw.shape[1] * encoding.grain)
        if values.size and not np.isfinite(np.vdot(values, values)):
            values[~np.isfinite(values)] = 0
        return values


def compared(
    base: Tensor,
    derived: Tensor,
    plan: Plan,
    rows: int,
    takers: tuple[Taker, Taker],
    told: Callable[[int], None],
) -> tuple[bool, int | None]:
    """Whether all bytes are the same, and how many rows differ: None where nobody counted.

    1. As long as all bytes are the same, they are compared and nothing is taken: where no row differs, that is all.
    2. Else what was passed over is read once more, of the base alone, and taken for both.
    3. Bytes are compared as long as that can tell something: not between two types, and not once every row so far, and
       no fewer than DENSE_ROWS, has changed. Then, unless columns are wanted of every row, the planned rows alone are
       read.
    """
    counting = base.encoding is derived.encoding
    first = _same_rows(base, derived, rows, told) if counting else 0
    if first == rows:
        return base.rows == derived.rows, 0
    _take_same(base, plan, first, takers)
    step = max(1, BLOCK // max(base.row_bytes, derived.row_bytes))
    differing = 0
    for start in range(first, rows, step):
        if not counting and not len(plan.columns):
            _take_rows(base, derived, plan.rows[plan.rows >= start], takers)
            told((rows - start) * (base.row_bytes + derived.row_bytes))
            break
        stop = min(start + step, rows)
        a, b = base.read_rows(start, stop), derived.read_rows(start, stop)
        told(len(a) + len(b))
        old, new = base.raw(a), derived.raw(b)
        takers[0].take(old, start)
        takers[1].take(new, start)
        if counting and a != b:
            differing += _rows_that_differ(a, b, old, new)
            counting = stop == rows or differing < max(stop, DENSE_ROWS)
    return False, differing if counting else None


def _same_rows(base: Tensor, derived: Tensor, rows: int, told: Callable[[int], None]) -> int:
    """How many rows from the first on are the same, in whole blocks."""
    step = max(1, SAME_BLOCK // base.row_bytes)
    for start in range(0, rows, step):
        stop = min(start + step, rows)
        if base.read_rows(start, stop) != derived.read_rows(start, stop):
            return start
        told(2 * (stop - start) * base.row_bytes)
    return rows


def _take_same(base: Tensor, plan: Plan, rows: int, takers: tuple[Taker, Taker]) -> None:
    """What is planned of the first rows, which are the same in both."""
    if not len(plan.columns):
        for row in plan.rows[plan.rows < rows].tolist():
            raw = base.raw(base.read_rows(row, row + 1))
            for taker in takers:
                taker.take(raw, row)
        return
    step = max(1, BLOCK // base.row_bytes)
    for start in range(0, rows, step):
        raw = base.raw(base.read_rows(start, min(start + step, rows)))
        for taker in takers:
            taker.take(raw, start)


def _take_rows(
    base: Tensor, derived: Tensor, rows: npt.NDArray[np.intp], takers: tuple[Taker, Taker]
) -> None:
    for tensor, taker in zip((base, derived), takers, strict=True):
        for row in rows.tolist():
            taker.take(tensor.raw(tensor.read_rows(row, row + 1)), row)


def _rows_that_differ(a: bytes, b: bytes, old: Raw, new: Raw) -> int:
    rows, length = len(old), len(a) // len(old)
    first = np.dtype(("V", min(FIRST_BYTES, length)))
    seen = np.ndarray((rows,), first, a, 0, (length,)) != np.ndarray((rows,), first, b, 0, (length,))
    rest = np.flatnonzero(~seen)
    if len(rest):
        seen[rest] = (old[rest] != new[rest]).any(axis=1)
    return int(np.count_nonzero(seen))
