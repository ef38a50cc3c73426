"""Several institutes, one question: do their answers differ by more than chance?"""

from collections.abc import Sequence
from math import log

import msgspec
import numpy as np

from tocsin.evaluate.statistics.distributions import chi_squared_beyond


class Heterogeneity(msgspec.Struct, frozen=True):
    """Cochran's Q with its probability under one common value, and I-squared, the share of the spread that is not
    chance (Higgins & Thompson 2002, Statistics in Medicine 21:1539). `pooled` is the weighted mean on the scale given.
    """

    q: float
    degrees: int
    p: float
    i_squared: float
    pooled: float


def heterogeneity(estimates: Sequence[float], variances: Sequence[float]) -> Heterogeneity:
    """Of estimates with their variances, one an institute. Raises ValueError for fewer than two, or no variance."""
    if len(estimates) != len(variances) or len(estimates) < 2:
        raise ValueError("two institutes at least, each with an estimate and its variance")
    if min(variances) <= 0:
        raise ValueError("each estimate needs a variance above 0")
    values, weights = np.asarray(estimates, dtype=float), 1 / np.asarray(variances, dtype=float)
    pooled = float((weights * values).sum() / weights.sum())
    q, degrees = float((weights * (values - pooled) ** 2).sum()), len(estimates) - 1
    share = max(0.0, (q - degrees) / q) if q > 0 else 0.0
    return Heterogeneity(q, degrees, chi_squared_beyond(q, degrees), share, pooled)


def heterogeneity_of_rates(counts: Sequence[tuple[int, int]]) -> Heterogeneity:
    """Of rates, each (failed, counted), on the scale of log odds; half a sample is added to each side, so that an
    institute without failures takes part (Haldane 1956, Anscombe 1956). Raises as `heterogeneity` does.
    """
    if any(not 0 <= failed <= counted or not counted for failed, counted in counts):
        raise ValueError("each institute gives how many failed of how many, and had samples")
    odds = [(failed + 0.5, counted - failed + 0.5) for failed, counted in counts]
    return heterogeneity([log(a / b) for a, b in odds], [1 / a + 1 / b for a, b in odds])
