"""Payments are never forgotten, and one thing is said of a list in a week."""

import msgspec
import pytest

from tests.contracts.store.places import Place
from tests.contracts.store.samples import START
from tocsin.kernel import Conflict
from tocsin.kernel.counts import CountList, NoisyCount, Spend
from tocsin.store import Store

FIRST = Spend("2026-W46", "trends", 500, "0" * 16, START + 1)
SECOND = Spend("2026-W46", "trends", 500, "1" * 16, START)
SAID = NoisyCount("2026-W46", CountList.LANGUAGES, (3, -7, 1 << 40), 500, 2, START, FIRST.name, "note--1")


def test_payments_add_up_and_outlive_the_process(place: Place) -> None:
    store = place.open()
    for one in (FIRST, SECOND, FIRST):
        store.counts.pay(one)
    assert place.open().counts.spends() == (SECOND, FIRST)


def test_what_was_said_stands(store: Store) -> None:
    store.counts.keep(SAID)
    later = msgspec.structs.replace(SAID, week="2026-W47")
    store.counts.keep(later)
    with pytest.raises(Conflict, match="said again"):
        store.counts.keep(msgspec.structs.replace(SAID, values=(1, 2, 3)))
    assert store.counts.said("2026-W46", CountList.LANGUAGES) == SAID
    assert store.counts.said("2026-W46", CountList.TRENDS) is None
    assert store.counts.every() == (later, SAID)
    assert store.counts.every("2026-W46") == (SAID,)


def test_what_fails_beside_a_payment_takes_it_back(store: Store) -> None:
    store.counts.keep(SAID)
    with pytest.raises(Conflict), store.together():
        _pay_and_say(store)
    assert store.counts.spends() == ()


def _pay_and_say(store: Store) -> None:
    store.counts.pay(FIRST)
    store.counts.keep(SAID)
