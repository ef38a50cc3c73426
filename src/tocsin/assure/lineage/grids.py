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


class Grid(NamedTuple):
    """`bits` 0 is no grid. `energy` is what rounding to it adds to these values; `distance` as in ON_GRID."""

    bits: int
    group: int
    energy: float
    distance: float


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
                    return Grid(bits, group, float(np.mean(step * step)) / 12 * values.size, distance)
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
