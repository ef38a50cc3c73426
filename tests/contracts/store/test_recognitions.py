"""Recognitions and draws: counted, moved on once, never deleted."""

import threading

import msgspec
import pytest

from tests.contracts.store.places import Place
from tocsin.kernel import Conflict, NotFound
from tocsin.kernel.evaluations import Outcome
from tocsin.kernel.recognition import (
    Draw,
    DrawState,
    Recognition,
    RecognitionOutcome,
    SampleDisagreement,
)
from tocsin.store import Store

replace = msgspec.structs.replace
DRAW = Draw(
    id="d1",
    challenger="tn_a",
    node="tn_b",
    evaluation="e1",
    sheet="t|as-shipped",
    number=1,
    at=5,
    state=DrawState.CHALLENGED,
    messages=(b"one",),
    nonce=b"n",
)
FOUND = Recognition(
    evaluation="e1",
    theirs="tn_b",
    by="tn_a",
    at=7,
    outcome=RecognitionOutcome.CONTRADICTED,
    reasons=(("recognition.apart", {"difference": -0.25, "margin": 0.05}),),
    disagreements=(SampleDisagreement("t", "s1", Outcome.PASSED, Outcome.FAILED, False),),
    statement=b"signed",
)


def test_recognitions_are_kept_once_and_come_newest_first(place: Place) -> None:
    store = place.open()
    other = replace(FOUND, evaluation="e2", statement=b"other")
    for one in (FOUND, other, FOUND):
        store.recognitions.add(one)
    again = place.open().recognitions
    listed = again.listed()
    assert [one for _, one in listed] == [other, FOUND]
    assert [one for _, one in again.listed(evaluation="e1")] == [FOUND]
    assert [one for _, one in again.listed(before=listed[0][0], limit=1)] == [FOUND]


def test_draws_are_counted_by_challenger_and_sheet(store: Store) -> None:
    draws = store.recognitions
    draws.begin(DRAW)
    for wrong in (DRAW, replace(DRAW, id="d2"), replace(DRAW, id="d2", number=3)):
        with pytest.raises(Conflict, match="draws"):
            draws.begin(wrong)
    draws.begin(replace(DRAW, id="d2", number=2))
    draws.begin(replace(DRAW, id="d3", challenger="tn_c"))
    draws.begin(replace(DRAW, id="d4", sheet="u|as-shipped"))
    assert [one.id for one in draws.draws()] == ["d1", "d2", "d3", "d4"]
    assert [one.id for one in draws.draws(challenger="tn_a", evaluation="e1", sheet=DRAW.sheet)] == [
        "d1",
        "d2",
    ]


def test_a_draw_moves_on_from_the_state_it_was_seen_in(place: Place) -> None:
    draws = place.open().recognitions
    draws.begin(DRAW)
    drawn = replace(DRAW, state=DrawState.DRAWN, messages=(b"one", b"two"))
    draws.advance(drawn, before=DrawState.CHALLENGED)
    with pytest.raises(Conflict, match="drawn by now"):
        draws.advance(drawn, before=DrawState.CHALLENGED)
    with pytest.raises(NotFound):
        draws.advance(replace(drawn, id="d9"), before=DrawState.CHALLENGED)
    assert place.open().recognitions.draw("d1") == drawn
    assert draws.draw("d9") is None


def test_of_two_that_begin_the_same_number_one_does(place: Place) -> None:
    stores = [place.open() for _ in range(3)]
    barrier = threading.Barrier(len(stores))
    begun: list[str] = []

    def begin(store: Store, name: str) -> None:
        barrier.wait()
        try:
            store.recognitions.begin(replace(DRAW, id=name))
        except Conflict:
            return
        begun.append(name)

    threads = [threading.Thread(target=begin, args=(one, f"d{n}")) for n, one in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(begun) == 1
    assert [one.id for one in stores[0].recognitions.draws()] == begun
