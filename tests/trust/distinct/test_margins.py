"""The margin, against noise that is drawn."""

import numpy as np
import pytest

from tests.distinct import roster
from tocsin.kernel.distinct import COVERAGE, DELTA, MOVES
from tocsin.trust.distinct.margins import margin


@pytest.mark.parametrize("draws", [1, 3, 9, 100])
def test_so_many_sums_lie_within(draws: int) -> None:
    one = roster(cost=1_000, capacity=2_000)
    chance = np.random.default_rng(draws)
    stop = 1 - np.exp(-one.cost / (MOVES * 1_000))
    noise = chance.geometric(stop, (20_000, draws)) - chance.geometric(stop, (20_000, draws))
    sums = np.abs(noise.clip(-one.shift, one.shift).sum(axis=1))
    within = margin(one.cost, one.shift, draws)
    assert (sums <= within).mean() > COVERAGE - 0.01
    assert (sums < within).mean() < COVERAGE + 0.01, "and no wider than it has to be"


def test_noise_is_cut_off_so_rarely_as_is_said() -> None:
    for cost in (100, 500, 1_000, 4_000):
        one = roster(cost=cost, capacity=13_000)
        stay = np.exp(-cost / (MOVES * 1_000))
        beyond = 2 * stay ** (one.shift + 1) / (1 + stay)
        assert beyond * len(one.members) <= DELTA < beyond * len(one.members) / stay**2
