"""A whole epoch: what rings, and for whom."""

import secrets

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.summing import adding, concluded, counts, epoch, held, look, names, text
from tocsin.kernel.sums import Component, CountVector, Held, total
from tocsin.trust.summing import submit, value_of

A, B, C = names(3)


def test_what_none_finds_alone_rings_for_all_who_raised_it() -> None:
    """Text 1 has three accounts at each of two nodes, text 2 four at one and none elsewhere, text 3 too few in all."""
    heard = look(epoch(), {A: held({1: 3, 3: 2}), B: held({1: 3, 2: 9}), C: held({3: 2})})
    assert heard[A].ringing == heard[B].ringing == {text(1)}
    assert heard[C].ringing == set()
    assert not any(one.differing for one in heard.values())


def test_participants_that_add_themselves() -> None:
    heard = look(epoch(outside=False), {A: held({1: 3}), B: {}, C: held({1: 3})})
    assert heard[A].ringing == heard[C].ringing == {text(1)}
    assert not heard[B].ringing


def test_three_holders_where_the_roster_wants_them() -> None:
    made = epoch(holders=3)
    heard = look(made, {A: held({1: 3, 2: 2}), B: held({1: 3, 2: 2}), C: held({2: 2})})
    assert heard[A].ringing == {text(2)}


def test_identifiers_add_up_where_they_are_the_same() -> None:
    """One card at both nodes, two cards under another text: only the first comes to four."""
    card, other = value_of("payment", b"card 1"), value_of("payment", b"card 2")

    def having(identifier: bytes) -> Held:
        return Held(counts(3, PAYMENT=2), (identifier, b"", b"", b"", b""))

    seen: list[tuple[int, int]] = []

    def note(total: CountVector, holders: int) -> bool:
        seen.append((total.counts[Component.PAYMENT], holders))
        return False

    look(
        epoch(),
        {
            A: {text(1): having(card), text(2): having(card)},
            B: {text(1): having(card), text(2): having(other)},
        },
        rings=note,
    )
    assert sorted(seen) == [(0, 2), (0, 2), (4, 2), (4, 2)]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(1, 90)), max_size=12))
@settings(max_examples=25, deadline=None)
def test_the_sum_is_the_sum(raised_: list[tuple[int, int, int]]) -> None:
    """Whoever raises whatever: of each key with two holders the clipped counts are added, and of no other."""
    made = epoch()
    what: dict[str, dict[bytes, Held]] = {name: {} for name in made.roster.names}
    for number, node, actors in raised_:
        what[made.roster.names[node]][text(number)] = Held(counts(actors, NEW=actors // 2))
    outputs = {text(number): bytes([number]) * 64 for number in range(4)}
    seen: list[tuple[CountVector, int]] = []

    def note(sum_: CountVector, holders: int) -> bool:
        seen.append((sum_, holders))
        return False

    pair = adding(made, rings=note)
    for name, keys in what.items():
        sent = submit(made.roster, name, 0, keys, outputs, secrets.token_bytes)
        for aggregator, raw in zip(pair, sent.boxes, strict=True):
            aggregator.take(name, raw)
    concluded(*pair)
    holding = ([keys[text(at)] for keys in what.values() if text(at) in keys] for at in range(4))
    wanted = [(total(one.counts.clipped() for one in each), len(each)) for each in holding if len(each) > 1]
    assert sorted(seen * 1, key=repr) == sorted(wanted * 2, key=repr)
    assert pair[0].void == 0
