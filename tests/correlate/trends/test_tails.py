"""Exact tails: against sums of the textbook's formula, and against tables."""

from math import exp, lgamma, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.correlate.trends.tails import at_least, quantile, student_two_sided

MEANS = st.floats(0.05, 300)
DISPERSIONS = st.sampled_from([1.0, 1.3, 2.0, 5.0, 20.0])


def probability(count: int, mean: float, dispersion: float) -> float:
    if dispersion == 1:
        return exp(count * log(mean) - mean - lgamma(count + 1))
    size = mean / (dispersion - 1)
    whole = lgamma(count + size) - lgamma(size) - lgamma(count + 1)
    return exp(whole - size * log(dispersion) + count * log((dispersion - 1) / dispersion))


@given(MEANS, DISPERSIONS, st.sampled_from([0.05, 0.5, 0.9, 0.99, 0.9999]))
def test_a_quantile_is_the_first_count_that_reaches_it(mean: float, dispersion: float, level: float) -> None:
    found = quantile(level, mean, dispersion)
    below = sum(probability(count, mean, dispersion) for count in range(found))
    assert below < level * (1 + 1e-9)
    assert below + probability(found, mean, dispersion) >= level * (1 - 1e-9)


@given(MEANS, DISPERSIONS, st.integers(0, 60))
def test_what_is_left_beyond_a_count(mean: float, dispersion: float, count: int) -> None:
    below = sum(probability(one, mean, dispersion) for one in range(count))
    assert at_least(count, mean, dispersion) == pytest.approx(1 - below, abs=1e-9)


def test_small_tails_keep_their_digits() -> None:
    # R 4.2.2: ppois(29, 5, lower.tail = FALSE); pnbinom(199, mu = 20, size = 10, lower.tail = FALSE)
    assert at_least(30, 5.0, 1.0) == pytest.approx(2.817518e-14, rel=1e-6)
    assert at_least(200, 20.0, 3.0) == pytest.approx(5.938004e-25, rel=1e-6)


@pytest.mark.parametrize(
    ("t", "degrees", "p"),
    [
        (12.706, 1, 0.05),
        (4.303, 2, 0.05),
        (3.182, 3, 0.05),
        (2.776, 4, 0.05),
        (2.042, 30, 0.05),
        (2.617, 120, 0.01),
    ],
)
def test_student_as_in_the_tables(t: float, degrees: int, p: float) -> None:
    assert student_two_sided(t, degrees) == pytest.approx(p, rel=2e-3)
    assert student_two_sided(-t, degrees) == student_two_sided(t, degrees)


def test_no_count_and_no_mean() -> None:
    assert at_least(0, 3.0, 1.0) == 1.0
    assert at_least(1, 0.0, 1.0) == 0.0
    assert quantile(0.99, 0.0, 1.0) == 0
    with pytest.raises(ValueError, match="between"):
        quantile(1.0, 3.0, 1.0)
