"""One odds ratio out of a table, with the interval of its profile likelihood; and whether one ratio will do."""

from collections.abc import Callable
from itertools import combinations
from math import exp, inf, sqrt

import numpy as np

from tocsin.evaluate.statistics.distributions import chi_squared_beyond, normal_quantile
from tocsin.evaluate.uplift.odds import FAR, Array, fit, fit_seen, without_empty
from tocsin.kernel.studies import OddsRatio, Proportionality

_POINTS, _ROUNDS = 33, 5
"""Of a search that narrows 32-fold a round: the ends are right to a millionth of log odds."""


def quantile(confidence: float) -> float:
    """Of chi-squared with one degree, at which a likelihood ratio leaves the interval."""
    return normal_quantile((1 + confidence) / 2) ** 2


def odds_ratio(counts: Array, design: Array, confidence: float) -> OddsRatio:
    """Of the first covariate, the others held. `counts` (patterns, levels), `design` (patterns, covariates).

    A table in which all are at one level, or that has no contrast in the first covariate, tells nothing: 1, from 0 to
    infinity.
    """
    used = counts.sum(axis=1) > 0
    counts, design = without_empty(counts[used]), design[used]
    if counts.shape[1] < 2 or np.ptp(design[:, 0]) == 0:
        return OddsRatio(1.0, 0.0, inf, confidence, 0.0, inf, 1.0, finite=False)
    design = identified(design)
    found = fit(counts[None], design)
    top, at = float(found.log_likelihood[0]), float(found.slopes[0, 0])
    finite = abs(at) < FAR
    error = (
        sqrt(float(np.linalg.inv(found.information[0])[len(found.cuts[0]), len(found.cuts[0])]))
        if finite
        else inf
    )

    def fall(points: Array) -> Array:
        """Twice the fall of the log likelihood when the first covariate's slope is held at each point."""
        many = np.broadcast_to(counts, (len(points), *counts.shape))
        held = fit(many, design[:, 1:], points[:, None] * design[:, 0])
        return 2 * (top - held.log_likelihood)

    limit, middle = quantile(confidence), float(np.clip(at, -FAR, FAR))
    low, high = _end(fall, middle, -FAR, limit), _end(fall, middle, FAR, limit)
    none = float(fall(np.zeros(1))[0])
    return OddsRatio(
        ratio=exp(at) if finite else (inf if at > 0 else 0.0),
        low=0.0 if low is None else exp(low),
        high=inf if high is None else exp(high),
        confidence=confidence,
        log=at,
        error=error,
        p=chi_squared_beyond(none, 1),
        finite=finite,
    )


def identified(design: Array) -> Array:
    """Without the covariates that say nothing beside an intercept and those before them."""
    kept: list[int] = []
    basis = np.ones((len(design), 1))
    for column in range(design.shape[1]):
        wider = np.column_stack([basis, design[:, column]])
        if np.linalg.matrix_rank(wider) > basis.shape[1]:
            kept.append(column)
            basis = wider
    return design[:, kept]


def _end(fall: Callable[[Array], Array], middle: float, far: float, limit: float) -> float | None:
    """Where the likelihood has fallen to its limit between the estimate and `far`; None when it has not even there."""
    inner, outer = middle, far
    for _ in range(_ROUNDS):
        points = np.linspace(inner, outer, _POINTS)
        beyond = np.flatnonzero(fall(points) > limit)
        if not len(beyond):
            return None
        first = max(1, int(beyond[0]))
        inner, outer = float(points[first - 1]), float(points[first])
    return (inner + outer) / 2


def decided(counts: Array, design: Array, at: Array) -> tuple[Array, Array]:
    """For many tables at once: slopes of the first covariate, and by value of `at` how far the likelihood falls there.

    Answers without an end of an interval: a value lies in it just when the fall is within `quantile`.
    """
    slopes, top = fit_seen(counts, design)
    falls = []
    for value in at:
        held = np.broadcast_to(value * design[:, 0], counts.shape[:2])
        falls.append(2 * (top - fit_seen(counts, design[:, 1:], held)[1]))
    return slopes[:, 0], np.array(falls)


def proportionality(counts: Array, design: Array) -> Proportionality:
    """Brant's test for the first covariate (Brant 1990, Biometrics 46:1171): each cut "this level or more" has a
    logistic regression of its own; do their slopes differ by more than chance? Cuts that nobody, everybody or one arm
    alone passes have no slope and take no part.
    """
    used = counts.sum(axis=1) > 0
    counts, design = counts[used], identified(design[used])
    cuts = counts.shape[1] - 1
    above = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1][:, 1:]
    totals = counts.sum(axis=1)
    matrix = np.column_stack([np.ones(len(design)), design])
    slopes: dict[int, float] = {}
    shares: dict[int, Array] = {}
    for cut in range(cuts):
        table = np.column_stack([totals - above[:, cut], above[:, cut]])
        if not table.sum(axis=0).all():
            continue
        found = fit(table[None], design)
        if np.abs(found.slopes).max() < FAR and abs(float(found.cuts[0, 0])) < FAR:
            slopes[cut] = float(found.slopes[0, 0])
            shares[cut] = 1 / (1 + np.exp(found.cuts[0, 0] - design @ found.slopes[0]))
    ratios = tuple(exp(slopes[cut]) if cut in slopes else None for cut in range(cuts))
    known = sorted(slopes)
    if len(known) < 2:
        return Proportionality(None, 0, None, ratios)
    inverse = {
        cut: np.linalg.inv((matrix.T * (totals * shares[cut] * (1 - shares[cut]))) @ matrix) for cut in known
    }
    covariance = np.diag([inverse[cut][1, 1] for cut in known])
    for (i, low), (j, high) in combinations(enumerate(known), 2):
        # who passes the higher cut has passed the lower one
        between = (matrix.T * (totals * shares[high] * (1 - shares[low]))) @ matrix
        covariance[i, j] = covariance[j, i] = (inverse[low] @ between @ inverse[high])[1, 1]
    contrast = np.column_stack([np.ones(len(known) - 1), -np.eye(len(known) - 1)])
    apart = contrast @ np.array([slopes[cut] for cut in known])
    value = float(apart @ np.linalg.solve(contrast @ covariance @ contrast.T, apart))
    return Proportionality(value, len(known) - 1, chi_squared_beyond(value, len(known) - 1), ratios)
