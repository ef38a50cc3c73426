"""Delays are learnt from the past, and the intervals hold what they promise, by simulation."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.correlate.trends.nowcast import LEAST_REPORTS, learn_delays, nowcast

I64 = npt.NDArray[np.int64]
QUICK = (0.6, 0.2, 0.1, 0.05, 0.03, 0.02)
SLOW = (0.3, 0.2, 0.15, 0.1, 0.08, 0.06, 0.05, 0.04, 0.02)
DAYS, DELAYS = 60, 15
AGE = np.arange(DAYS)[::-1]


def world(seed: int, mean: float, dispersion: float, shares: tuple[float, ...]) -> tuple[I64, I64]:
    """All that will be heard of (days, delays), and what is heard of on the last day."""
    rng = np.random.default_rng(seed)
    if dispersion > 1:
        totals = rng.negative_binomial(mean / (dispersion - 1), 1 / dispersion, DAYS)
    else:
        totals = rng.poisson(mean, DAYS)
    full = np.zeros((DAYS, DELAYS), np.int64)
    for day, total in enumerate(totals):
        full[day, : len(shares)] = rng.multinomial(total, np.array(shares) / sum(shares))
    return full, np.where(np.arange(DELAYS)[None, :] <= AGE[:, None], full, 0)


@pytest.mark.parametrize(("mean", "dispersion"), [(3.0, 1.0), (20.0, 3.0), (200.0, 8.0)])
@pytest.mark.parametrize("shares", [QUICK, SLOW])
def test_nine_intervals_of_ten_hold_the_truth(
    mean: float, dispersion: float, shares: tuple[float, ...]
) -> None:
    held: list[bool] = []
    errors: list[float] = []
    for seed in range(250):
        full, seen = world(seed, mean, dispersion, shares)
        delays = learn_delays(seen)
        for age in range(3):
            row = DAYS - 1 - age
            cast = nowcast(int(seen[row].sum()), age, delays)
            if cast is None:
                continue
            truth = int(full[row].sum())
            held.append(cast.low <= truth <= cast.high)
            errors.append(cast.estimate - truth)
    # 750 trials at .9: three standard errors are .033; small counts make intervals wider than promised
    assert np.mean(held) > 0.865
    assert abs(np.mean(errors)) < 0.05 * mean + 0.2


def test_shares_are_those_of_the_past() -> None:
    full, seen = world(1, 400, 1, QUICK)
    delays = learn_delays(seen)
    assert delays.heard[0] == pytest.approx(0.6, abs=0.02)
    assert delays.heard[2] == pytest.approx(0.9, abs=0.02)
    assert delays.heard[-1] == 1.0
    assert full.sum() > seen.sum()


def test_a_source_that_became_slow_is_followed() -> None:
    _, quick = world(1, 100, 1, QUICK)
    _, slow = world(2, 100, 1, SLOW)
    both = np.concatenate((quick, slow))
    assert learn_delays(both).heard[0] == pytest.approx(0.3, abs=0.05)


def test_too_few_reports_say_nothing() -> None:
    few = np.zeros((20, DELAYS), np.int64)
    few[:, 0] = 2
    assert few.sum() < LEAST_REPORTS
    assert nowcast(2, 0, learn_delays(few)) is None
    settled = nowcast(2, DELAYS, learn_delays(few))
    assert settled is not None
    assert settled.estimate == 2


def test_without_delay_nothing_is_added() -> None:
    prompt = np.zeros((40, DELAYS), np.int64)
    prompt[:, 0] = 9
    cast = nowcast(9, 0, learn_delays(prompt))
    assert cast == (9, 9.0, 9.0, 9.0)


@given(st.integers(0, 500), st.integers(0, DELAYS + 3), st.integers(0, 2**16))
def test_an_estimate_lies_in_its_interval_and_never_below_what_was_heard(
    heard: int, age: int, seed: int
) -> None:
    _, seen = world(seed % 7, 50, 2, SLOW)
    cast = nowcast(heard, age, learn_delays(seen))
    assert cast is not None
    assert heard <= cast.low <= cast.high
    assert (
        heard <= cast.estimate < cast.high + 1
    )  # the mean of whole counts may lie just above all likely ones
