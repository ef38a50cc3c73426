"""Exhibits, steps and holds: added, marked, never deleted, one step at a time."""

import threading

import msgspec
import pytest

from tests.contracts.store.places import Place
from tocsin.kernel import Conflict, NotFound
from tocsin.kernel.custody import CustodyAct, CustodyStep
from tocsin.store import Store
from tocsin.store.exhibit_interface import ExhibitRow, HoldRow

replace = msgspec.structs.replace
ROW = ExhibitRow("ex_a", "c1", 10, False, b"sealed")
HOLD = HoldRow("h1", "c1", None, 20, "u1", b"why")
STEP = CustodyStep(
    exhibit="ex_a", number=0, at=1, by="u1", act=CustodyAct.OPENED, how="h", result="r", chain=b"c", key=b"k"
)


def following(last: CustodyStep | None) -> CustodyStep:
    return replace(STEP, number=1 if last is None else last.number + 1)


def test_exhibits_are_listed_by_case_and_age(place: Place) -> None:
    exhibits = place.open().exhibits
    other = replace(ROW, id="ex_b", received=5, quarantined=True)
    for row in (ROW, other, replace(ROW, id="ex_c", case="c2", received=30)):
        exhibits.add(row)
    with pytest.raises(Conflict):
        exhibits.add(ROW)
    again = place.open().exhibits
    assert again.of("c1") == (other, ROW)
    assert again.get("ex_a") == ROW
    assert again.get("ex_z") is None
    assert [row.id for row in again.old(before=11)] == ["ex_b", "ex_a"]
    assert [row.id for row in again.old(before=99, limit=1)] == ["ex_b"]
    assert [row.id for row in again.old(before=99, after=(5, "ex_b"))] == ["ex_a", "ex_c"]
    assert again.quarantine("ex_a")
    assert not again.quarantine("ex_a")
    assert again.present() == {"ex_a", "ex_b", "ex_c"}


def test_steps_follow_each_other_whoever_comes_at_once(store: Store) -> None:
    store.exhibits.add(ROW)
    with pytest.raises(NotFound):
        store.exhibits.extend("ex_z", following)
    threads = [threading.Thread(target=store.exhibits.extend, args=("ex_a", following)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [step.number for step in store.exhibits.steps("ex_a")] == [1, 2, 3, 4, 5, 6]
    assert store.exhibits.steps("ex_a")[0] == replace(STEP, number=1)


def test_what_is_handed_on_is_gone_though_a_hold_stood_over_it(store: Store) -> None:
    exhibits = store.exhibits
    exhibits.add(ROW)
    exhibits.hold(HOLD)
    assert not exhibits.destroy("ex_a", at=40)
    assert exhibits.hand_on("ex_a", at=40)
    assert not exhibits.hand_on("ex_a", at=41)
    assert not exhibits.hand_on("ex_z", at=41)
    assert exhibits.get("ex_a") == replace(ROW, facts=b"", destroyed=40)
    assert exhibits.present() == frozenset()


def test_what_is_destroyed_leaves_its_row_and_its_steps(store: Store) -> None:
    exhibits = store.exhibits
    exhibits.add(ROW)
    exhibits.extend("ex_a", following)
    assert exhibits.destroy("ex_a", at=50)
    assert not exhibits.destroy("ex_a", at=51)
    assert not exhibits.destroy("ex_z", at=51)
    assert exhibits.get("ex_a") == replace(ROW, facts=b"", destroyed=50)
    assert exhibits.present() == frozenset()
    assert exhibits.old(before=99) == ()
    assert len(exhibits.steps("ex_a")) == 1


@pytest.mark.parametrize(
    ("hold", "kept"),
    [
        (HOLD, True),
        (replace(HOLD, exhibit="ex_a"), True),
        (replace(HOLD, until=51), True),
        (replace(HOLD, until=50), False),
        (replace(HOLD, exhibit="ex_b"), False),
        (replace(HOLD, case="c2"), False),
        (replace(HOLD, released=30), False),
    ],
)
def test_a_hold_that_stands_keeps_it(store: Store, hold: HoldRow, kept: bool) -> None:
    store.exhibits.add(ROW)
    store.exhibits.hold(hold)
    assert store.exhibits.destroy("ex_a", at=50) is not kept


def test_holds_end_once(store: Store) -> None:
    store.exhibits.hold(HOLD)
    store.exhibits.hold(replace(HOLD, id="h2", exhibit="ex_a", at=5, until=9))
    assert store.exhibits.release("h1", at=40)
    assert not store.exhibits.release("h1", at=41)
    assert store.exhibits.get_hold("h1") == replace(HOLD, released=40)
    assert store.exhibits.get_hold("h9") is None
    assert [hold.id for hold in store.exhibits.holds("c1")] == ["h2", "h1"]
    assert store.exhibits.holds("c2") == ()
