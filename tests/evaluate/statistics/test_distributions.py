"""Quantiles and tails against printed tables."""

import math

import pytest

from tocsin.evaluate.statistics.distributions import binomial_at_most, chi_squared_beyond, t_quantile


@pytest.mark.parametrize(
    # NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2, column 0.975
    ("degrees", "value"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (10, 2.228), (30, 2.042), (100, 1.984)],
)
def test_students_t(degrees: int, value: float) -> None:
    assert t_quantile(0.95, degrees) == pytest.approx(value, abs=6e-4)


def test_the_expansion_meets_the_sum() -> None:
    assert t_quantile(0.95, 1_001) == pytest.approx(t_quantile(0.95, 1_000), abs=1e-5)
    assert t_quantile(0.95, 10**9) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize(
    # the same, section 1.3.6.7.4, upper tail 0.05
    ("degrees", "value"),
    [(1, 3.841), (2, 5.991), (3, 7.815), (10, 18.307), (99, 123.225)],
)
def test_chi_squared(degrees: int, value: float) -> None:
    assert chi_squared_beyond(value, degrees) == pytest.approx(0.05, abs=2e-5)
    assert chi_squared_beyond(0, degrees) == 1


def test_the_binomial_is_a_sum_of_its_terms() -> None:
    for trials, share in ((1, 0.5), (12, 0.3), (40, 0.02)):
        for most in range(-1, trials + 1):
            whole = sum(
                math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(most + 1)
            )
            assert binomial_at_most(most, trials, share) == pytest.approx(whole, abs=1e-12)


@pytest.mark.parametrize(("confidence", "degrees"), [(0, 3), (1, 3), (0.95, 0)])
def test_outside_there_is_nothing(confidence: float, degrees: int) -> None:
    with pytest.raises(ValueError, match="no quantile"):
        t_quantile(confidence, degrees)
