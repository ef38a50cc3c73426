"""Random effects: what several institutes found together, when each may differ a little from the others."""

from collections.abc import Sequence
from math import sqrt

import msgspec
import numpy as np

from tocsin.evaluate.statistics import CONFIDENCE, Heterogeneity, heterogeneity
from tocsin.evaluate.statistics.distributions import t_quantile


class Pooled(msgspec.Struct, frozen=True):
    """On the scale that was given. `weights` sum to 1. `low` and `high` are Hartung-Knapp's 95 %; where another
    institute would come out is `expected_low` to `expected_high` (Higgins, Thompson & Spiegelhalter 2009), None for
    fewer than three. `dersimonian_laird` is the plain standard error, to compare with other tools.
    """

    estimate: float
    error: float
    low: float
    high: float
    tau_squared: float
    weights: tuple[float, ...]
    spread: Heterogeneity
    dersimonian_laird: float
    expected_low: float | None = None
    expected_high: float | None = None


def pool(estimates: Sequence[float], variances: Sequence[float]) -> Pooled:
    """Estimates with their variances, one an institute.

    1. Variance between institutes by DerSimonian & Laird 1986 (Controlled Clinical Trials 7:177), never below 0.
    2. Weights are the inverse of both variances.
    3. The interval by Hartung & Knapp 2001 (Statistics in Medicine 20:3875): the spread as it is, Student's t with one
       degree fewer than institutes; its error is never taken below the plain one (Roever, Knapp & Friede 2015), for a
       few institutes that agree by chance would make it too small.

    Raises ValueError for fewer than two, or no variance.
    """
    spread = heterogeneity(estimates, variances)
    values, within = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    fixed = 1 / within
    scale = float(fixed.sum() - (fixed**2).sum() / fixed.sum())
    tau_squared = max(0.0, (spread.q - spread.degrees) / scale)  # 1
    weights = 1 / (within + tau_squared)  # 2
    total = float(weights.sum())
    estimate = float((weights * values).sum() / total)
    plain = sqrt(1 / total)
    seen = sqrt(float((weights * (values - estimate) ** 2).sum()) / (spread.degrees * total))
    error = max(seen, plain)  # 3
    half = t_quantile(CONFIDENCE, spread.degrees) * error
    reach = (
        t_quantile(CONFIDENCE, spread.degrees - 1) * sqrt(tau_squared + error**2)
        if spread.degrees > 1
        else None
    )
    return Pooled(
        estimate=estimate,
        error=error,
        low=estimate - half,
        high=estimate + half,
        tau_squared=tau_squared,
        weights=tuple(float(one) / total for one in weights),
        spread=spread,
        dersimonian_laird=plain,
        expected_low=None if reach is None else estimate - reach,
        expected_high=None if reach is None else estimate + reach,
    )
