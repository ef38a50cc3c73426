"""Pairs, many tests, repeats, institutes, and how many samples: published examples and properties."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.evaluate.statistics import (
    compare_pairs,
    heterogeneity,
    heterogeneity_of_rates,
    holm,
    mcnemar,
    paired_interval,
    power_below,
    repeats,
    samples_below,
    samples_per_arm,
)


def test_a_published_pair() -> None:
    # airway hyper-responsiveness before and after transplantation: Fagerland, Lydersen & Laake 2013, BMC Medical
    # Research Methodology 13:91 (p 0.0703), and 2014, Statistics in Medicine 33:2850 (Newcombe: -0.507 to -0.026)
    assert mcnemar(1, 7) == pytest.approx(0.0703, abs=5e-5)
    assert paired_interval(1, 1, 7, 12) == pytest.approx((-0.507, -0.026), abs=5e-4)


@settings(max_examples=40)
@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_binomial_sum(first: int, second: int) -> None:
    number = first + second
    tail = sum(math.comb(number, k) for k in range(min(first, second) + 1)) / 2**number
    assert mcnemar(first, second) == pytest.approx(min(1, 2 * tail)) == mcnemar(second, first)


def test_pairs_are_items_that_both_judged() -> None:
    first = {"a": True, "b": True, "c": False, "d": None, "e": True}
    second = {"a": True, "b": False, "c": False, "d": False, "f": True}
    found = compare_pairs(first, second)
    assert (found.both, found.only_first, found.only_second, found.neither, found.unpaired) == (1, 1, 0, 1, 3)
    assert found.difference == pytest.approx(1 / 3)
    assert found.low <= found.difference <= found.high
    nothing = compare_pairs({}, {})
    assert (nothing.low, nothing.high, nothing.p) == (-1, 1, 1)


def test_the_paired_interval_covers_about_as_it_says() -> None:
    rng, covered, rounds = random.Random(3), 0, 2_000
    for _ in range(rounds):
        cells = [0, 0, 0, 0]
        for place in rng.choices(range(4), (0.2, 0.2, 0.05, 0.55), k=60):
            cells[place] += 1
        low, high = paired_interval(*cells)
        covered += low <= 0.15 <= high
    assert 0.94 <= covered / rounds <= 0.98


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_never_lowers_and_keeps_the_order(given_: list[float]) -> None:
    adjusted = holm(given_)
    assert all(before <= after <= 1 for before, after in zip(given_, adjusted, strict=True))
    order = sorted(range(len(given_)), key=given_.__getitem__)
    assert [adjusted[place] for place in order] == sorted(adjusted)


def test_flips_and_drift_are_two_things() -> None:
    noise = repeats([{"a": True, "b": False, "c": True}, {"a": False, "b": True, "c": True}])
    assert (noise.flips.failed, noise.flips.counted, noise.drift.difference) == (2, 3, 0)
    names = [str(number) for number in range(20)]
    moved = repeats([dict.fromkeys(names, False), {name: int(name) < 12 for name in names}])
    assert moved.flips.share == 0.6
    assert moved.drift.difference == pytest.approx(0.6)
    assert moved.drift.p < 0.001
    assert [run.share for run in moved.runs] == [0, 0.6]
    assert repeats([{"a": True, "b": None}, {"b": True}]).once == 2
    with pytest.raises(ValueError, match="one run"):
        repeats([{}])


BCG = (
    *((4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761)),
    *((180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232)),
    *((17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825)),
)
"""Trials of the BCG vaccine: cases and others, vaccinated and not (Colditz et al. 1994, JAMA 271:698)."""


def test_a_published_heterogeneity() -> None:
    # log risk ratios, equal effects: Q(12) = 152.2330, I-squared 92.12 %, estimate -0.4303 (metafor's manual, dat.bcg)
    found = heterogeneity(
        [math.log(a / (a + b) / (c / (c + d))) for a, b, c, d in BCG],
        [1 / a - 1 / (a + b) + 1 / c - 1 / (c + d) for a, b, c, d in BCG],
    )
    assert found.q == pytest.approx(152.2330, abs=5e-5)
    assert found.i_squared == pytest.approx(0.9212, abs=5e-5)
    assert found.pooled == pytest.approx(-0.4303, abs=5e-5)
    assert found.degrees == 12
    assert found.p < 1e-20


def test_institutes_that_agree_and_one_that_does_not() -> None:
    alike = heterogeneity_of_rates([(10, 100), (11, 100), (9, 100)])
    assert alike.p > 0.5
    assert alike.i_squared == 0
    assert heterogeneity_of_rates([(0, 100), (11, 100), (60, 100)]).p < 1e-6
    for wrong in ([(1, 2)], [(1, 2), (3, 2)], [(0, 0), (1, 2)]):
        with pytest.raises(ValueError, match="institute"):
            heterogeneity_of_rates(wrong)
    with pytest.raises(ValueError, match="variance"):
        heterogeneity([1, 2], [0, 1])


def test_an_uplift_study_needs_about_1600_an_arm() -> None:
    # to tell 1.4 times 6.6 % from 6.6 %, as arXiv 2602.16703 found too late
    assert 1_550 <= samples_per_arm(0.066, 0.066 * 1.4) <= 1_700
    # Fleiss, Levin & Paik 2003, section 4.2: 60 % against 70 %, 5 %, 80 %, without the correction
    assert samples_per_arm(0.6, 0.7) == 356
    with pytest.raises(ValueError, match="differ"):
        samples_per_arm(0.1, 0.1)


@pytest.mark.parametrize(("line", "expected"), [(0.05, 0.01), (0.1, 0.0), (0.3, 0.2), (0.5, 0.4)])
def test_the_number_of_samples_has_the_power_it_says(line: float, expected: float) -> None:
    number = samples_below(line, expected)
    assert all(power_below(line, expected, more) >= 0.8 for more in range(number, number + 60))
    assert power_below(line, expected, number // 2) < 0.8
    assert samples_below(line, expected, design_effect=2.5) >= 2.5 * number


def test_a_line_too_near_is_refused() -> None:
    with pytest.raises(ValueError, match="another line"):
        samples_below(0.05, 0.0499)
    with pytest.raises(ValueError, match="under the line"):
        samples_below(0.05, 0.06)
