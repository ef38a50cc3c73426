"""Wilson's interval against published values, and its coverage."""

import random

import pytest

from tocsin.kernel.intervals import wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_intervals(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_nothing_counted_is_nothing_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(7, 7)[1] == 1.0
    with pytest.raises(ValueError, match="8 of 7"):
        wilson(8, 7)


def test_it_covers_the_truth_about_as_often_as_it_says() -> None:
    rng, covered, rounds = random.Random(4), 0, 4_000
    for _ in range(rounds):
        truth = rng.uniform(0.05, 0.95)
        low, high = wilson(sum(rng.random() < truth for _ in range(40)), 40)
        covered += low <= truth <= high
    assert 0.94 <= covered / rounds <= 0.97
