"""Krippendorff's alpha against his own example, and its bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.evaluate.statistics import Scale, agreement, agreement_by_language

# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section C: four observers, twelve units, missing data
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
UNITS = [
    [None if value == "." else int(value) for value in unit]
    for unit in zip(*(row.split() for row in OBSERVERS), strict=True)
]


@pytest.mark.parametrize(("scale", "alpha"), [(Scale.NOMINAL, 0.743), (Scale.ORDINAL, 0.815)])
def test_his_own_example(scale: Scale, alpha: float) -> None:
    found = agreement(UNITS, scale, np.random.default_rng(1))
    assert found.alpha == pytest.approx(alpha, abs=5e-4)
    assert found.items == 11, "a unit that one observer saw says nothing"
    assert found.low is not None
    assert found.high is not None
    assert found.low < alpha < found.high <= 1


def test_chance_is_nought_and_one_value_is_nothing() -> None:
    rng = np.random.default_rng(2)
    drawn = [[int(one) for one in pair] for pair in rng.integers(0, 2, size=(3_000, 2))]
    assert agreement(drawn).alpha == pytest.approx(0, abs=0.06)
    assert agreement([["yes", "yes"]] * 50).alpha is None, "judges who always say yes showed no judgement"
    assert agreement([["yes", None], [None, "no"]]).alpha is None


def test_each_language_apart() -> None:
    items = [("en", ["yes", "yes"]), ("en", ["no", "no"])] * 10 + [
        ("mn", ["yes", "no"]),
        ("mn", ["no", "no"]),
    ] * 10
    found = agreement_by_language(items)
    assert found["en"].alpha == 1
    assert found["mn"].alpha is not None
    assert found["mn"].alpha < 0


def test_ranks_are_numbers() -> None:
    with pytest.raises(ValueError, match="rank"):
        agreement([["low", "high"]], Scale.ORDINAL)


@given(st.lists(st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=5), max_size=15))
def test_the_order_of_judges_and_items_is_nothing(items: list[list[int | None]]) -> None:
    shuffled = [item[::-1] for item in items][::-1]
    one, other = agreement(items, Scale.ORDINAL), agreement(shuffled, Scale.ORDINAL)
    assert one.items == other.items
    assert one.alpha == pytest.approx(other.alpha)
    assert one.alpha is None or one.alpha <= 1
