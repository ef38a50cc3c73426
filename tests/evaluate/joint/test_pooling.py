"""Random effects against printed values, and against what they come down to in simple cases."""

from math import log, sqrt
from statistics import mean, stdev

import pytest

from tocsin.evaluate.joint import pool
from tocsin.evaluate.statistics.distributions import t_quantile

BCG = (
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
    (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232),
    (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
)  # fmt: skip
"""Thirteen trials of a vaccine (Colditz et al. 1994, JAMA 271:698): ill and well, vaccinated and not. The data set that
the R package metafor prints its DerSimonian-Laird figures for."""


def test_the_printed_figures_of_thirteen_trials() -> None:
    ratios = [log(a / (a + b)) - log(c / (c + d)) for a, b, c, d in BCG]
    variances = [1 / a - 1 / (a + b) + 1 / c - 1 / (c + d) for a, b, c, d in BCG]
    found = pool(ratios, variances)
    assert found.estimate == pytest.approx(-0.7141, abs=5e-5)
    assert found.dersimonian_laird == pytest.approx(0.1787, abs=5e-5)
    assert found.tau_squared == pytest.approx(0.3088, abs=5e-5)
    assert found.spread.q == pytest.approx(152.233, abs=5e-4)
    assert found.spread.i_squared == pytest.approx(0.9212, abs=5e-5)
    assert sum(found.weights) == pytest.approx(1)


def test_of_equal_variances_it_is_the_t_interval_of_the_estimates() -> None:
    """Hartung & Knapp: with equal weights their interval is Student's for a mean."""
    values = [0.1, 0.9, 0.4, 1.3, -0.2]
    found = pool(values, [0.01] * 5)
    assert found.estimate == pytest.approx(mean(values))
    assert found.error == pytest.approx(stdev(values) / sqrt(5))
    assert found.high - found.estimate == pytest.approx(t_quantile(0.95, 4) * stdev(values) / sqrt(5))


def test_those_that_agree_by_chance_are_no_surer_than_their_samples() -> None:
    found = pool([0.5, 0.5, 0.5], [0.04, 0.04, 0.04])
    assert found.tau_squared == 0
    assert found.error == found.dersimonian_laird == pytest.approx(0.2 / sqrt(3))
    assert found.expected_low is not None
    assert found.expected_low < found.low


def test_two_have_no_expectation_of_a_third_and_one_has_nothing() -> None:
    assert pool([0.0, 1.0], [0.1, 0.1]).expected_low is None
    with pytest.raises(ValueError, match="two institutes"):
        pool([0.0], [0.1])
