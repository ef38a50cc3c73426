"""Figures against worked examples of others, and properties that hold for all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.correlate.agreement import LEAST_PAIRS, Pairs, agreement, alpha, kappa, share

COUNT = st.integers(0, 500)
PAIRS = st.builds(Pairs, COUNT, COUNT, COUNT, COUNT)


def test_cohens_kappa_of_the_textbook() -> None:
    # 20 and 15 agreed, 5 and 10 not: po .70, pe .50, kappa .40 (Cohen's kappa, the usual worked example)
    assert kappa(Pairs(20, 5, 10, 15)) == pytest.approx(0.4)


def test_krippendorffs_alpha_of_his_example() -> None:
    # "Computing Krippendorff's Alpha-Reliability" (2011), A: 10 articles, 14 ones... two observers, alpha .095
    assert alpha(Pairs(both=1, guard_only=1, person_only=3, neither=5)) == pytest.approx(0.095, abs=5e-4)


def test_wilson_of_brown_cai_dasgupta() -> None:
    got = share(10, 100)
    assert (round(got.low, 4), round(got.high, 4)) == (0.0552, 0.1744)
    assert share(0, 0) == share(0, 0).__class__(0, 0, 0.0, 1.0)
    assert share(0, 20).low == 0
    assert share(20, 20).high == 1


@given(PAIRS)
def test_perfect_agreement_is_one_and_nothing_is_more(pairs: Pairs) -> None:
    for figure in (alpha, kappa):
        value = figure(pairs)
        assert value is None or value <= 1 + 1e-9
    perfect = Pairs(pairs.both + 1, 0, 0, pairs.neither + 1)
    assert alpha(perfect) == kappa(perfect) == 1


@given(PAIRS)
def test_an_interval_holds_its_value_and_few_pairs_have_none(pairs: Pairs) -> None:
    got = agreement(pairs, np.random.default_rng(7))
    if pairs.number < LEAST_PAIRS or got.alpha is None:
        assert got.low is None
    elif got.low is not None and got.high is not None:
        assert got.low - 0.02 <= got.alpha <= got.high + 0.02
    assert got == agreement(pairs, np.random.default_rng(7)), "the same draw gives the same interval"


@given(st.integers(0, 300), st.integers(1, 300))
def test_a_share_lies_in_its_interval(number: int, more: int) -> None:
    got = share(number, number + more)
    assert 0 <= got.low <= number / (number + more) <= got.high <= 1
