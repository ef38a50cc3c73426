"""How many participants: published numbers, a formula, and simulation."""

import numpy as np
import pytest

from tests.studies import study
from tocsin.evaluate.statistics.power import samples_per_arm
from tocsin.evaluate.uplift.effect import odds_ratio
from tocsin.evaluate.uplift.power import confidence, shifted, simulated, study_power, whitehead
from tocsin.kernel.studies import StudyAnalysis

TWO = np.array([[0.0], [1.0]])
NOVICES = (0.5, 0.2, 0.15, 0.084, 0.066)
"""How the control arm may spread over four milestones, 6.6 % at the last."""


def test_the_published_trial_tells_nothing() -> None:
    # arXiv 2602.16703: 4 of 77 with the model (5.2 %), 5 of 76 with the search (6.6 %), n = 153
    found = odds_ratio(np.array([[71.0, 5], [73, 4]]), TWO, 0.95)
    assert found.p > 0.7
    assert found.low < 0.2
    assert found.high > 3, "neither a fifth nor a threefold is excluded"


def test_two_outcomes_take_1600_an_arm_and_milestones_a_quarter_of_it() -> None:
    assert samples_per_arm(0.066, 0.066 * 1.4) == 1_642
    odds = (0.066 * 1.4 / (1 - 0.066 * 1.4)) / (0.066 / (1 - 0.066))
    assert whitehead(NOVICES, odds, 0.8) == 397
    assert whitehead((1 - 0.066, 0.066), odds, 0.8) == pytest.approx(1_642, rel=0.03), (
        "of two levels it is the same"
    )


def test_shares_are_moved_by_the_odds_at_every_cut() -> None:
    moved = np.array(shifted(NOVICES, 1.5))
    assert moved.sum() == pytest.approx(1)
    for cut in range(1, 5):
        before, after = sum(NOVICES[cut:]), moved[cut:].sum()
        assert after / (1 - after) == pytest.approx(1.5 * before / (1 - before))


def test_the_formula_and_the_simulation_agree() -> None:
    plan = study(expected=NOVICES)
    number = whitehead(NOVICES, plan.smallest_effect, 0.8)
    sees, clears = simulated(plan, number, np.random.default_rng(1), 1_000)
    assert sees == pytest.approx(0.8, abs=0.04)
    assert clears == pytest.approx(0.8, abs=0.05), "the other question is the same one, turned round"


def test_power_says_how_many_and_the_same_twice() -> None:
    found = study_power(study(), np.random.default_rng(7), 200)
    assert found == study_power(study(), np.random.default_rng(7), 200)
    assert found.enough
    assert 300 < found.needed <= 440
    assert found.binary > 3 * found.needed
    small = study_power(study(participants_per_arm=76), np.random.default_rng(7), 200)
    assert not small.enough
    assert small.needed == pytest.approx(found.needed, rel=0.02)


def test_looks_cost_participants() -> None:
    looks = study(analysis=StudyAnalysis(looks=(400, 880)))
    assert confidence(looks) == pytest.approx(0.975)
    assert study_power(looks, np.random.default_rng(7), 200).needed > 1.1 * (
        study_power(study(), np.random.default_rng(7), 200).needed
    )


def test_an_effect_that_nobody_could_find_is_refused() -> None:
    with pytest.raises(ValueError, match="larger effect"):
        study_power(
            study(smallest_effect=1.05, line=1.05, expected=(0.99, 0.0025, 0.0025, 0.0025, 0.0025)),
            np.random.default_rng(1),
            50,
        )
