"""Thresholds on some seeds, results on others; regimes are compared at the same false alarms a node and day."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from math import inf, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.sums_regimes import (
    NEVER,
    Joint,
    Judged,
    Offered,
    Outcome,
    Reach,
    Regime,
    Words,
    false_alarms,
    judge,
    live,
    offer,
    reach,
)
from benchmarks.sums_scoring import Scorer
from tocsin.evaluate.statistics import CONFIDENCE, clustered_rate
from tocsin.evaluate.statistics.distributions import t_quantile
from tocsin.kernel.evaluations import Rate
from tocsin.sandbox.sums import Setting, world

F64 = npt.NDArray[np.float64]

SHARES = (0.0, 0.25, 0.5)
"""Parts of the false alarms that the joint channel may take from the local one; 0 leaves it silent. Which one is best
is chosen on the tuning seeds, so that a channel that is worth nothing can choose not to be used. Half stays local at
least: a node whose peers are down must still hear for itself."""

STEPS = 24
HIGHEST = 30.0
CAP_DAYS = 40.0
"""A campaign that is not found counts as found after this many days, when days are averaged."""


class Thresholds(NamedTuple):
    local: float
    joint: float
    share: float


class Result(NamedTuple):
    """One regime in one setting, on the seeds that nothing was tuned on. Arrays run along worlds."""

    regime: Regime
    thresholds: Thresholds
    alarms: float
    """Harmless texts that somebody was called for, a node and day."""
    found: Rate
    median_days: float
    days: F64
    harm: F64
    share_found: F64


class Gain(NamedTuple):
    """A mean difference over paired worlds, with its interval by world."""

    mean: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        return self.low > 0 or self.high < 0


def compare(
    setting: Setting,
    regimes: Sequence[Regime],
    *,
    rates: Sequence[float],
    tuning: Iterable[int],
    reporting: Iterable[int],
    scorer: Scorer,
) -> list[list[Result]]:
    """For each of the rates: every regime, tuned on the first seeds to so many false alarms, lived on the others."""
    drawn = [
        [(seed, judge(world(setting, seed), scorer, np.random.default_rng((seed, 0)))) for seed in seeds]
        for seeds in (tuning, reporting)
    ]
    results: list[list[Result]] = [[] for _ in rates]
    for number, regime in enumerate(regimes):
        before, after = ([_offered(one, regime, number, scorer) for one in worlds] for worlds in drawn)
        for rate, some in zip(rates, results, strict=True):
            some.append(_result(regime, tune(regime, before, rate), after))
    return results


def _offered(
    drawn: tuple[int, Judged], regime: Regime, number: int, scorer: Scorer
) -> tuple[Judged, Offered]:
    seed, judged = drawn
    return judged, offer(judged, regime, scorer, np.random.default_rng((seed, 1 + number)))


def tune(regime: Regime, worlds: Sequence[tuple[Judged, Offered]], rate: float) -> Thresholds:
    """The thresholds with at most `rate`, of those the ones with the least harm."""
    reached = [reach(judged, offered, regime.least) for judged, offered in worlds]
    allowed = rate * sum(one.node_days for one in reached)
    best, least = Thresholds(inf, inf, 0.0), inf
    for share in SHARES if regime.joint is not Joint.NONE else SHARES[:1]:
        local = _lowest(partial(_local_alarms, reached, regime.words), (1 - share) * allowed)
        joint = _lowest(partial(_alarms, reached, regime.words, local), allowed) if share else inf
        harm = float(np.mean([live(*one, regime, local, joint).harm.mean() for one in worlds]))
        if harm < least:
            best, least = Thresholds(local, joint, share), harm
    return best


def _alarms(reached: Sequence[Reach], words: Words, local: float, joint: float) -> int:
    return sum(false_alarms(one, words, local, joint) for one in reached)


def _local_alarms(reached: Sequence[Reach], words: Words, local: float) -> int:
    return _alarms(reached, words, local, inf)


def _lowest(alarms: Callable[[float], int], allowed: float) -> float:
    """The lowest threshold, to a ten-millionth of HIGHEST, with at most so many alarms."""
    low, high = -HIGHEST, HIGHEST
    while alarms(high) > allowed:
        high *= 2
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if alarms(middle) > allowed else (low, middle)
    return high


def _result(regime: Regime, thresholds: Thresholds, worlds: Sequence[tuple[Judged, Offered]]) -> Result:
    local, joint, _ = thresholds
    lived: list[Outcome] = [live(*one, regime, local, joint) for one in worlds]
    reached = [reach(judged, offered, regime.least) for judged, offered in worlds]
    hits = [one.days < NEVER for one in lived]
    days = np.concatenate([one.days for one in lived])
    return Result(
        regime=regime,
        thresholds=thresholds,
        alarms=_alarms(reached, regime.words, local, joint) / sum(one.node_days for one in reached),
        found=clustered_rate((int(hit.sum()), len(hit)) for hit in hits),
        median_days=float(np.median(days[days < NEVER])) if (days < NEVER).any() else inf,
        days=np.array([np.minimum(one.days, CAP_DAYS).mean() for one in lived]),
        harm=np.array([one.harm.mean() for one in lived]),
        share_found=np.array([hit.mean() for hit in hits]),
    )


def gain(ours: F64, baseline: F64) -> Gain:
    """Ours less the baseline, world by world, with Student's interval."""
    differences = ours - baseline
    number = len(differences)
    mean = float(differences.mean())
    if number < 2:
        return Gain(mean, -inf, inf)
    error = float(differences.std(ddof=1)) / sqrt(number)
    wide = t_quantile(CONFIDENCE, number - 1) * error
    return Gain(mean, mean - wide, mean + wide)
