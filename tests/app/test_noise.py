"""The noise keeps what it is paid for: a lower bound of epsilon from many draws lies within it, and finds its absence.

Two neighbouring weeks differ by one actor. The event "more than t of that actor's cells lie above the count without it"
has a probability in each; were the mechanism epsilon-differentially private, their ratio would be at most exp(epsilon).
For t = bound - 1 it is exactly that. Clopper and Pearson's limits on both probabilities bound epsilon from below.
"""

import sys
from collections.abc import Sequence
from math import exp, log

import numpy as np
import numpy.typing as npt
import pytest

from tests.attacks import limits
from tests.store.test_contributions import CONDUCT, Did, batch
from tocsin.app.noise import Noise, discrete_laplace, require_noise
from tocsin.kernel import Unavailable
from tocsin.kernel.counts import BOUNDS, COST, CountList, half_width, scale_of
from tocsin.store.contributions import contributions

MANY, FEW = 6_000, 1_000
"""Draws of each world: to come near what was paid, and to find a build that is far off."""

RISK = 1e-5
"""That a sound mechanism is found wanting, shared by all the thresholds that are tried."""

OTHERS: list[Did] = [(f"a{n}", n % 7, "en", (CONDUCT[n % 5],)) for n in range(40)]
ONE: list[Did] = [("x", day, tag, tuple(CONDUCT[:4])) for day in range(7) for tag in ("en", "zh", "mn")]


def epsilon_at_least(noise: Noise, which: CountList, draws: int = FEW) -> float:
    """What the draws prove of the mechanism at least; both directions, every threshold."""
    bound = BOUNDS[which]
    without, beside = (contributions([batch(deeds)], which, bound) for deeds in (OTHERS, [*OTHERS, *ONE]))
    apart = [place for place, (one, other) in enumerate(zip(without, beside, strict=True)) if one != other]
    assert len(apart) == bound, "the neighbours are as far apart as neighbours can be"

    def above(world: Sequence[int]) -> npt.NDArray[np.int64]:
        drawn = (noise(world, bound, COST) for _ in range(draws))
        return np.array([sum(one[place] > without[place] for place in apart) for one in drawn])

    sums = above(without), above(beside)
    risk = RISK / (4 * bound)
    best = 0.0
    for threshold in range(bound):
        few, many = (int((one > threshold).sum()) for one in sums)
        for hits, misses in ((many, few), (draws - few, draws - many)):
            lower, _ = limits(hits, draws, risk)
            _, upper = limits(misses, draws, risk)
            best = max(best, log(lower / upper) if lower > 0 else 0.0)
    return best


def test_limits_are_those_of_the_tables() -> None:
    lower, upper = limits(5, 20, 0.025)
    assert (round(lower, 4), round(upper, 4)) == (0.0866, 0.4910)
    lower, upper = limits(0, 10, 0.025)
    assert (lower, round(upper, 4)) == (0.0, 0.3085)


def test_draws_prove_no_more_than_was_paid() -> None:
    found = epsilon_at_least(discrete_laplace, CountList.CATEGORIES, MANY)
    assert found <= COST / 1_000
    assert found > 0.1, "a bound that never comes near what was paid would find nothing"


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (lambda values, bound, cost: tuple(values), "no noise"),
        (
            lambda values, bound, cost: discrete_laplace(values, 1, cost),
            "noise for one cell, and three change",
        ),
    ],
)
def test_the_same_draws_find_a_build_that_protects_less(broken: Noise, why: str) -> None:
    assert epsilon_at_least(broken, CountList.CATEGORIES) > COST / 1_000, why


def test_noise_is_whole_has_the_scale_and_covers_what_it_says() -> None:
    scale = scale_of(3, COST)
    drawn = np.array(discrete_laplace([1_000] * 40_000, 3, COST)) - 1_000
    a = exp(-1 / scale)
    assert abs(drawn.mean()) < 0.25
    assert drawn.var() == pytest.approx(2 * a / (1 - a) ** 2, rel=0.08)
    within = float((np.abs(drawn) <= half_width(scale)).mean())
    assert 0.945 < within < 0.965
    assert (drawn < 0).any()


def test_without_opendp_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    with pytest.raises(Unavailable, match=r"tocsin\[statistics\]"):
        require_noise()
