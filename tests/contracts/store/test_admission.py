"""Grants, looks and answers: each change is noticed by who holds answers, and what is counted stays bounded."""

from collections.abc import Callable
from unittest.mock import patch

import msgspec
import pytest

from tests.contracts.store.places import Place
from tests.contracts.store.samples import DAY, START
from tocsin.kernel import Conflict
from tocsin.kernel.admission import (
    AnswerTally,
    Capability,
    ControlLook,
    DecisionCount,
    Grant,
    VerificationLevel,
)
from tocsin.store import Store
from tocsin.store import admission as facet

MODEL = "ab" * 32
GRANT = Grant(
    "grant_1", "ps_1", MODEL, "chat", "teaching", START, START + DAY, "user_1", "a course of chemistry"
)
LOOK = ControlLook("look_1", "11" * 32, "ps_1", "22" * 32, 10, START)
COUNT = DecisionCount(
    "2026-11-01", "33" * 32, MODEL, "chat", "use", False, ("a", "b"), ("log",), START, START, 1
)


def test_a_grant_and_its_revocation_outlive_the_process(place: Place) -> None:
    store = place.open()
    store.admission.put_grant(GRANT, was=None)
    revoked = msgspec.structs.replace(GRANT, revoked=START + 1)
    store.admission.put_grant(revoked, was=GRANT)
    with pytest.raises(Conflict):
        store.admission.put_grant(revoked, was=GRANT)
    with pytest.raises(Conflict):
        store.admission.put_grant(GRANT, was=None)
    again = place.open().admission
    assert again.grant("grant_1") == revoked
    assert again.grants(subject="ps_1", artefact=MODEL) == (revoked,) == again.grants()
    assert again.grants(subject="ps_2") == ()


def test_every_change_raises_the_revision_and_reading_does_not(store: Store) -> None:
    kept = store.admission
    capability = Capability(MODEL, "chat", VerificationLevel.EMAIL, labelled=True)
    seen = [kept.marks().revision]
    changes: tuple[Callable[[], None], ...] = (
        lambda: kept.put_grant(GRANT, was=None),
        lambda: kept.put_capability(capability),
        lambda: kept.put_look(LOOK, was=None),
        kept.touch,
    )
    for change in changes:
        change()
        seen.append(kept.marks().revision)
    assert seen == sorted(set(seen))
    assert kept.capability(MODEL, "chat") == capability
    assert kept.capabilities() == (capability,) == kept.capabilities(MODEL)
    assert kept.look("look_1") == LOOK
    kept.count([COUNT])
    assert kept.marks().revision == seen[-1]


def test_answers_add_up_by_day_and_go(store: Store) -> None:
    later = msgspec.structs.replace(COUNT, last=START + 5, count=7)
    store.admission.count([COUNT])
    store.admission.count([later])
    (row,) = store.admission.counted(digest=COUNT.digest)
    assert row == msgspec.structs.replace(COUNT, last=START + 5, count=8)
    assert store.admission.expire(before=START + 6) == 1
    assert store.admission.counted() == ()


def test_what_was_counted_before_and_what_is_new_come_in_one_go(store: Store) -> None:
    new = msgspec.structs.replace(COUNT, digest="ab" * 32)
    store.admission.count([COUNT])
    store.admission.count([COUNT, new, msgspec.structs.replace(COUNT, last=COUNT.last + 1), new])
    assert {one.digest: (one.count, one.last) for one in store.admission.counted()} == {
        COUNT.digest: (3, COUNT.last + 1),
        new.digest: (2, new.last),
    }


def test_beyond_the_bound_answers_are_counted_without_who_got_them(store: Store) -> None:
    rows = [msgspec.structs.replace(COUNT, digest=f"{number:064x}") for number in range(6)]
    with patch.object(facet, "MAX_DECISIONS_A_DAY", 2):
        store.admission.count(rows)
    counted = store.admission.counted()
    assert len(counted) == 3
    assert sum(one.count for one in counted) == 6
    assert [one.count for one in counted if one.digest.startswith("many:")] == [4]


def test_looks_are_listed_newest_first_from_a_moment_on(store: Store) -> None:
    kept = [msgspec.structs.replace(LOOK, id=f"look_{place}", asked=START + place) for place in range(3)]
    for look in kept:
        store.admission.put_look(look, was=None)
    assert store.admission.looks(since=START + 1) == (kept[2], kept[1])
    assert store.admission.looks(since=START, limit=1) == (kept[2],)


def test_answers_are_added_up_over_whoever_got_them(store: Store) -> None:
    other = msgspec.structs.replace(COUNT, digest="44" * 32, capability="draw", last=START + 3, count=5)
    granted = msgspec.structs.replace(COUNT, digest="55" * 32, granted=True, rules=("c",), count=2)
    store.admission.count([COUNT, other, granted])
    assert store.admission.tallied(since=START) == (
        AnswerTally(MODEL, "use", False, ("a", "b"), ("log",), 6, START + 3),
        AnswerTally(MODEL, "use", True, ("c",), ("log",), 2, START),
    )
    assert [one.count for one in store.admission.tallied(since=START + 1)] == [5]
