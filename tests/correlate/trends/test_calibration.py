"""The table keeps the rate that is asked for, on days it was not made from."""

import numpy as np
import pytest

from tocsin.correlate.trends.baseline import FIRST
from tocsin.correlate.trends.calibration import (
    DISPERSIONS,
    MEANS,
    RATES,
    SAME_ALARM_DAYS,
    calibrate,
    peaks,
    quiet_days,
    table,
    thresholds,
)
from tocsin.correlate.trends.scores import SHORT, short_scores


def test_the_table_is_whole_and_rises_with_rarity() -> None:
    known = table()
    scores = np.array(known.scores)
    assert scores.shape == (len(MEANS), len(DISPERSIONS), len(RATES), len(SHORT))
    assert (known.means, known.dispersions, known.rates) == (MEANS, DISPERSIONS, RATES)
    assert np.all(np.diff(scores, axis=2) >= 0)


@pytest.mark.parametrize(
    ("mean", "dispersion", "rate"), [(2.0, 1.2, 0.003), (20.0, 2.0, 0.01), (60.0, 4.0, 0.003)]
)
def test_between_the_points_of_the_table_the_rate_holds(mean: float, dispersion: float, rate: float) -> None:
    rng = np.random.default_rng(99)
    counts = quiet_days(rng, mean, dispersion, 200, 1_500)
    over = thresholds(mean, dispersion, rate)
    scores = short_scores(counts)
    rang = np.zeros(counts.shape, bool)
    for name in SHORT:
        rang |= np.nan_to_num(scores[name], nan=-1.0) > over[name]
    rang[:, :FIRST] = False
    alarms = 0
    for days in rang:
        at = np.flatnonzero(days)
        alarms += 0 if not len(at) else 1 + int((np.diff(at) > SAME_ALARM_DAYS).sum())
    measured = alarms / (200 * (1_500 - FIRST))
    assert rate / 2 < measured < rate * 1.5


def test_a_peak_is_one_alarm() -> None:
    scores = np.array([[0.0, 1, 5, 5, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0]])
    assert np.flatnonzero(np.isfinite(peaks(scores))).tolist() == [2, 12]


def test_the_same_seed_gives_the_same_table() -> None:
    np.testing.assert_array_equal(calibrate(3.0, 1.5, 7, series=50), calibrate(3.0, 1.5, 7, series=50))
