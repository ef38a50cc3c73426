"""One tensor beside its counterpart, streamed: every byte is compared, a sample of rows and columns is computed with.

A left direction shows in any sample of columns, a right one in any sample of rows; so a sample of each is decoded, and
the rest is compared as bytes. The sample is drawn with a stated seed (SEED) from the sides alone: the same files give
the same numbers.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.assure.lineage.encodings import Floats, Raw, rounded, rounding_energy
from tocsin.assure.lineage.grids import NO_GRID, Grid, grid_of
from tocsin.assure.lineage.spectra import Spectrum, spectrum
from tocsin.assure.lineage.tensors import Tensor

SEED = 28

WHOLE_SIDE = 128
"""A side up to this is taken whole."""

DRAWN = 64
"""Rows, and columns, taken of a longer side. Enough that a direction of one in ten thousand of the matrix's energy
stands out of BF16 rounding, and few enough that taking them costs a tenth of reading."""

MAX_SAMPLE = 1 << 18
"""Entries of a sample: fewer rows are drawn of very wide matrices. A cosine is then off by 0.002."""

LOOKED_AT = 1 << 13
"""Entries are looked at where a mean is all that is asked."""

MAX_SIDE = 1 << 14
"""The longest side whose directions are looked at: the stream of the largest open model is as wide."""

BLOCK = 1 << 20
"""Bytes read at a time of each: they stay in the second cache while they are compared."""

SKETCH = 2048
"""Directions of a wider stream are kept as count sketches (Charikar 2002) of this width: the cosine between two is then
off by 0.02 (one standard deviation), and a model of a hundred layers takes some ten megabytes."""

SAME_VALUES = 0.999
"""Share of entries that are the base's, rounded, for a tensor to be the base's in another type."""

FIRST_BYTES = 256
"""Of a row, compared first: rows of a tuned tensor differ there already."""


class Directions(NamedTuple):
    """The leading directions of a delta on one side ("left": what the matrix writes; "right": what it reads, or what a
    table of embeddings writes), sketched, as rows; for each its share of the delta's energy, how nearly the delta
    along it is minus the base (`projected`, a cosine), the share of the base's amplitude that is gone (`removed`), the
    base's energy that is `left`, whether it stands `above` the noise; `elsewhere` is `removed` of all the rest.
    """

    side: str
    kept: Floats
    energy: Floats
    projected: Floats
    removed: Floats
    left: Floats
    above: npt.NDArray[np.bool_]
    elsewhere: float


class Measured(NamedTuple):
    """What one pass tells of a pair. Energies are sums of squares over the sample."""

    identical: bool
    sampled: int
    changed: float
    changed_rows: int | None
    zeroed: float
    base_energy: float
    delta_energy: float
    cosine: float
    cast: bool
    rounding: float
    grid: Grid
    base_on_grid: bool
    rank: int
    rank_share: float
    sides: tuple[Directions, ...]
    weights: tuple[float, ...] = ()
    unexplained: float = 1.0


class Plan(NamedTuple):
    """Which rows, and which units of every row, are taken of a pair."""

    rows: npt.NDArray[np.intp]
    columns: npt.NDArray[np.intp]


class Sample(NamedTuple):
    """`across` are the drawn rows whole, `down` the drawn columns whole (empty when their side is too long)."""

    across: Floats
    down: Floats


def plan_of(base: Tensor, derived: Tensor, rows: int, stream: int) -> Plan:
    """One row, or one run of columns, from each of as many equal strata. Columns are taken only where left directions
    are asked for: of what writes to the stream, and of what neither writes nor reads it.
    """
    grain = max(base.encoding.grain, derived.encoding.grain)
    count = min(DRAWN, max(8, MAX_SAMPLE // max(base.columns, 1)))
    drawn = _drawn(rows, count)
    if not base.is_matrix or rows > MAX_SIDE or (rows != stream and base.columns == stream):
        return Plan(drawn, np.empty(0, np.intp))
    runs = _drawn(base.columns // grain, max(1, DRAWN // grain))
    columns = (runs[:, None] * grain + np.arange(grain)).ravel()
    return Plan(drawn, columns)


def _drawn(side: int, count: int) -> npt.NDArray[np.intp]:
    if side <= max(WHOLE_SIDE, count):
        return np.arange(side, dtype=np.intp)
    edges = np.linspace(0, side, count + 1).astype(np.intp)
    draw: npt.NDArray[np.intp] = np.random.default_rng([SEED, side]).integers(edges[:-1], edges[1:])
    return draw


def measure(
    base: Tensor,
    derived: Tensor,
    stream: int,
    others: Sequence[Tensor] = (),
    told: Callable[[int], None] = lambda _: None,
) -> Measured:
    """Compare a pair; `stream` is the width of the residual stream, `told` hears how many bytes were read.

    1. Every block of rows is read of both and compared as bytes.
    2. The planned rows and columns are decoded on the way.
    3. Of the samples: energies, correlation, zeros, grid, ranks, directions, shares of the other models.
    """
    rows = min(base.rows, derived.rows)
    plan = plan_of(base, derived, rows, stream)
    takers = (_Taker(base, plan, rows), _Taker(derived, plan, rows))
    identical, changed_rows = _stream(base, derived, rows, takers, told)
    before, after = takers[0].sample(), takers[1].sample()
    return _told(base, derived, plan, before, after, stream, others, identical=identical, changed_rows=changed_rows)


class _Taker:
    """Takes the planned rows and columns out of blocks as they pass; they are decoded at the end, at once."""

    def __init__(self, tensor: Tensor, plan: Plan, rows: int) -> None:
        self._tensor, self._plan = tensor, plan
        encoding = tensor.encoding
        self._units = plan.columns[:: encoding.grain] // encoding.grain
        self._across = np.empty((len(plan.rows), tensor.columns // encoding.grain), encoding.unit)
        self._down = np.empty((rows if len(self._units) else 0, len(self._units)), encoding.unit)

    def take(self, raw: Raw, start: int) -> None:
        first, last = np.searchsorted(self._plan.rows, (start, start + len(raw)))
        self._across[first:last] = raw[self._plan.rows[first:last] - start]
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


def _stream(
    base: Tensor, derived: Tensor, rows: int, takers: tuple[_Taker, _Taker], told: Callable[[int], None]
) -> tuple[bool, int | None]:
    """Whether all bytes are the same, and how many rows differ (None where bytes cannot be compared)."""
    alike = base.encoding is derived.encoding
    step = max(1, BLOCK // max(base.row_bytes, derived.row_bytes, 1))
    differing = 0
    for start in range(0, rows, step):
        stop = min(start + step, rows)
        a, b = base.read_rows(start, stop), derived.read_rows(start, stop)
        told(len(a) + len(b))
        old, new = base.raw(a), derived.raw(b)
        takers[0].take(old, start)
        takers[1].take(new, start)
        if alike and a != b:
            differing += _rows_that_differ(a, b, old, new)
    if not alike:
        return False, None
    return differing == 0 and base.rows == derived.rows, differing


def _rows_that_differ(a: bytes, b: bytes, old: Raw, new: Raw) -> int:
    rows, length = len(old), len(a) // len(old)
    first = np.dtype(("V", min(FIRST_BYTES, length)))
    seen = np.ndarray((rows,), first, a, 0, (length,)) != np.ndarray((rows,), first, b, 0, (length,))
    rest = np.flatnonzero(~seen)
    if len(rest):
        seen[rest] = (old[rest] != new[rest]).any(axis=1)
    return int(np.count_nonzero(seen))


def _told(
    base: Tensor,
    derived: Tensor,
    plan: Plan,
    before: Sample,
    after: Sample,
    stream: int,
    others: Sequence[Tensor],
    *,
    identical: bool,
    changed_rows: int | None,
) -> Measured:
    old, new = before.across, after.across
    delta = new - old
    base_energy, delta_energy, product = _energy(old), _energy(delta), float(np.vdot(old, new))
    cosine = product / ((base_energy * _energy(new)) ** 0.5 or 1.0)
    few = slice(None, None, max(1, old.size // LOOKED_AT))
    some_old, some_new = old.reshape(-1)[few], new.reshape(-1)[few]
    rank, rank_share, sides = 0, 0.0, ()
    weights, unexplained, grid, base_on_grid = (), 1.0, NO_GRID, False
    if delta_energy and base.is_matrix:
        rank, rank_share, sides = _directions(before, after, delta, base.columns, stream)
        grid = grid_of(new, derived.encoding)
        base_on_grid = bool(grid.bits) and grid_of(old, base.encoding).bits == grid.bits
    if delta_energy and others:
        weights, unexplained = _shares(old, delta, plan, others)
    return Measured(
        identical=identical,
        sampled=old.size,
        changed=np.count_nonzero(delta) / (delta.size or 1),
        changed_rows=changed_rows,
        zeroed=float(np.mean((some_new == 0) & (some_old != 0))),
        base_energy=base_energy,
        delta_energy=delta_energy,
        cosine=min(1.0, max(-1.0, cosine)),
        cast=_is_cast(some_old, some_new, derived),
        rounding=rounding_energy(some_new, derived.encoding) * new.size / some_new.size,
        grid=grid,
        base_on_grid=base_on_grid,
        rank=rank,
        rank_share=rank_share,
        sides=sides,
        weights=weights,
        unexplained=unexplained,
    )


def _is_cast(old: Floats, new: Floats, derived: Tensor) -> bool:
    """Whether these are the base's values, rounded to the derived one's type."""
    if not derived.encoding.mantissa:
        return False
    return float(np.mean(rounded(old, derived.encoding) == new)) >= SAME_VALUES


def _energy(values: Floats) -> float:
    return float(np.vdot(values, values))


def _directions(
    before: Sample, after: Sample, across: Floats, columns: int, stream: int
) -> tuple[int, float, tuple[Directions, ...]]:
    """The rank, and the directions on each side that is as long as the stream. `across` is the drawn rows' delta."""
    sides = []
    rank, share = 0, 0.0
    if before.down.size:
        delta = after.down - before.down
        if delta.any():
            found = spectrum(delta)
            rank, share = found.rank, found.rank_share
            if len(delta) == stream:
                sides.append(_along("left", found, before.down, delta))
    if columns == stream or not before.down.size:
        found = spectrum(across.T)
        if not rank or found.rank < rank:
            rank, share = found.rank, found.rank_share
        if columns == stream:
            sides.append(_along("right", found, before.across.T, across.T))
    return rank, share, tuple(sides)


def _along(side: str, found: Spectrum, old: Floats, delta: Floats) -> Directions:
    kept = found.left
    was, moved = kept @ old, kept @ delta
    overlap, size, change = (np.sum(a * b, axis=1) for a, b in ((was, moved), (was, was), (moved, moved)))
    size = np.maximum(size, np.finfo(np.float32).tiny)
    # the transposed are laid out alike: their sums need no order
    old_flat, delta_flat = old.ravel(order="K"), delta.ravel(order="K")
    rest = max(_energy(old_flat) - float(np.sum(size)), 1e-30)
    return Directions(
        side=side,
        kept=sketched(kept),
        energy=change / (_energy(delta_flat) or 1.0),
        projected=-overlap / np.sqrt(size * np.maximum(change, 1e-30)),
        removed=-overlap / size,
        left=np.sum(np.square(was + moved), axis=1) / size,
        above=np.arange(len(kept)) < found.rank,
        elsewhere=-(float(np.vdot(old_flat, delta_flat)) - float(np.sum(overlap))) / rest,
    )


def sketched(directions: Floats) -> Floats:
    """Directions as they are kept: themselves, or their count sketch when they are wider than SKETCH."""
    width = directions.shape[1]
    if width <= SKETCH:
        return directions
    rng = np.random.default_rng([SEED, width])
    bucket, sign = rng.integers(0, SKETCH, width), rng.choice(np.array([-1, 1], np.float32), width)
    kept = np.stack([np.bincount(bucket, row * sign, SKETCH) for row in directions])
    return (kept / np.linalg.norm(kept, axis=1, keepdims=True)).astype(np.float32)


def _shares(
    old: Floats, delta: Floats, plan: Plan, others: Sequence[Tensor]
) -> tuple[tuple[float, ...], float]:
    """The delta as a combination of the others' deltas: their shares, and the energy that is left unexplained."""
    moves = []
    for other in others:
        raw = np.concatenate([other.raw(other.read_rows(row, row + 1)) for row in plan.rows.tolist()])
        moves.append(other.encoding.decoded(raw).reshape(old.shape) - old)
    products = np.array([[np.vdot(one, two) for one in moves] for two in moves], np.float64)
    aims = np.array([np.vdot(one, delta) for one in moves], np.float64)
    found, *_ = np.linalg.lstsq(products, aims, rcond=1e-6)
    left = delta - sum(np.float32(share) * move for share, move in zip(found, moves, strict=True))
    return tuple(float(share) for share in found), _energy(left) / _energy(delta)
