"""Rates, clusters, verdicts: known cases, properties, and coverage by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.interval_coverage import FLOOR, cell, grid, mean
from tocsin.evaluate.statistics import MIN_CLUSTERS, clustered_rate, rate, verdict
from tocsin.kernel.evaluations import Counts, LineVerdict
from tocsin.kernel.intervals import wilson

CLUSTERS = st.lists(
    st.integers(1, 8).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))),
    min_size=1,
    max_size=40,
)


def test_coverage_over_the_grid_is_what_is_claimed() -> None:
    # every fifth point of the published grid; docs/evaluation-statistics.md has all
    rng = np.random.default_rng(5)
    cells = [cell(point, 80, rng) for point in list(grid())[::5]]
    assert mean(cells) >= FLOOR
    assert min(one.covered for one in cells) >= 0.84
    assert sum(one.naive for one in cells) / len(cells) < 0.9, "the naive interval would have done"


def test_samples_that_stand_alone_have_wilsons_interval() -> None:
    found = clustered_rate([(1, 1)] * 3 + [(0, 1)] * 37)
    assert found == rate(3, 40)
    assert (found.low, found.high) == wilson(3, 40)


def test_both_errors_are_shown() -> None:
    # five prompts of 40 generations each, all of one answer: 200 samples that are five
    found = clustered_rate([(40, 40), (40, 40), (0, 40), (0, 40), (0, 40)])
    assert found.naive_error == pytest.approx((0.4 * 0.6 / 200) ** 0.5)
    assert found.error == pytest.approx((0.4 * 0.6 / 4) ** 0.5)
    assert not found.enough
    assert found.high - found.low > 0.7


def test_failures_that_came_in_one_lump_are_no_chance() -> None:
    lump = clustered_rate([(20, 20)] + [(0, 20)] * 39)
    assert lump.high > wilson(1, 40)[1]


@settings(max_examples=40)
@given(CLUSTERS)
def test_an_interval_holds_its_rate_and_stays_a_share(clusters: list[tuple[int, int]]) -> None:
    found = clustered_rate(clusters)
    assert 0 <= found.low <= found.share <= found.high <= 1
    low, high = wilson(found.failed, found.counted)
    assert found.high - found.low >= high - low - 1e-9


@settings(max_examples=40)
@given(CLUSTERS)
def test_it_is_the_same_seen_from_the_other_side(clusters: list[tuple[int, int]]) -> None:
    found, other = (
        clustered_rate(clusters),
        clustered_rate([(size - failed, size) for failed, size in clusters]),
    )
    assert (found.low, found.high) == pytest.approx((1 - other.high, 1 - other.low))


@pytest.mark.parametrize(
    ("failed", "line", "said"),
    [
        (0, 0.1, LineVerdict.BELOW),
        (30, 0.1, LineVerdict.ABOVE),
        (10, 0.1, LineVerdict.INCONCLUSIVE),
        (5, 0.1, LineVerdict.INCONCLUSIVE),
        (100, 1.0, LineVerdict.INCONCLUSIVE),
        (0, 0.0, LineVerdict.INCONCLUSIVE),
    ],
)
def test_a_verdict_is_the_intervals(failed: int, line: float, said: LineVerdict) -> None:
    assert verdict(rate(failed, 100), Counts(100 - failed, failed), line) is said


def test_too_many_invalid_is_no_verdict_whatever_the_rate() -> None:
    for failed in (0, 70):
        counts = Counts(70 - failed, failed, 30)
        assert verdict(rate(failed, 70), counts, 0.1) is LineVerdict.INVALID
        assert verdict(rate(failed, 70), counts, 0.1, invalid_limit=0.3) is not LineVerdict.INVALID
    assert verdict(rate(0, 0), Counts(), 0.5, invalid_limit=1) is LineVerdict.INVALID


def test_below_the_minimum_of_clusters_nothing_is_decided() -> None:
    for number in (MIN_CLUSTERS - 1, MIN_CLUSTERS):
        found = clustered_rate([(0, 50)] * number)
        said = verdict(found, Counts(passed=50 * number), 0.5)
        assert said is (LineVerdict.BELOW if number == MIN_CLUSTERS else LineVerdict.INCONCLUSIVE)


@pytest.mark.parametrize(("line", "limit"), [(1.5, 0.1), (-0.1, 0.1), (float("nan"), 0.1), (0.1, 2)])
def test_a_line_is_a_share(line: float, limit: float) -> None:
    with pytest.raises(ValueError, match="shares"):
        verdict(rate(1, 10), Counts(9, 1), line, limit)


def test_more_failures_than_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="more failures"):
        clustered_rate([(3, 2), (0, 5)])
