"""Counts of a key: what none can be, what a clip does to them; and who may sum."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.summing import cast, counts
from tocsin.kernel import BadInput
from tocsin.kernel.sums import COMPONENTS, MOST_ACTORS, CountVector, Held, SumRoster, mended, total

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


def test_a_roster_that_is_none() -> None:
    roster, _ = cast(3)
    for fields, why in (
        ({"participants": roster.participants[:2], "threshold": 2}, "two nodes alone"),
        ({"participants": roster.participants[::-1]}, "different participants"),
        ({"participants": (*roster.participants[:2], roster.participants[1])}, "different participants"),
        ({"threshold": 1}, "half"),
        ({"threshold": 4}, "half"),
        ({"aggregators": (roster.aggregators[0],) * 2}, "two aggregators"),
        ({"holders": 1}, "holders"),
        ({"holders": 4}, "holders"),
    ):
        with pytest.raises(BadInput, match=why):
            msgspec.structs.replace(roster, **fields)
    assert msgspec.structs.replace(roster, attempt=1).digest != roster.digest
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(roster), type=SumRoster) == roster
    assert roster.holders_who_add == ()
    assert cast(3, outside=False)[0].holders_who_add == roster.names[:2]
    assert [roster.index(one) for one in roster.names] == [1, 2, 3]
    assert [roster.place(one.name) for one in roster.aggregators] == [0, 1]
    with pytest.raises(BadInput, match="next"):
        roster.index("identity--mallory")
    with pytest.raises(BadInput, match="aggregator"):
        roster.place(roster.names[0])
