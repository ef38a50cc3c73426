"""Registered plans and evaluations are added and found; none replaces another."""

import threading

import msgspec
import pytest

from tests.contracts.store.places import Place
from tests.evaluation_plans import MINUTE, PLAN, SHIPPED, START, nth, registered, runs
from tocsin.evaluate.plans.judging import judge
from tocsin.kernel import Conflict, TooLarge
from tocsin.kernel.evaluations import KeptEvaluation
from tocsin.kernel.plans import RegisteredPlan
from tocsin.store import Store, evaluations

OPENED = registered()
OTHER = registered(msgspec.structs.replace(PLAN, version="2"), at=START + MINUTE)


def kept(opened: RegisteredPlan, attempt: int, earlier: int = 0) -> KeptEvaluation:
    made = runs(opened, nth(attempt))
    return KeptEvaluation(judge(opened, made, at=START + 5 * MINUTE, attempt=attempt, earlier=earlier), made)


def test_a_registration_is_read_as_it_was_made(place: Place) -> None:
    store = place.open()
    store.evaluation_plans.keep(OPENED)
    store.evaluation_plans.keep(OTHER)
    assert place.open().evaluation_plans.get(OPENED.registration.id) == OPENED
    assert store.evaluation_plans.get("no") is None
    assert [line.version for line in store.evaluation_plans.listed()] == ["2", "1"]
    assert [line.version for line in store.evaluation_plans.listed(plan=OPENED.registration.plan)] == ["1"]
    assert [line.version for line in store.evaluation_plans.listed(before=OTHER.registration.id)] == ["1"]
    assert store.evaluation_plans.matching(OPENED.registration.id[:8]) == (OPENED.registration.id,)
    assert store.evaluation_plans.matching("%") == ()
    with pytest.raises(Conflict, match="another salt"):
        store.evaluation_plans.keep(OPENED)


def test_attempts_stand_side_by_side(store: Store) -> None:
    store.evaluation_plans.keep(OPENED)
    first, second = kept(OPENED, 1), kept(OPENED, 2)
    identity = OPENED.registration.id
    for number, one in enumerate((first, second)):
        with store.together():
            assert store.evaluations.attempts(identity) == number
            store.evaluations.keep(one, runs=str(number))
    assert store.evaluations.listed() == (second.evaluation, first.evaluation)
    assert store.evaluations.listed(registration=identity, before=second.evaluation.id) == (first.evaluation,)
    assert store.evaluations.listed(model_digest=SHIPPED, limit=1) == (second.evaluation,)
    assert store.evaluations.listed(plan=OTHER.registration.plan) == ()
    assert store.evaluations.runs(first.evaluation.id) == first.runs
    assert store.evaluations.runs("no") == ()
    assert store.evaluations.get(first.evaluation.id) == first.evaluation
    assert store.evaluations.of_runs(identity, "0") == first.evaluation
    assert store.evaluations.of_runs(identity, "2") is None
    assert store.evaluations.count(name=PLAN.name, model_digest=SHIPPED) == 2
    assert store.evaluations.count(name=PLAN.name, model_digest="other") == 0
    assert store.evaluations.matching(first.evaluation.id[:10]) == (first.evaluation.id,)
    assert [line.evaluations for line in store.evaluation_plans.listed()] == [2]


def test_two_who_keep_at_once_are_two_attempts(place: Place) -> None:
    barrier = threading.Barrier(2)

    def keep(store: Store, number: int) -> None:
        barrier.wait()
        with store.together():
            attempt = store.evaluations.attempts(OPENED.registration.id) + 1
            store.evaluations.keep(kept(OPENED, attempt), runs=str(number))

    threads = [threading.Thread(target=keep, args=(place.open(), number)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.attempt for one in place.open().evaluations.listed()] == [2, 1]


def test_one_attempt_is_kept_once(store: Store) -> None:
    first = kept(OPENED, 1)
    store.evaluations.keep(first, runs="a")
    with pytest.raises(Conflict, match="attempt 1"):
        store.evaluations.keep(kept(OPENED, 1, earlier=3), runs="b")
    with pytest.raises(Conflict, match="these runs"):
        store.evaluations.keep(kept(OPENED, 2), runs="a")
    assert store.evaluations.listed() == (first.evaluation,)


def test_more_samples_than_are_kept_whole_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluations, "MAX_RUN_BYTES", 1_000)
    with pytest.raises(TooLarge, match="two plans"):
        store.evaluations.keep(kept(OPENED, 1), runs="a")
    with pytest.raises(TooLarge, match="two plans"):
        store.evaluation_plans.keep(OPENED)
    assert (store.evaluations.listed(), store.evaluation_plans.listed()) == ((), ())
