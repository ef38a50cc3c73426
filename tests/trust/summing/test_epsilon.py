"""What an aggregator sees of one account, bounded from below, lies within what is accounted; and finds what does not.

Neighbours differ by one account that has every trait, under one key that its node raises with or without it: each of
the fourteen counts is one greater. The view is all that one aggregator has: its shares, the other's noisy sums, and
its own noise, which it takes away. Many keys of one look are as many draws.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attacks import least_epsilon
from tests.summing import cast, counts, epoch, views
from tocsin.kernel import BadInput
from tocsin.kernel.sums import COMPONENTS, MOST_ACTORS, CountVector, Held, mended, total
from tocsin.trust.summing import epsilon

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


PLAIN = st.integers(0, 400).flatmap(
    lambda actors: st.tuples(st.just(actors), *[st.integers(0, actors)] * (COMPONENTS - 1))
)


@given(PLAIN, st.lists(st.booleans(), min_size=COMPONENTS - 1, max_size=COMPONENTS - 1))
def test_one_account_moves_a_clipped_count_by_one_at_most(plain: tuple[int, ...], traits: list[bool]) -> None:
    more = (plain[0] + 1, *(one + has for one, has in zip(plain[1:], traits, strict=True)))
    before, after = CountVector(plain).clipped().counts, CountVector(more).clipped().counts
    assert all(abs(one - other) <= 1 for one, other in zip(before, after, strict=True))
    assert max(after) <= MOST_ACTORS


def test_a_clip_keeps_proportions() -> None:
    assert CountVector((1000, *[100] * 13)).clipped().counts == (63, *[6] * 13)
    assert counts(63, NEW=60).clipped() == counts(63, NEW=60)


def test_counts_that_none_can_be() -> None:
    for wrong in ((1,) * 13, (1, 2, *[0] * 12), (1, -1, *[0] * 12)):
        with pytest.raises(BadInput):
            CountVector(wrong)
    with pytest.raises(BadInput):
        Held(counts(1), (b"",))
    assert total([counts(2, NEW=1), counts(3, NEW=2)]) == counts(5, NEW=3)
    assert mended([5, -3, 9, *[0] * 11]).counts == (5, 0, 5, *[0] * 11)
    assert mended([-1] * 14).counts == (0,) * 14
