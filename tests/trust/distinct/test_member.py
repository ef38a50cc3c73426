"""A count over three nodes: the numbers, what a hostile member tries, and what is seen of it."""

from collections import Counter
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.distinct import NAMES, SETS, counted, entropy, members, mixed, opened, roster, values
from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.distinct import Distinct, DistinctRoster, Shared
from tocsin.trust import ristretto
from tocsin.trust.distinct import Member, Turn
from tocsin.trust.distinct.member import LABEL
from tocsin.trust.distinct.messages import ENTRY_BYTES, Joined, Opened, Pool, Sent, decode, encode
from tocsin.trust.matching.sizes import split
from tocsin.trust.ristretto import IDENTITY, POINT_BYTES


def test_all_learn_how_many_there_are_and_how_many_are_shared() -> None:
    found = counted(members(roster()))
    assert found[0] == found[1] == found[2]
    assert found[0].inputs == len({*SETS["ash"], *SETS["birch"], *SETS["cedar"]})
    assert found[0].shared == (Shared(1, 30), Shared(2, 25), Shared(3, 5))


@settings(max_examples=3)
@given(
    st.fixed_dictionaries({name: st.sets(st.integers(0, 12), max_size=9) for name in NAMES}),
    st.fixed_dictionaries({name: st.lists(st.integers(-9, 9), min_size=3, max_size=3) for name in NAMES}),
)
def test_the_numbers_are_those_of_the_sets_and_the_noise(
    sets: dict[str, set[int]], noise: dict[str, list[int]]
) -> None:
    one = roster(capacity=120)
    often = Counter(Counter(value for held in sets.values() for value in held).values())
    cut = one.shift
    added = [sum(min(max(noise[name][at], -cut), cut) for name in NAMES) for at in range(3)]
    (found, *others) = counted(members(one, {name: sorted(held) for name, held in sets.items()}, noise))
    assert [each.inputs for each in found.shared] == [often[at + 1] + added[at] for at in range(3)]
    assert all(other == found for other in others)


def test_what_a_member_sends_has_one_size_and_holds_no_input() -> None:
    one = roster()
    few, many = ({**SETS, "ash": range(number)} for number in (1, one.room))
    sizes = {len(members(one, sets)["ash"].sent()) for sets in (few, many)}
    assert len(sizes) == 1
    with pytest.raises(BadInput, match="has room for"):
        members(one, {**SETS, "ash": range(one.room + 1)})
    with pytest.raises(BadInput, match="once"):
        members(one, {**SETS, "ash": [1, 1]})
    raw = members(one)["ash"].sent()
    entries = decode(raw, Sent, one).entries
    digest = msgspec.msgpack.encode(one)
    assert len(set(split(entries, POINT_BYTES))) == 2 * one.capacity, (
        "also padding is under blinds of its own"
    )
    assert values([1])[0] not in raw
    assert LABEL not in entries
    assert digest not in entries


def test_an_order_and_marks_are_of_each_turn() -> None:
    """What comes out of a turn has no point in common with what went in, and opens without it to nothing."""
    made = members(roster())
    for name, one in made.items():
        made["ash"].hear_sent(name, one.sent())
    pools = [made["ash"].mixed()]
    for name in NAMES[1:]:
        pools.append(made[name].mixed(pools[-1]))
    points = [set(split(decode(raw, Pool, roster()).entries, POINT_BYTES)) for raw in pools]
    assert all(not one & other for one, other in pairwise(points))
    without = decode(pools[0], Pool, roster())
    skipped = encode(msgspec.structs.replace(without, turns=3))
    opened(made, skipped)
    with pytest.raises(BadInput, match="more often than there are members"):
        made["ash"].counted()
    often = Counter(made["ash"]._opened_points())
    assert set(often.values()) == {1}, "a pool that left turns out opens to noise: nothing meets"


class Repeats(Member):
    """Sends one value many times, to learn by its number whether others have it."""

    def _point(self, value: bytes) -> bytes:
        return super()._point(values([27])[0])


def test_a_value_sent_many_times_is_seen_by_all() -> None:
    made = members(roster(), kind={"cedar": Repeats})
    opened(made, mixed(made))
    for one in made.values():
        with pytest.raises(BadInput, match="somebody sent it more than once"):
            one.counted()


def test_a_key_of_others_is_no_key() -> None:
    """Without the proof, the last to speak could choose a key that makes the joint one its own."""
    one = roster()
    ash = Member(one, "ash", values([1]), [0] * 3, entropy(1))
    birch = Member(one, "birch", values([1]), [0] * 3, entropy(2))
    said = decode(ash.joined(), Joined, one)
    with pytest.raises(BadInput, match="knows the secret"):
        birch.hear_joined("cedar", encode(said))
    wrong = msgspec.structs.replace(said, turn=said.opening, turn_proof=said.opening_proof)
    with pytest.raises(BadInput, match="knows the secret"):
        birch.hear_joined("ash", encode(wrong))
    for broken in (IDENTITY, b"\xff" * 32):
        with pytest.raises(BadInput):
            birch.hear_joined("ash", encode(msgspec.structs.replace(said, turn=broken)))
    zero = msgspec.structs.replace(said, turn_proof=bytes(64))
    with pytest.raises(BadInput):
        birch.hear_joined("ash", encode(zero))
    birch.hear_joined("ash", ash.joined())
    other = Member(one, "ash", values([1]), [0] * 3, entropy(3))
    with pytest.raises(Conflict, match="two keys"):
        birch.hear_joined("ash", other.joined())


def test_sizes_that_lie_other_counts_and_turns_out_of_order_are_refused() -> None:
    one = roster()
    made = members(one)
    ash, birch = made["ash"], made["birch"]
    sent = decode(ash.sent(), Sent, one)
    with pytest.raises(BadInput, match="number of entries"):
        ash.hear_sent("birch", encode(msgspec.structs.replace(sent, entries=sent.entries[ENTRY_BYTES:])))
    with pytest.raises(Conflict, match="other keys"):
        ash.hear_sent("birch", encode(msgspec.structs.replace(sent, keys=bytes(32))))
    with pytest.raises(Conflict, match="have not sent"):
        ash.mixed()
    with pytest.raises(Conflict, match="another count"):
        ash.hear_sent("birch", members(roster(purpose="another"))["birch"].sent())
    with pytest.raises(BadInput, match="no member"):
        ash.hear_sent("elm", encode(sent))
    ash.hear_sent("birch", birch.sent())
    with pytest.raises(Conflict, match="two different sets"):
        ash.hear_sent("birch", birch.sent())
    pool = mixed(members(one, seed=2))
    with pytest.raises(Conflict, match="other keys"):
        birch.mixed(pool)
    with pytest.raises(BadInput, match="no message"):
        birch.mixed(b"\x80")
    with pytest.raises(BadInput, match="begins with"):
        birch.mixed()
    with pytest.raises(Conflict, match="another turn"):
        birch.opened()
    with pytest.raises(Conflict, match="no result"):
        birch.counted()


def test_points_that_are_none_are_refused_where_they_come_in() -> None:
    one = roster()
    made = members(one)
    for name, member in made.items():
        made["ash"].hear_sent(name, member.sent())
    pool = decode(made["ash"].mixed(), Pool, one)
    for place in (0, POINT_BYTES):
        for bad in (IDENTITY, b"\xff" * 32):
            entries = pool.entries[:place] + bad + pool.entries[place + POINT_BYTES :]
            with pytest.raises(BadInput, match="not the canonical encoding"):
                made["birch"].mixed(encode(msgspec.structs.replace(pool, entries=entries)))
            last = encode(msgspec.structs.replace(pool, entries=entries, turns=3))
            with pytest.raises(BadInput, match="not the canonical encoding"):
                members(one)["cedar"].hear_pool(last)


def test_an_opening_that_does_not_hold_and_another_pool_are_refused() -> None:
    one = roster()
    made = members(one)
    pool = mixed(made)
    for member in made.values():
        member.hear_pool(pool)
    ash = made["ash"]
    part = decode(made["birch"].opened(), Opened, one)
    wrong = ristretto.draw_point(entropy(9)) + part.points[POINT_BYTES:]
    with pytest.raises(BadInput, match="one key answered"):
        ash.hear_opened("birch", encode(msgspec.structs.replace(part, points=wrong)))
    with pytest.raises(BadInput, match="each entry"):
        ash.hear_opened("birch", encode(msgspec.structs.replace(part, points=part.points[POINT_BYTES:])))
    with pytest.raises(Conflict, match="another pool"):
        ash.hear_opened("birch", encode(msgspec.structs.replace(part, pool=bytes(32))))
    with pytest.raises(BadInput, match="one key answered"):
        ash.hear_opened("cedar", encode(part))
    assert ash.turn is Turn.OPEN
    assert ash.waiting == ("birch", "cedar")


def test_a_roster_says_what_does_not_fit() -> None:
    with pytest.raises(BadInput, match="each once"):
        roster(members=("ash", "ash", "birch"))
    with pytest.raises(BadInput, match="at most"):
        roster(capacity=40_000)
    with pytest.raises(BadInput, match="greater"):
        roster(cost=100)
    assert DistinctRoster.__struct_fields__[0] == "format"


def test_a_result_reads_as_it_was_written() -> None:
    found = Distinct(inputs=-1, margin=3, shared=(Shared(1, -2), Shared(2, 1)), margin_each=2)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Distinct) == found
