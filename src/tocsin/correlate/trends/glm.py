"""A quasi-Poisson regression with log link, by iteratively reweighted least squares.

McCullagh and Nelder, "Generalized linear models" (1989), 2.5 and 6.2. Pure; numpy alone.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MAX_STEPS = 50
CLOSE = 1e-10
"""Relative change of the deviance at which it has converged."""

F64 = npt.NDArray[np.float64]


class Fit(NamedTuple):
    """`covariance` is unscaled: times the dispersion it is that of the coefficients. `leverage` is the hat diagonal."""

    coefficients: F64
    fitted: F64
    covariance: F64
    leverage: F64
    dispersion: float
    """Pearson, not below 1; NaN where there are no degrees of freedom left."""
    degrees: int


def quasi_poisson(design: F64, counts: F64, weights: F64 | None = None) -> Fit | None:
    """The fit of counts on the columns of `design`; None when it does not converge or a column says nothing new."""
    rows, columns = design.shape
    prior = np.ones(rows) if weights is None else weights
    mean = counts + 0.1
    linear = np.log(mean)
    before = np.inf
    for _ in range(MAX_STEPS):
        working = prior * mean
        root = np.sqrt(working)
        q, r = np.linalg.qr(root[:, None] * design)
        if np.abs(np.diag(r)).min(initial=np.inf) < 1e-9 * max(1.0, np.abs(np.diag(r)).max(initial=0.0)):
            return None
        coefficients = np.linalg.solve(r, q.T @ (root * (linear + (counts - mean) / mean)))
        linear = design @ coefficients
        with np.errstate(over="ignore"):
            mean = np.exp(linear)
        if not np.isfinite(mean).all():
            return None
        mean = np.maximum(mean, 1e-12)
        now = _deviance(counts, mean, prior)
        if abs(now - before) / (abs(now) + 0.1) < CLOSE:
            break
        before = now
    else:
        return None
    degrees = int(np.count_nonzero(prior)) - columns
    pearson = float((prior * (counts - mean) ** 2 / mean).sum())
    inverse = np.linalg.inv(r)
    return Fit(
        coefficients=coefficients,
        fitted=mean,
        covariance=inverse @ inverse.T,
        leverage=(q**2).sum(axis=1),
        dispersion=max(pearson / degrees, 1.0) if degrees > 0 else float("nan"),
        degrees=degrees,
    )


def _deviance(counts: F64, mean: F64, prior: F64) -> float:
    logs = np.log(np.where(counts > 0, counts, 1.0) / mean)
    return float(2 * (prior * (counts * logs - (counts - mean))).sum())
