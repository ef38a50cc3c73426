"""Clusters in towns with known hands: people are never called a group, an operator who reuses is found."""

import pytest

from benchmarks.actors import NOW, Seen, called, looks, precision, programs, recall
from tocsin.correlate.actors import Form
from tocsin.sandbox.operators import PEOPLE, township

SEEDS = (77_001, 77_002)
"""None of those that the terms were mended on (below 100), nor of those that docs/actors.md reports."""


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    return [one for seed in SEEDS for one in looks(seed)]


def test_a_town_is_the_same_for_the_same_seed_and_has_its_hands() -> None:
    town = township(5, now=NOW)
    assert town == township(5, now=NOW)
    assert town != township(6, now=NOW)
    assert len(town.hands) > PEOPLE
    assert {event.actor for event in town.events} <= town.hands.keys()
    assert [warned.kind for warned in town.warnings] == ["operator"] * 4 + ["viral", "protest", "office"]
    assert all(event.time < NOW for event in town.events)


@pytest.mark.parametrize("kind", ["viral", "protest", "office"])
def test_no_crowd_is_called_a_group(seen: list[Seen], kind: str) -> None:
    for one in seen:
        if one.kind == kind:
            right, every = called(one, operated=False, harmless=True)[1:]
            assert right == every


def test_a_protest_is_people(seen: list[Seen]) -> None:
    """A hundred of them, more than half new, with one invitation, campus, link, handle, café and fund."""
    for one in seen:
        if one.kind == "protest":
            assert one.picture.people is not None
            assert one.picture.people.form is Form.PEOPLE
            assert one.picture.people.harmless_likelier
            assert one.picture.alone >= 0.9 * one.picture.found


def test_reuse_is_what_is_found(seen: list[Seen]) -> None:
    most = [recall(one) for one in seen if one.reuse == "most"]
    none = [recall(one) for one in seen if one.reuse == "nothing"]
    assert sum(count.right for count in most) > 0.9 * sum(count.all for count in most)
    assert sum(count.right for count in none) == 0, "who shares nothing is not seen"
    linked = [precision(one) for one in seen if one.kind == "operator"]
    assert sum(count.right for count in linked) > 0.95 * sum(count.all for count in linked)
    assert all(programs(one).right == programs(one).all for one in seen)
