"""At which score each short detector rings, so that all of them together ring at a set rate when nothing happens.

`python -m tocsin.correlate.trends.calibration` makes the table (thresholds.json): for counts of a given mean and
dispersion it draws 2 million quiet days with weekends, runs the detectors on them, and finds the one rate at which
each may ring alone for their union to ring as often as wished. An alarm is a peak: what rings within a week of a
higher score is the same alarm. The node looks thresholds up between the table's points (linear in logarithms).
"""

import sys
from collections.abc import Mapping
from functools import cache
from importlib import resources
from math import log
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.correlate.trends.baseline import FIRST
from tocsin.correlate.trends.scores import SHORT, short_scores

SEED = 20130413
DAYS = 2_000
SERIES = 1_000
CHUNK = 50
WEEKEND = (1.1, 1.1, 1.1, 1.1, 1.1, 0.8, 0.7)
"""Of the drawn weeks: work is busier than leisure at most sources."""

MEANS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 1_000.0)
DISPERSIONS = (1.0, 1.5, 2.5, 5.0, 10.0)
RATES = (3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5)
"""Alarms a day of one series."""

SAME_ALARM_DAYS = 7
TABLE = "thresholds.json"

F64 = npt.NDArray[np.float64]


class Table(msgspec.Struct, frozen=True):
    """`scores[m][d][r]` are the thresholds of SHORT, in order, at means[m], dispersions[d], rates[r]."""

    seed: int
    days: int
    means: tuple[float, ...]
    dispersions: tuple[float, ...]
    rates: tuple[float, ...]
    scores: tuple[tuple[tuple[tuple[float, ...], ...], ...], ...]


@cache
def table() -> Table:
    """The table that ships."""
    data = resources.files("tocsin.correlate.trends").joinpath(TABLE).read_bytes()
    return msgspec.json.decode(data, type=Table)


@cache
def _grid() -> F64:
    return np.array(table().scores)


def thresholds(mean: float, dispersion: float, rate: float) -> Mapping[str, float]:
    """The score above which each short detector rings, for `rate` alarms a day of one series by all of them together.

    Outside the table its edge holds, so that a rate below the lowest is not kept but approached (docs/trends.md).
    """
    known = table()
    corner = [
        _place(known.means, mean),
        _place(known.dispersions, dispersion),
        _place(known.rates, rate),
    ]
    found = np.zeros(len(SHORT))
    for bits in range(8):
        share, at = 1.0, []
        for axis, (low, part) in enumerate(corner):
            upper = bits >> axis & 1
            share *= part if upper else 1 - part
            at.append(low + upper)
        if share:
            found += share * _grid()[tuple(at)]
    return dict(zip(SHORT, map(float, found), strict=True))


def _place(points: tuple[float, ...], value: float) -> tuple[int, float]:
    """Between which neighbours a value lies, and how far along, in logarithms; clipped to the ends."""
    ordered = points if points[0] < points[-1] else points[::-1]
    value = min(max(value, ordered[0]), ordered[-1])
    low = min(int(np.searchsorted(ordered, value, side="right")) - 1, len(ordered) - 2)
    part = (log(value) - log(ordered[low])) / (log(ordered[low + 1]) - log(ordered[low]))
    return (low, part) if ordered is points else (len(points) - 2 - low, 1 - part)


def quiet_days(rng: np.random.Generator, mean: float, dispersion: float, series: int, days: int) -> F64:
    """Counts of a mean and dispersion with weekends, and nothing else going on."""
    means = mean * np.resize(WEEKEND, days) / np.mean(WEEKEND)
    if dispersion > 1:
        drawn = rng.negative_binomial(means / (dispersion - 1), 1 / dispersion, (series, days))
    else:
        drawn = rng.poisson(means, (series, days))
    return drawn.astype(np.float64)


def peaks(scores: F64) -> F64:
    """Scores that no score within SAME_ALARM_DAYS exceeds, the first of equals; the others as -inf."""
    days = scores.shape[-1]
    pad = np.full((*scores.shape[:-1], SAME_ALARM_DAYS), -np.inf)
    wide = np.concatenate((pad, scores, pad), axis=-1)
    best = np.ones(scores.shape, bool)
    for shift in range(1, SAME_ALARM_DAYS + 1):
        before = wide[..., SAME_ALARM_DAYS - shift : SAME_ALARM_DAYS - shift + days]
        after = wide[..., SAME_ALARM_DAYS + shift : SAME_ALARM_DAYS + shift + days]
        best &= (scores > before) & (scores >= after)
    return np.where(best, scores, -np.inf)


def calibrate(mean: float, dispersion: float, seed: int, *, series: int = SERIES) -> F64:
    """Thresholds (rates, detectors) for one mean and dispersion."""
    rng = np.random.default_rng((seed, int(mean * 1000), int(dispersion * 1000)))
    drawn: list[list[F64]] = [[] for _ in SHORT]
    for _ in range(0, series, CHUNK):
        scores = short_scores(quiet_days(rng, mean, dispersion, CHUNK, DAYS + FIRST))
        for kept, name in zip(drawn, SHORT, strict=True):
            kept.append(scores[name][:, FIRST:])
    each = [np.concatenate(kept) for kept in drawn]
    number = each[0].size
    alone = [_ranked(peaks(scores)) for scores in each]
    # how rare a score is alone: how many peaks are at least as high
    rarity = [
        np.searchsorted(-ranks, -scores, side="right").astype(np.float64)
        for ranks, scores in zip(alone, each, strict=True)
    ]
    together = _ranked(peaks(-np.minimum.reduce(rarity)))
    found = np.zeros((len(RATES), len(SHORT)))
    for row, rate in enumerate(RATES):
        place = int(rate * number)
        # as many peaks alone as make the wished number of alarms together; one more is one too many
        allowed = int(-together[min(place, len(together) - 1)])
        for column, ranks in enumerate(alone):
            found[row, column] = ranks[min(max(allowed - 1, 0), len(ranks) - 1)]
    return np.maximum.accumulate(found, axis=0)


def _ranked(scores: F64) -> F64:
    """The peaks alone, highest first."""
    found = np.sort(scores[np.isfinite(scores)])[::-1]
    return found if len(found) else np.zeros(1)


def main(target: Path) -> None:
    """Write the table anew."""
    scores = []
    for mean in MEANS:
        row = []
        for dispersion in DISPERSIONS:
            grid = calibrate(mean, dispersion, SEED)
            row.append(tuple(tuple(round(float(score), 3) for score in rate) for rate in grid))
            sys.stderr.write(f"mean {mean:g}, dispersion {dispersion:g}\n")
        scores.append(tuple(row))
    made = Table(
        seed=SEED,
        days=SERIES * DAYS,
        means=MEANS,
        dispersions=DISPERSIONS,
        rates=RATES,
        scores=tuple(scores),
    )
    target.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=0) + b"\n")


if __name__ == "__main__":
    main(Path(__file__).parent / TABLE)
