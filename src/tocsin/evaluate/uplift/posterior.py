"""What a stated prior and the data together say of the odds ratio, the same to the last digit on every machine's run.

On a grid of log odds ratios. At each point the other parameters (cuts, strata, other arms) are integrated by Laplace's
method under the weak prior of `odds.Weak`; docs/uplift-rates.md shows how well that does (simulation-based calibration,
Talts et al. 2018, arXiv 1804.06788).
"""

from math import exp, log

import numpy as np

from tocsin.evaluate.uplift.effect import identified
from tocsin.evaluate.uplift.odds import Array, Weak, fit
from tocsin.kernel.studies import Posterior

STRATUM_SD = 1.5
"""Of a stratum's log odds ratio, before any data: nineteen in twenty between a twentieth and twenty."""

_POINTS, _WIDE = 241, 8.0
"""Over eight deviations to each side: what lies beyond is nothing, and a step is a fifteenth of a deviation."""


def posterior(counts: Array, design: Array, sd: float, line: float) -> Posterior:
    """Of the first covariate's odds ratio under normal(0, sd) for its logarithm. Shapes as in `effect.odds_ratio`."""
    points, density = log_grid(counts, design, sd)
    cumulative = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(points))])
    cumulative /= cumulative[-1]

    def below(value: float) -> float:
        return float(np.interp(value, points, cumulative))

    low, median, high = (float(np.interp(share, cumulative, points)) for share in (0.025, 0.5, 0.975))
    return Posterior(exp(median), exp(low), exp(high), 1 - below(0.0), 1 - below(log(line)))


def log_grid(counts: Array, design: Array, sd: float) -> tuple[Array, Array]:
    """Log odds ratios, and the posterior's density there (not yet of area 1)."""
    used = counts.sum(axis=1) > 0
    counts, design = counts[used], design[used]
    if not used.any() or np.ptp(design[:, 0]) == 0:
        points = np.linspace(-_WIDE * sd, _WIDE * sd, _POINTS)
        return points, np.exp(-((points / sd) ** 2) / 2)
    design = identified(design)
    # the prior of the cuts is of somebody midway between the arms: at one of them it would lean on the ratio
    design = design - design.mean(axis=0)
    others = np.full(design.shape[1] - 1, STRATUM_SD**-2)
    whole = fit(counts[None], design, prior=Weak(np.concatenate([[sd**-2], others])))
    cuts = whole.cuts.shape[1]
    spread = float(np.linalg.inv(whole.information[0])[cuts, cuts]) ** 0.5
    centre = float(whole.slopes[0, 0])
    points = np.linspace(centre - _WIDE * spread, centre + _WIDE * spread, _POINTS)
    many = np.broadcast_to(counts, (_POINTS, *counts.shape))
    held = fit(many, design[:, 1:], points[:, None] * design[:, 0], Weak(others))
    _, volume = np.linalg.slogdet(held.information)
    logged = held.log_likelihood - volume / 2 - (points / sd) ** 2 / 2
    return points, np.exp(logged - logged.max())
