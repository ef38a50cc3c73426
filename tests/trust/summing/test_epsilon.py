"""What an aggregator sees of one account, bounded from below, lies within what is accounted; and finds what does not.

Neighbours differ by one account that has every trait, under one key that its node raises with or without it: each of
the fourteen counts is one greater. The view is all that one aggregator has: its shares, the other's noisy sums, and
its own noise, which it takes away. Many keys of one look are as many draws.
"""

import pytest

from tests.attacks import least_epsilon
from tests.summing import cast, epoch, views
from tocsin.trust.summing import epsilon, least_scale, look_cost

RISK = 1e-5
"""That a sound build is found wanting."""

SCALE, MANY, FEW = 7, 2_500, 600


def test_a_view_proves_no_more_than_is_accounted() -> None:
    accounted = epsilon(epoch(noise=SCALE).roster, looks=1, keys=1)
    assert accounted == 2.0
    found = least_epsilon(*views(SCALE, MANY), RISK)
    assert found <= accounted
    assert found > 0.05, "a bound that never comes near what is accounted would find nothing"


@pytest.mark.parametrize(
    ("drawn", "why"), [(0, "no noise"), (1, "noise for two counts, and fourteen change")]
)
def test_the_same_view_finds_a_build_that_protects_less(drawn: int, why: str) -> None:
    assert least_epsilon(*views(SCALE, FEW, drawn), RISK) > 2.0, why


def test_what_is_accounted() -> None:
    """Fourteen counts, four keys, seven looks; and nothing at all without noise."""
    assert epsilon(cast(3, noise=1, looks=7)[0]) == 14 * 4 * 7
    assert epsilon(cast(3, noise=56, looks=1)[0]) == 1.0
    assert epsilon(cast(3, noise=56)[0], looks=2) == 2.0
    assert epsilon(cast(3)[0]) is None


def test_a_look_costs_its_epsilon_rounded_up() -> None:
    for scale in (1, 7, 14, 56, 99, 1_000):
        accounted = epsilon(epoch(noise=scale).roster, looks=1)
        assert accounted is not None
        assert 0 <= look_cost(scale) - accounted * 1_000 < 1
    assert look_cost(0) == 0, "without noise nothing is accounted"
    for budget in (1_000, 8_000, 9_000):
        least = least_scale(budget)
        assert look_cost(least) <= budget < look_cost(least - 1)
