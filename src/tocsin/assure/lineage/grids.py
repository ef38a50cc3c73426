"""Whether values lie on the grid that quantisation rounds to, in groups along a row."""

from typing import NamedTuple

import numpy as np

from tocsin.assure.lineage.encodings import Encoding, Floats, rounding_energy

GROUPS = (32, 64, 128, 0)
"""Entries that share a scale: what GGUF, bitsandbytes, GPTQ and AWQ use, and (0) a whole row."""

LEVELS = {
    4: ((7.0, False), (7.5, False), (8.0, False), (15.0, True)),
    5: ((15.0, False), (16.0, False), (31.0, True)),
    8: ((127.0, False), (127.5, False), (128.0, False), (255.0, True)),
}
"""By bits: steps from zero to the largest value, or (True) from the least to the largest."""

ON_GRID = 0.05
"""Root mean square distance to the grid, in steps, beside what rounding to the stored type adds. Off the grid,
distances are even: 0.289."""

LOST = 0.2
"""Rounding to the stored type that moves values farther than this hides the grid: BF16 hides one of nine bits."""

TYPE_ROUNDING = 3.0
"""Times the energy of that rounding: it moves the value, and the group's largest value, from which the step is told."""

MIN_GROUPS = 8
ENOUGH = 256
"""Entries of a row looked at for a grid of groups, in MIN_GROUPS rows: the mean of a thousand distances is certain."""


SCALE_BITS = 10
"""Scales are kept as F16, or as coarse as the values are: a step is known to a thousandth, at best."""

NEAR = 0.05
"""Steps that a whole value may be off because of that; larger ones, whose place is known less well, are not asked."""

MIN_BEYOND = 4
"""Values farther than half a step from the base's before a tensor is said to have any: a base whose last bits were cut
off after it was rounded gives one in ten thousand."""


class Grid(NamedTuple):
    """`bits` 0 is no grid. `energy` is what rounding to it adds to these values; `distance` as in ON_GRID. `levels` and
    `spanned` are those of LEVELS, 0 where steps do not show.
    """

    bits: int
    group: int
    energy: float
    distance: float
    levels: float = 0.0
    spanned: bool = False


NO_GRID = Grid(0, 0, 0.0, 1.0)


def grid_of(values: Floats, encoding: Encoding) -> Grid:
    """The coarsest grid that rows of values, stored in an encoding, lie on."""
    rows = values[:MIN_GROUPS]
    few = rows[:, : ENOUGH if rows.shape[1] % ENOUGH == 0 else None]
    rounding = TYPE_ROUNDING * rounding_energy(few, encoding) / (few.size or 1)
    for bits, levels in LEVELS.items():
        for group in GROUPS:
            looked = few if group else rows
            width = group or looked.shape[1]
            if (
                looked.shape[1] % width
                or looked.size // width < MIN_GROUPS
                or (group == 0 and width in GROUPS)
            ):
                continue
            for level, spanned in levels:
                step, distance = _distance(looked.reshape(-1, width), level, spanned=spanned)
                if distance < min(LOST, (ON_GRID**2 + rounding / float(np.mean(step * step))) ** 0.5):
                    step, distance = _distance(values.reshape(-1, width), level, spanned=spanned)
                    return Grid(
                        bits, group, float(np.mean(step * step)) / 12 * values.size, distance, level, spanned
                    )
    if encoding.bits:
        return Grid(encoding.bits, encoding.grain, encoding.error**2 * float(np.vdot(values, values)), 0.0)
    return NO_GRID


def _distance(grouped: Floats, levels: float, *, spanned: bool) -> tuple[Floats, float]:
    """The step of each group, and how far its values lie from whole steps (root mean square, in steps)."""
    if spanned:
        low = grouped.min(axis=1, keepdims=True)
        step = (grouped.max(axis=1, keepdims=True) - low) / np.float32(levels)
        shifted = grouped - low
    else:
        step = np.abs(grouped).max(axis=1, keepdims=True) / np.float32(levels)
        shifted = grouped
    whole = step[:, 0] > 0
    if np.count_nonzero(whole) < MIN_GROUPS:
        return np.ones(1, np.float32), 1.0
    steps = shifted[whole] / step[whole]
    return step[whole], float(np.sqrt(np.mean(np.square(steps - np.rint(steps)))))


def beyond_rounding(old: Floats, new: Floats, grid: Grid, precision: tuple[int, int]) -> float:
    """The share of values that lie farther than half a step from the base's: rounding to nearest moves none so far,
    however it chose its steps. Asked of values well within their group, for quantisers cut off the largest; `precision`
    is the mantissas of both types (0: exact, with scales in F16).
    """
    if not grid.levels:
        return 0.0
    width = grid.group or new.shape[1]
    was, now = old.reshape(-1, width), new.reshape(-1, width)
    low = now.min(axis=1, keepdims=True) if grid.spanned else np.zeros((len(now), 1), np.float32)
    largest = np.abs(now).max(axis=1, keepdims=True)
    step = ((now.max(axis=1, keepdims=True) - low) if grid.spanned else largest) / np.float32(grid.levels)
    whole = step[:, 0] > 0
    was, now, low, largest, step = (part[whole] for part in (was, now, low, largest, step))
    coarse, fine = (2.0 ** -min(bits or SCALE_BITS, SCALE_BITS) for bits in precision)
    off = (np.abs(was) * coarse + 2 * fine * np.abs(now) + fine * np.abs(low)) / step
    within = (
        (now > low + step) & (now < low + step * (grid.levels - 1))
        if grid.spanned
        else np.abs(now) <= largest / 2
    )
    asked = within & (off < NEAR)
    beyond = int(np.count_nonzero(asked & (np.abs(now - was) / step > 0.5 + off)))
    return beyond / int(np.count_nonzero(asked)) if beyond >= MIN_BEYOND else 0.0
