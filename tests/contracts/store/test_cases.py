"""Cases: an act and what it changes are one, and a queue that is not asked for is not there."""

import msgspec
import pytest

from tests.contracts.store.samples import DAY, HOUR, START
from tocsin.kernel import Conflict
from tocsin.kernel.cases import Case, CaseAct, CaseOrigin, CaseState, Claim, Urgency
from tocsin.store import Store
from tocsin.store.case_interface import CaseFilter, KeptAct, NewCaseRow

BOTH = ("general", "urgent")


def case(number: int = 1, **changed: object) -> Case:
    plain = Case(
        id=f"case_{number:032x}",
        queue="general",
        state=CaseState.RECEIVED,
        origin=CaseOrigin.REPORT,
        received=START + number,
        updated=START + number,
        report=f"R{number}",
        warning=f"w{number % 2}",
        due=START + DAY,
        tell=START + DAY + number,
    )
    return msgspec.structs.replace(plain, **changed)


def act(of: Case) -> KeptAct:
    made = CaseAct(
        case=of.id, number=of.version, at=of.updated, by="user_1", act="claim", was=None, now=of.state
    )
    return KeptAct(msgspec.structs.replace(made, chain=b"c"), b"sealed" if of.version > 1 else None)


def kept(store: Store, *wanted: Case) -> None:
    assert store.cases.add(NewCaseRow(one, act(one), {"words": b"w"}) for one in wanted) == len(wanted)


def later(of: Case, **changed: object) -> Case:
    return msgspec.structs.replace(of, version=of.version + 1, **changed)


def test_a_case_is_kept_with_its_act_and_its_words(store: Store) -> None:
    kept(store, case())
    assert store.cases.get(case().id, BOTH) == case()
    assert store.cases.texts(case().id, BOTH) == {"words": b"w"}
    assert store.cases.acts(case().id, BOTH) == (act(case()),)
    with pytest.raises(Conflict):
        store.cases.add([NewCaseRow(case(2), act(case(2))), NewCaseRow(case(), act(case()))])
    assert store.cases.get(case(2).id, BOTH) is None


def test_what_lies_in_a_queue_that_is_not_named_is_not_there(store: Store) -> None:
    kept(store, case(1, queue="child-safety"), case(2), case(3, queue="child-safety", state=CaseState.CLOSED))
    for queues in (BOTH, (), ("child-safety' OR 1=1",)):
        assert store.cases.get(case().id, queues) is None
        assert store.cases.texts(case().id, queues) == {}
        assert store.cases.acts(case().id, queues) == ()
        assert not [one for one in store.cases.page(queues, CaseFilter()) if one.queue == "child-safety"]
        assert not [queue for queue, _ in store.cases.counts(queues) if queue == "child-safety"]
        assert store.cases.of_report("R1", queues) == store.cases.of_warning("w1", queues) == ()
    assert store.cases.queues() == {"child-safety", "general"}
    assert store.cases.of_warning("w1", ("child-safety",)) == (
        case(1, queue="child-safety"),
        case(3, queue="child-safety", state=CaseState.CLOSED),
    )


def test_the_second_of_two_acts_on_one_version_is_told_so(store: Store) -> None:
    kept(store, case())
    first = later(case(), claim=Claim("user_1", START, START + HOUR))
    store.cases.act(first, act(first), {"note/2": b"n", "words": b"anew"})
    with pytest.raises(Conflict):
        store.cases.act(later(case()), act(later(case())))
    assert store.cases.get(case().id, BOTH) == first
    assert store.cases.texts(case().id, BOTH) == {"note/2": b"n", "words": b"anew"}
    assert store.cases.acts(case().id, BOTH) == (act(case()), act(first))


def test_an_act_that_fails_leaves_nothing(store: Store) -> None:
    kept(store, case())

    def fails() -> None:
        with store.together():
            store.cases.act(later(case()), act(later(case())), {"note/2": b"n"})
            store.cases.act(later(case()), act(later(case())))

    with pytest.raises(Conflict):
        fails()
    assert store.cases.get(case().id, BOTH) == case()
    assert store.cases.acts(case().id, BOTH) == (act(case()),)
    assert store.cases.texts(case().id, BOTH) == {"words": b"w"}


def test_a_page_goes_by_urgency_then_arrival_over_all_queues_asked_for(store: Store) -> None:
    high = case(4, urgency=Urgency.HIGH, queue="urgent")
    closed = case(5, state=CaseState.CLOSED)
    appealed = case(6, state=CaseState.APPEALED, urgency=Urgency.IMMINENT)
    mine = case(2, claim=Claim("user_1", START, START + HOUR))
    kept(store, case(3), high, closed, appealed, mine, case(1, queue="urgent"))
    page = store.cases.page
    assert page(BOTH, CaseFilter()) == (high, case(1, queue="urgent"), mine, case(3))
    assert page(BOTH, CaseFilter(limit=2)) == (high, case(1, queue="urgent"))
    place = (2, START + 1, case(1).id)
    assert page(BOTH, CaseFilter(after=place)) == (mine, case(3))
    assert page(BOTH, CaseFilter(appeals=True)) == (appealed,)
    assert page(BOTH, CaseFilter(state=CaseState.CLOSED)) == (closed,)
    assert page(BOTH, CaseFilter(urgency=Urgency.HIGH)) == (high,)
    assert page(BOTH, CaseFilter(holder="user_1", now=START)) == (mine,)
    assert page(BOTH, CaseFilter(holder="user_1", now=START + HOUR)) == ()
    assert page(("urgent",), CaseFilter()) == (high, case(1, queue="urgent"))
    assert store.cases.counts(BOTH) == {
        ("general", CaseState.RECEIVED): 2,
        ("general", CaseState.CLOSED): 1,
        ("general", CaseState.APPEALED): 1,
        ("urgent", CaseState.RECEIVED): 2,
    }


def test_the_numbers_follow_each_act_and_nothing_that_failed(store: Store) -> None:
    kept(store, *(case(number) for number in range(1, 40)))
    moved = later(case(1), queue="urgent", state=CaseState.TRIAGED)
    store.cases.act(moved, act(moved))
    closed = later(moved, state=CaseState.CLOSED)
    store.cases.act(closed, act(closed))
    for wrong in (later(later(case(2))), later(case(77))):
        with pytest.raises(Conflict):
            store.cases.act(wrong, act(wrong))
    with pytest.raises(Conflict):
        store.cases.add([NewCaseRow(case(100), act(case(100))), NewCaseRow(case(3), act(case(3)))])
    assert store.cases.counts(BOTH) == {
        ("general", CaseState.RECEIVED): 38,
        ("urgent", CaseState.CLOSED): 1,
    }
    assert store.cases.queues() == set(BOTH)
    back = later(closed, queue="general")
    store.cases.act(back, act(back))
    assert store.cases.queues() == {"general"}


def test_what_is_late_is_found_whatever_its_queue(store: Store) -> None:
    kept(store, case(2), case(1, queue="child-safety"), case(3, tell=0))
    assert store.cases.late(START + DAY, queues=("general", "child-safety"), limit=9) == ()
    assert store.cases.late(START + DAY + 2, queues=("general", "child-safety"), limit=9) == (
        case(1, queue="child-safety"),
        case(2),
    )
    assert store.cases.late(START + DAY + 2, queues=("general", "child-safety"), limit=1) == (
        case(1, queue="child-safety"),
    )
    assert store.cases.late(START + DAY + 2, queues={"general"}, limit=1) == (case(2),)
    assert store.cases.late(START + DAY + 2, queues=(), limit=1) == ()


def test_texts_go_over_to_another_case(store: Store) -> None:
    kept(store, case(1), case(2))
    store.cases.move_texts(case(1).id, ["words"], case(2).id, {"note/1": b"m"})
    assert store.cases.texts(case(1).id, BOTH) == {}
    assert store.cases.texts(case(2).id, BOTH) == {"note/1": b"m", "words": b"w"}
