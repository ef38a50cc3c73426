"""How far noise moves a number, from its own distribution and no approximation of it."""

import numpy as np

from tocsin.kernel.distinct import COVERAGE, MOVES


def margin(cost: int, cut: int, draws: int) -> int:
    """The least t such that a sum of so many draws lies within t with COVERAGE.

    Each draw is discrete Laplace noise of scale MOVES / epsilon, cut off at `cut`; `cost` is epsilon in thousandths.
    """
    values = np.arange(-cut, cut + 1)
    weights = np.exp(-np.abs(values) * cost / (MOVES * 1_000))
    ends = weights[-1] / (1 - np.exp(-cost / (MOVES * 1_000)))
    weights[0] = weights[-1] = ends  # all beyond is cut to the ends
    size = 2 * cut * draws + 1
    whole = np.fft.irfft(np.fft.rfft(weights / weights.sum(), size) ** draws, size)
    middle = cut * draws
    each = whole[middle:].clip(0)
    each[1:] *= 2
    return int(np.searchsorted(np.cumsum(each), COVERAGE))
