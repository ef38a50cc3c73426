"""Private sums: consent stands until it is taken back, mail leaves once, and no spend goes beyond its bound."""

import msgspec
import pytest

from tests.contracts.store.places import Place
from tests.contracts.store.samples import START
from tocsin.kernel import Conflict, NotAllowed
from tocsin.store import Store
from tocsin.store.sum_interface import SumAgreement, SumAnswer, SumHeard

AGREED = SumAgreement(
    participants=("identity--a", "identity--b", "identity--c"),
    aggregators=("identity--d", "identity--e"),
    holders=2,
    looks=7,
    noise=0,
    ring_at=6000,
    until=START + 1_000,
    by="user_1",
    at=START,
)
EPOCH = 2_900


def test_one_agreement_stands(place: Place) -> None:
    store = place.open()
    assert store.sums.agreed() is None
    store.sums.agree(AGREED)
    wider = msgspec.structs.replace(AGREED, holders=3, at=START + 1)
    store.sums.agree(wider)
    assert place.open().sums.agreed() == wider
    assert [one.withdrawn for one in store.sums.agreements()] == [0, START + 1]
    assert store.sums.withdraw(START + 2)
    assert not store.sums.withdraw(START + 3)
    assert store.sums.agreed() is None


def test_mail_waits_until_it_is_taken(store: Store) -> None:
    for number in range(3):
        store.sums.post(EPOCH, "identity--b", "hello", b"x" * (number + 1), START)
    first, second, third = store.sums.due(START)
    store.sums.later(first.seq, START + 10)
    store.sums.sent(second.seq, START + 1)
    assert store.sums.due(START) == (third,)
    store.sums.hurry("identity--c", START)
    assert store.sums.due(START) == (third,)
    store.sums.hurry("identity--b", START + 9)
    assert len(store.sums.due(START + 9)) == 2
    store.sums.later(first.seq, START + 10)
    assert [one.seq for one in store.sums.due(START + 10)] == [first.seq, third.seq]
    (left,) = [one for one in store.sums.mail() if one.sent]
    assert (left.body, left.size) == (b"", 2)
    store.sums.keep(EPOCH, b"state")
    store.sums.close_epoch(EPOCH)
    assert [one.seq for one in store.sums.mail()] == [second.seq]
    assert store.sums.state(EPOCH) is None
    assert store.sums.epochs() == ()


def test_the_first_word_of_a_look_counts(place: Place) -> None:
    store = place.open()
    one = SumHeard(EPOCH, "ab" * 32, 0, "boxed", "identity--a", START, b"first")
    assert store.sums.hear(one)
    assert not store.sums.hear(msgspec.structs.replace(one, body=b"second"))
    assert store.sums.hear(msgspec.structs.replace(one, look=1, at=START + 1))
    assert [heard.body for heard in place.open().sums.heard(EPOCH)] == [b"first", b"first"]


def test_nobody_has_more_evaluated_than_the_bound(place: Place) -> None:
    store = place.open()
    store.sums.spend("identity--a", EPOCH, b"s", 0, 60, 100)
    with pytest.raises(Conflict):
        store.sums.spend("identity--a", EPOCH, b"s", 0, 10, 100)
    with pytest.raises(NotAllowed):
        store.sums.spend("identity--a", EPOCH, b"s", 1, 60, 100)
    store.sums.spend("identity--a", EPOCH, b"s", 1, 40, 100)
    store.sums.spend("identity--b", EPOCH, b"s", 0, 100, 100)
    assert place.open().sums.spent(EPOCH) == {"identity--a": 100, "identity--b": 100}


def test_what_came_of_a_look_is_kept(store: Store) -> None:
    asked = SumAnswer(EPOCH, 0, START, keys=4, candidates=1)
    store.sums.answer(asked)
    told = msgspec.structs.replace(asked, at=START + 1, warnings=("w",))
    store.sums.answer(told)
    store.sums.answer(msgspec.structs.replace(asked, look=1))
    assert [one.look for one in store.sums.answers()] == [1, 0]
    assert store.sums.answers()[1] == told
