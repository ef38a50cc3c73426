"""What each detector must do whatever the series; equality with R is in test_surveillance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.correlate.trends import ears
from tocsin.correlate.trends.baseline import FIRST, expect
from tocsin.correlate.trends.cusum import cusum
from tocsin.correlate.trends.farrington import Control, baseline, farrington, needed_weeks

COUNTS = st.lists(st.integers(0, 60), min_size=12, max_size=90)


@given(COUNTS)
def test_only_the_past_decides(counts: list[int]) -> None:
    for score in (ears.c1, ears.c2, ears.c3, lambda values: expect(values).mean):
        whole = score(counts)
        part = score(counts[:-1])
        np.testing.assert_array_equal(whole[:-1], part)


@given(COUNTS, st.integers(1, 50))
def test_more_is_never_less_alarming(counts: list[int], more: int) -> None:
    raised = [*counts[:-1], counts[-1] + more]
    for score in (ears.c1, ears.c2, ears.c3):
        before, after = score(counts)[-1], score(raised)[-1]
        assert np.isnan(before) or after >= before


def test_a_flat_past_makes_any_rise_infinite_and_none_of_none() -> None:
    assert ears.c1([3] * 12)[-1] == 0
    assert np.isinf(ears.c1([*[3] * 12, 4])[-1])
    assert ears.c1([*[3] * 12, 4], least_sd=0.5)[-1] == 2


def test_cusum_adds_small_excesses_up_and_forgets() -> None:
    sums = cusum([1.5] * 6 + [0.0] * 3, k=1.0)
    np.testing.assert_allclose(sums, [0.5, 1, 1.5, 2, 2.5, 3, 2, 1, 0])
    np.testing.assert_allclose(cusum([2.0] * 4, k=1.0, restart_at=2.0), [1, 2, 1, 2])
    np.testing.assert_allclose(cusum([np.nan, 3.0, np.nan], k=1.0), [0, 2, 2])


def test_the_baseline_is_eight_weeks_with_their_weekdays() -> None:
    rng = np.random.default_rng(5)
    week = np.array([9, 9, 9, 9, 9, 3, 2])
    counts = rng.poisson(np.resize(week, 400))
    known = expect(counts)
    assert np.isnan(known.mean[:FIRST]).all()
    settled = known.mean[FIRST:]
    days = np.arange(FIRST, 400) % 7
    assert settled[days == 6].mean() < 4
    assert settled[days == 1].mean() == pytest.approx(9, rel=0.1)
    assert np.median(known.dispersion[FIRST:]) == pytest.approx(1.0, abs=0.2)


def test_the_years_of_farringtons_baseline() -> None:
    control = Control(years=2, half_window=3, periods=10)
    at = needed_weeks(control)
    found = baseline(at, control)
    assert found is not None
    weeks, levels = found
    assert weeks[0] == 0
    assert weeks[-1] == at - 27
    # the windows around this week a year and two years ago, and nine periods of equal length between them
    assert set(weeks[levels == 0].tolist()) == {*range(7), *range(52, 59)}
    lengths = {level: int(((levels == level) & (weeks < 52)).sum()) for level in range(1, 10)}
    assert set(lengths.values()) == {5}
    assert baseline(at - 1, control) is None


def test_past_outbreaks_are_weighed_down() -> None:
    rng = np.random.default_rng(8)
    weeks = rng.poisson(20, 320).astype(float)
    weeks[150:154] += 120
    hit = farrington(weeks, 319, Control(years=5))
    deaf = farrington(weeks, 319, Control(years=5, reweight_above=1e300))
    assert hit is not None
    assert deaf is not None
    assert hit.upper < deaf.upper


def test_few_cases_never_ring() -> None:
    weeks = np.zeros(320)
    weeks[::9] = 1
    weeks[-1] = 4
    found = farrington(weeks, 319, Control(years=5))
    assert found is not None
    assert not found.alarm
    weeks[-1] = 9
    louder = farrington(weeks, 319, Control(years=5))
    assert louder is not None
    assert louder.alarm
