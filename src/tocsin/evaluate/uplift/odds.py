"""Cumulative logits with proportional odds (McCullagh 1980, J. R. Statist. Soc. B 42:109), fitted by Newton's method.

P(level <= k) = F(cut_k - x.b), F the logistic function, so exp(b) is the odds ratio of reaching more. Many tables are
fitted at once: a table has a row for each pattern x of covariates and a column for each level, and holds counts. The
logarithm of the likelihood is concave in cuts and coefficients together, so the maximum that is found is the only one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MAX_STEPS = 60
"""Newton's method takes five or so; where an estimate lies at infinity it takes one a unit of log odds."""

FAR = 15.0
"""Of log odds: an estimate beyond is called infinite. A ratio of three million is nothing that a study can tell."""

_CLOSE = 1e-9
_HALVINGS = 30


class Fitted(NamedTuple):
    """Of each table: `cuts` (tables, levels-1), `slopes` (tables, covariates), `log_likelihood` (tables), and
    `information`, the observed one, cuts first (tables, parameters, parameters).
    """

    cuts: Array
    slopes: Array
    log_likelihood: Array
    information: Array


class Weak(NamedTuple):
    """A weak prior, for a posterior: on each slope normal around 0 with these precisions; on the cuts as if one
    participant with all covariates 0 had been seen at each level (Dirichlet(2, ..., 2) of such participants' shares).
    """

    precisions: Array


def fit(counts: Array, design: Array, offset: Array | None = None, prior: Weak | None = None) -> Fitted:
    """`counts` (tables, patterns, levels), `design` (patterns, covariates), `offset` (tables, patterns) of log odds.

    Without a prior each level must have been seen in each table; `fit_seen` sees to that. Raises ValueError.
    """
    if prior is None and not counts.sum(axis=1).all():
        raise ValueError("a level that nobody reached has no cut of its own")
    tables, _, levels = counts.shape
    width = design.shape[1]
    totals = counts.sum(axis=1) + 0.5
    share = np.cumsum(totals, axis=1)[:, :-1] / totals.sum(axis=1, keepdims=True)
    at = np.concatenate([np.log(share / (1 - share)), np.zeros((tables, width))], axis=1)
    problem = _Problem(counts, design, offset, prior)
    value, gradient, information = problem.at(at)
    active = np.ones(tables, dtype=bool)
    for _ in range(MAX_STEPS):
        step = np.linalg.solve(information, gradient[..., None])[..., 0]
        # cuts keep their order, and a slope that runs off does so a few units at a time
        gaps, closing = np.diff(at[:, : levels - 1]), -np.diff(step[:, : levels - 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(closing > 0, 0.9 * gaps / closing, 1.0).min(axis=1, initial=1.0)
        size = np.minimum(room, 4.0 / np.maximum(np.abs(step).max(axis=1), 4.0)) * active
        tried, trial = at, (value, gradient, information)
        for _ in range(_HALVINGS):
            tried = at + size[:, None] * step
            trial = problem.at(tried)
            worse = trial[0] < value - 1e-10 * (1 + np.abs(value))
            if not worse.any():
                break
            size = np.where(worse, size / 2, size)
        at, (value, gradient, information) = tried, trial
        active = (np.abs(step).max(axis=1) > _CLOSE) & (
            np.abs(at[:, levels - 1 :]).max(axis=1, initial=0) < FAR + 4
        )
        if not active.any():
            break
    return Fitted(at[:, : levels - 1], at[:, levels - 1 :], value, information)


class _Problem:
    """The logarithm of the likelihood (and of the prior), its gradient, and its negative Hessian."""

    def __init__(self, counts: Array, design: Array, offset: Array | None, prior: Weak | None) -> None:
        if prior is not None:
            # the participants that the prior stands for, one at each level, without covariates
            seen = np.ones((len(counts), 1, counts.shape[2]))
            counts = np.concatenate([counts, seen], axis=1)
            design = np.concatenate([design, np.zeros((1, design.shape[1]))])
            if offset is not None:
                offset = np.concatenate([offset, np.zeros((len(offset), 1))], axis=1)
        self._counts, self._design, self._prior = counts, design, prior
        self._offset = np.zeros(counts.shape[:2]) if offset is None else offset
        self._beside = counts[..., :-1] + counts[..., 1:]
        self._levels = counts.shape[2]

    def at(self, point: Array) -> tuple[Array, Array, Array]:
        cuts, slopes = point[:, : self._levels - 1], point[:, self._levels - 1 :]
        reach = cuts[:, None, :] - (slopes @ self._design.T + self._offset)[..., None]
        # log F(v) and log(1 - F(v)); F(u) - F(l) = F(u) (1 - F(l)) (1 - exp(l - u)) keeps its digits in the tails
        under, over = -np.logaddexp(0, -reach), -np.logaddexp(0, reach)
        gaps = np.diff(cuts, axis=1)
        counts, totals = self._counts, self._counts.sum(axis=1)
        value = (counts[..., :-1] * under).sum((1, 2)) + (counts[..., 1:] * over).sum((1, 2))
        value += (totals[:, 1:-1] * np.log(-np.expm1(-gaps))).sum(1)
        below = np.exp(under)
        slope_of_cut = counts[..., :-1] * (1 - below) - counts[..., 1:] * below
        density = below * (1 - below)
        # how a level's share grows with the distance of its cuts, as a ratio; the edge levels have one cut
        growth = 1 / np.expm1(gaps)
        pull = totals[:, 1:-1] * growth
        bend = pull * (1 + growth)
        by_cut = slope_of_cut.sum(1)
        by_cut[:, 1:] += pull
        by_cut[:, :-1] -= pull
        by_slope = -slope_of_cut.sum(2) @ self._design
        weights = self._beside * density
        information = self._information(weights, bend)
        if self._prior is not None:
            edge = 1 / (1 + np.exp(-cuts))
            last = self._levels - 1
            value = value - np.logaddexp(0, cuts).sum(1) - np.logaddexp(0, -cuts).sum(1)
            value = value - (self._prior.precisions * slopes**2).sum(1) / 2
            by_cut = by_cut + 1 - 2 * edge
            by_slope = by_slope - self._prior.precisions * slopes
            cut, slope = np.arange(last), np.arange(last, last + slopes.shape[1])
            information[:, cut, cut] += 2 * edge * (1 - edge)
            information[:, slope, slope] += self._prior.precisions
        return value, np.concatenate([by_cut, by_slope], axis=1), information

    def _information(self, weights: Array, bend: Array) -> Array:
        last, width = self._levels - 1, self._design.shape[1]
        information = np.zeros((len(weights), last + width, last + width))
        cut = np.arange(last)
        information[:, cut, cut] = weights.sum(1)
        information[:, cut[1:], cut[1:]] += bend
        information[:, cut[:-1], cut[:-1]] += bend
        information[:, cut[1:], cut[:-1]] = information[:, cut[:-1], cut[1:]] = -bend
        across = -np.einsum("tgk,gp->tkp", weights, self._design)
        information[:, :last, last:] = across
        information[:, last:, :last] = across.transpose(0, 2, 1)
        information[:, last:, last:] = np.einsum("tg,gp,gq->tpq", weights.sum(2), self._design, self._design)
        return information


def without_empty(counts: Array) -> Array:
    """One table's counts (patterns, levels) without the levels that nobody reached: they have no cut."""
    return counts[:, counts.sum(axis=0) > 0]


def fit_seen(counts: Array, design: Array, offset: Array | None = None) -> tuple[Array, Array]:
    """Slopes and logarithms of likelihoods of many tables, whatever levels are empty in which.

    A table with one level at most tells nothing: slopes 0.
    """
    slopes = np.zeros((len(counts), design.shape[1]))
    values = np.zeros(len(counts))
    seen = counts.sum(axis=1) > 0
    for pattern in np.unique(seen, axis=0):
        those = (seen == pattern).all(axis=1)
        if pattern.sum() < 2:
            continue
        found = fit(counts[those][..., pattern], design, None if offset is None else offset[those])
        slopes[those], values[those] = found.slopes, found.log_likelihood
    return slopes, values
