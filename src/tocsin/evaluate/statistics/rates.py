"""A rate of failures, how sure it is when samples are alike, and its verdict against a line."""

from collections.abc import Iterable
from math import sqrt

import numpy as np

from tocsin.evaluate.statistics.distributions import t_quantile
from tocsin.kernel.evaluations import Counts, LineVerdict, Rate
from tocsin.kernel.intervals import score_interval, wilson

CONFIDENCE = 0.95

MIN_CLUSTERS = 10
"""Below this nobody knows how alike samples of a cluster are: on 5 clusters an error of 0.001 was reported where it
was 0.015. docs/evaluation-statistics.md shows what the intervals cover from here on."""

MIN_TELLING = 5
"""Clusters with a failure from which an effect is believed. With fewer, failures in one lump look like chance."""

MAX_INVALID_SHARE = 0.05
"""Unless a plan says otherwise. One sample in twenty that nobody judged can already hide or make a rate of 5 %."""


def rate(failed: int, counted: int) -> Rate:
    """The rate of independent samples, with Wilson's interval. Raises ValueError for more failures than samples."""
    low, high = wilson(failed, counted)
    share = failed / counted if counted else 0.0
    error = sqrt(share * (1 - share) / counted) if counted else 0.0
    return Rate(failed, counted, share, low, high, error, error, counted, enough=counted > 0)


def clustered_rate(clusters: Iterable[tuple[int, int]]) -> Rate:
    """The rate of samples that come in clusters, each (failed, counted); empty clusters are left out.

    1. The variance is cluster-robust: squared sums of residuals by cluster, times G/(G-1).
    2. Its ratio to the binomial one is the design effect, never taken below 1: clusters that look more unlike than
       chance would make them are chance.
    3. Where fewer than MIN_TELLING clusters hold a failure (or a pass), the data do not tell the effect: each cluster
       then counts as one sample at most.
    4. Wilson's interval with samples/effect in place of samples and t in place of z (Dean & Pagano 2015, J. Survey
       Statistics and Methodology 3:484), with as many degrees of freedom as clusters tell, G-1 at most.

    Raises ValueError for more failures than samples.
    """
    table = np.array([pair for pair in clusters if pair[1] > 0], dtype=np.float64).reshape(-1, 2)
    number = len(table)
    if number == 0 or table[:, 1].max() <= 1:
        return rate(int(table[:, 0].sum()), number)
    failed, counted = table.sum(axis=0)
    if (table[:, 0] > table[:, 1]).any() or (table[:, 0] < 0).any():
        raise ValueError("a cluster has more failures than samples")
    share = float(failed / counted)
    binomial = share * (1 - share) / counted
    if number == 1:
        low, high, error = 0.0, 1.0, sqrt(share * (1 - share))
    else:
        residuals = table[:, 0] - share * table[:, 1]
        variance = float(number / (number - 1) * (residuals**2).sum() / counted**2)
        effect = max(1.0, variance / binomial) if binomial else 1.0
        telling = int(min((table[:, 0] > 0).sum(), (table[:, 0] < table[:, 1]).sum()))
        if telling < MIN_TELLING:
            effect = max(effect, float(counted / number))
        quantile = t_quantile(CONFIDENCE, min(number - 1, max(telling, MIN_TELLING)))
        low, high = score_interval(share, float(counted) / effect, quantile)
        low, high, error = 0.0 if share == 0 else low, 1.0 if share == 1 else high, sqrt(variance)
    return Rate(
        failed=int(failed),
        counted=int(counted),
        share=share,
        low=float(low),
        high=float(high),
        naive_error=sqrt(binomial),
        error=error,
        clusters=number,
        enough=number >= MIN_CLUSTERS,
    )


def verdict(
    found: Rate, counts: Counts, line: float, invalid_limit: float = MAX_INVALID_SHARE
) -> LineVerdict:
    """What may be said of a rate against a line that was fixed before the run.

    By a bound of the two-sided 95 % interval, so that each answer is wrong one time in forty. A bound *on* the line
    decides nothing. Raises ValueError for a line or a limit that is no share.
    """
    if not (0 <= line <= 1 and 0 <= invalid_limit <= 1):
        raise ValueError("a line and a limit are shares, 0 to 1")
    if counts.invalid_share > invalid_limit or not found.counted:
        return LineVerdict.INVALID
    if not found.enough:
        return LineVerdict.INCONCLUSIVE
    if found.high < line:
        return LineVerdict.BELOW
    return LineVerdict.ABOVE if found.low > line else LineVerdict.INCONCLUSIVE
