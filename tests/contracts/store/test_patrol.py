"""Submissions with every look, pages, draws that are answered once, and what is forgotten."""

import msgspec
import pytest

from tests.contracts.store.places import Place
from tocsin.kernel import Conflict
from tocsin.kernel.patrol import (
    Declaration,
    PatrolCheck,
    PatrolDraw,
    PatrolFinding,
    PatrolRule,
    PatrolVerdict,
    SubmissionKind,
)
from tocsin.store import Store

LOOK = PatrolCheck(
    submission="sub_1",
    number=1,
    at=10,
    by="rolf",
    declaration=Declaration(1, SubmissionKind.APP, "Lottery helper", "app-17"),
    verdict=PatrolVerdict.FOUND,
    findings=(PatrolFinding(PatrolRule.CONTRADICTION, "x", True, {"what": "y", "count": 2}),),
    files={"a.txt": "a" * 64},
    case="case_1",
)


def test_a_submission_has_every_look_and_shows_the_newest(place: Place) -> None:
    patrol = place.open().patrol
    second = msgspec.structs.replace(LOOK, number=2, at=20, verdict=PatrolVerdict.NOTHING_FOUND)
    patrol.keep(LOOK)
    patrol.keep(second)
    found = place.open().patrol.get("sub_1")
    assert found is not None
    assert (found.at, found.latest) == (10, second)
    assert patrol.checks("sub_1") == (LOOK, second)
    assert patrol.get("sub_2") is None
    with pytest.raises(Conflict):
        patrol.keep(second)


def test_pages_go_from_the_newest(store: Store) -> None:
    for at, name in ((5, "b"), (7, "a"), (5, "a")):
        store.patrol.keep(msgspec.structs.replace(LOOK, submission=f"sub_{name}{at}", at=at))
    first = store.patrol.page(limit=2)
    rest = store.patrol.page(after=(first[-1].at, first[-1].id), limit=2)
    assert [one.id for one in (*first, *rest)] == ["sub_a7", "sub_b5", "sub_a5"]
    assert store.patrol.count() == 3
    assert store.patrol.ids(before=7) == ("sub_a5", "sub_b5")


def test_a_draw_is_kept_once_a_week_and_answered_by_a_look(store: Store) -> None:
    draws = [PatrolDraw("sub_1", "2026-W47", 10), PatrolDraw("sub_1", "2026-W48", 20)]
    assert [store.patrol.draw(draws), store.patrol.draw(draws)] == [2, 0]
    assert store.patrol.waiting() == tuple(draws)
    assert store.patrol.waiting(limit=1) == (draws[0],)
    assert [store.patrol.checked("sub_1", 30), store.patrol.checked("sub_1", 31)] == [2, 0]
    assert store.patrol.waiting() == ()


def test_what_nobody_looked_at_since_is_forgotten_with_its_looks_and_draws(store: Store) -> None:
    store.patrol.keep(LOOK)
    store.patrol.keep(msgspec.structs.replace(LOOK, submission="sub_2", at=100))
    store.patrol.draw([PatrolDraw("sub_1", "2026-W47", 10)])
    assert store.patrol.expire(before=50) == 1
    assert (store.patrol.get("sub_1"), store.patrol.checks("sub_1"), store.patrol.waiting()) == (None, (), ())
    assert store.patrol.count() == 1
