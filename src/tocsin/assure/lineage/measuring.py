"""One tensor beside its counterpart: bytes are compared, and a sample of rows and columns is computed with."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.assure.lineage.encodings import Floats, rounded, rounding_energy
from tocsin.assure.lineage.grids import NO_GRID, Grid, beyond_rounding, grid_of
from tocsin.assure.lineage.sampling import SEED, Plan, Sample, Taker, compared, plan_of
from tocsin.assure.lineage.spectra import Spectrum, spectrum
from tocsin.assure.lineage.tensors import Tensor

LOOKED_AT = 1 << 13
"""Entries are looked at where a mean is all that is asked."""

SKETCH = 2048
"""Directions of a wider stream are kept as count sketches (Charikar 2002) of this width: the cosine between two is then
off by 0.02 (one standard deviation), and a model of a hundred layers takes some ten megabytes."""

SAME_VALUES = 0.999
"""Share of entries that are the base's, rounded, for a tensor to be the base's in another type."""


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
    """What one pass tells of a pair. Energies are sums of squares over the sample; `beyond` is the share of values
    farther from the base's than rounding to the grid could move them.
    """

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
    beyond: float = 0.0


def measure(
    base: Tensor,
    derived: Tensor,
    stream: int,
    side: str = "",
    others: Sequence[Tensor] = (),
    told: Callable[[int], None] = lambda _: None,
    seed: int = SEED,
) -> Measured:
    """Compare a pair; `stream` is the width of the residual stream, and `side` where the tensor's name puts it
    (`names.stream_side`). `told` hears how many bytes are done with.

    1. Blocks of rows are read of both and compared as bytes; the planned rows and columns are taken.
    2. These are decoded.
    3. Of the samples: energies, correlation, zeros, grid, ranks, directions, shares of the other models.
    """
    rows = min(base.rows, derived.rows)
    left, right = rows == stream and side != "right", base.columns == stream and side != "left"
    plan = plan_of(base, derived, rows, columns=left or not right, seed=seed)
    takers = (Taker(base, plan, rows), Taker(derived, plan, rows))
    identical, changed_rows = compared(base, derived, plan, rows, takers, told)
    if changed_rows == 0:
        return _same(rows * base.columns, identical=identical)
    before, after = takers[0].sample(), takers[1].sample()
    return _told(
        base,
        derived,
        plan,
        before,
        after,
        (left, right),
        others,
        identical=identical,
        changed_rows=changed_rows,
    )


def _same(entries: int, *, identical: bool) -> Measured:
    """Every byte of the rows that both have is the same: nothing needs to be decoded."""
    return Measured(
        identical=identical,
        sampled=entries,
        changed=0.0,
        changed_rows=0,
        zeroed=0.0,
        base_energy=0.0,
        delta_energy=0.0,
        cosine=1.0,
        cast=False,
        rounding=0.0,
        grid=NO_GRID,
        base_on_grid=False,
        rank=0,
        rank_share=0.0,
        sides=(),
    )


def _told(
    base: Tensor,
    derived: Tensor,
    plan: Plan,
    before: Sample,
    after: Sample,
    wanted: tuple[bool, bool],
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
    rank, rank_share = 0, 0.0
    sides: tuple[Directions, ...] = ()
    weights: tuple[float, ...] = ()
    unexplained, grid, base_on_grid = 1.0, NO_GRID, False
    if delta_energy and base.is_matrix:
        rank, rank_share, sides = _directions(before, after, delta, wanted)
        grid = grid_of(new, derived.encoding)
        base_on_grid = bool(grid.bits) and grid_of(old, base.encoding).bits == grid.bits
    if delta_energy and others:
        weights, unexplained = _shares(old, delta, plan, others)
    return Measured(
        identical=identical,
        sampled=old.size,
        changed=int(np.count_nonzero(delta)) / (delta.size or 1),
        changed_rows=changed_rows,
        zeroed=float(np.mean((some_new == 0) & (some_old != 0))),
        base_energy=base_energy,
        delta_energy=delta_energy,
        cosine=min(1.0, max(-1.0, cosine)),
        cast=_is_cast(old.reshape(-1), new.reshape(-1), derived),
        rounding=rounding_energy(some_new, derived.encoding) * new.size / some_new.size,
        grid=grid,
        base_on_grid=base_on_grid,
        rank=rank,
        rank_share=rank_share,
        sides=sides,
        weights=weights,
        unexplained=unexplained,
        beyond=beyond_rounding(old, new, grid, (base.encoding.mantissa, derived.encoding.mantissa)),
    )


def _is_cast(old: Floats, new: Floats, derived: Tensor) -> bool:
    """Whether these are the base's values, rounded to the derived one's type."""
    if not derived.encoding.mantissa:
        return False
    few = slice(None, None, max(1, old.size // LOOKED_AT))
    alike = (float(np.mean(rounded(old[some], derived.encoding) == new[some])) for some in (few, slice(None)))
    return all(share >= SAME_VALUES for share in alike)


def _energy(values: Floats) -> float:
    return float(np.vdot(values, values))


def _directions(
    before: Sample, after: Sample, across: Floats, wanted: tuple[bool, bool]
) -> tuple[int, float, tuple[Directions, ...]]:
    """The rank, and the directions on each side that is `wanted`, left and right. `across` is the drawn rows' delta."""
    left, right = wanted
    sides = []
    rank, share = 0, 0.0
    if before.down.size:
        delta = after.down - before.down
        if delta.any():
            found = spectrum(delta)
            rank, share = found.rank, found.rank_share
            if left:
                sides.append(_along("left", found, before.down, delta))
    if right or not before.down.size:
        found = spectrum(across.T)
        if not rank or found.rank < rank:
            rank, share = found.rank, found.rank_share
        if right:
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
    bucket, sign = _hashes(width)
    kept = np.stack([np.bincount(bucket, row * sign, SKETCH) for row in directions])
    found: Floats = (kept / np.linalg.norm(kept, axis=1, keepdims=True)).astype(np.float32)
    return found


@cache
def _hashes(width: int) -> tuple[npt.NDArray[np.int64], Floats]:
    rng = np.random.default_rng([SEED, width])
    return rng.integers(0, SKETCH, width), rng.choice(np.array([-1, 1], np.float32), width)


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
