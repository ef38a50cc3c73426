"""A guard's word weighs as much as people bear it out, adds to conduct alone, and is never the ground of a warning."""

import inspect
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.worlds import DAY, NOW, World
from tocsin.correlate import evidence as ev
from tocsin.correlate import find_campaigns
from tocsin.correlate.agreement import Pairs, agreement
from tocsin.correlate.groups import Group, Ledger
from tocsin.correlate.guard_words import LEAST_DECISIONS, guarded_rows, weight_of, wrong_of
from tocsin.correlate.shortlist import bounds
from tocsin.correlate.summed import candidates
from tocsin.correlate.survey import Survey, survey
from tocsin.correlate.window import Window
from tocsin.taxonomy.messages import sentences

NAME = "puppet-"
GUARDED = "campaign.guarded"


def puppets(evading: float) -> World:
    return World(5).people(40).campaign(8, tags=(), evading=evading, other=2)


@pytest.fixture(scope="module")
def window() -> Window:
    return puppets(0.5).window()


def events(window: Window, number: int = 1_000_000) -> dict[str, list[str]]:
    """The ids of what puppets wrote, by whether it is the repeated text."""
    view = survey(window, since=0, until=NOW + 1).view
    clusters, counts = np.unique(window.clusters()[view.text], return_counts=True)
    big = clusters[counts.argmax()]
    same = window.clusters()[view.text] == big
    actors = set(view.actor[same].tolist())
    rows = [row for row, actor in enumerate(view.actor.tolist()) if actor in actors]
    own = [row for row in rows if same[row]]
    other = [row for row in rows if not same[row]]
    return {"own": view.ids(np.array(own)), "other": view.ids(np.array(other))[:number]}


def evidence(window: Window, guarded: Mapping[str, float]) -> ev.Evidence:
    seen = survey(window, since=0, until=NOW + 1, guarded=guarded)
    return ev.weigh(*_group(seen))


def _group(seen: Survey) -> tuple[Group, Ledger]:
    cluster, rows = max(
        seen.repeated.used_by(2).each(np.ones(len(seen.repeated.used_by(2).clusters), np.bool_)), key=_size
    )
    return seen.ledger.group(rows, frozenset((cluster,))), seen.ledger


def _size(one: tuple[int, object]) -> int:
    return len(one[1])  # type: ignore[arg-type]


def guarded_term(window: Window, guarded: Mapping[str, float]) -> float:
    return next((term.value for term in evidence(window, guarded).terms if term.reason.code == GUARDED), 0.0)


def test_nothing_weighs_until_enough_people_judged_and_chance_never_does() -> None:
    rng = np.random.default_rng(1)
    half = LEAST_DECISIONS // 2
    assert weight_of(agreement(Pairs(half - 1, 1, 0, half), rng)) > 0.5
    assert weight_of(agreement(Pairs(half - 1, 1, 0, half - 1), rng)) == 0.0
    assert weight_of(agreement(Pairs(half, half, half, half), rng)) == 0.0
    assert weight_of(agreement(Pairs(both=2 * half), rng)) == 0.0, "one value alone was ever said"


def test_who_was_never_seen_to_be_wrong_may_be_yet() -> None:
    assert wrong_of(Pairs()) == 0.5
    assert wrong_of(Pairs(neither=48)) == pytest.approx(0.02)
    assert wrong_of(Pairs(guard_only=12, neither=36, both=500)) == pytest.approx(0.26)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=20, deadline=None)
def test_a_weight_is_a_share(both: int, guard: int, person: int, neither: int) -> None:
    assert 0.0 <= weight_of(agreement(Pairs(both, guard, person, neither), np.random.default_rng(1))) <= 1.0


@given(
    st.lists(st.floats(0, 1), min_size=16, max_size=16), st.lists(st.floats(0, 1), min_size=16, max_size=16)
)
@settings(max_examples=25, deadline=None)
def test_more_of_its_word_never_weighs_less_and_stays_below_its_cap(
    window: Window, less: list[float], more: list[float]
) -> None:
    other = events(window)["other"]
    few = dict(zip(other, less, strict=False))
    many = {event: max(weight, more[at]) for at, (event, weight) in enumerate(few.items())}
    low, high, none = (evidence(window, one).score for one in (few, many, {}))
    assert none - 1e-9 <= low <= high + 0.05, "what weighs less than .05 is not said"
    assert high - none <= ev.CAP_GUARDED + 1e-9


def test_its_word_on_the_text_in_question_or_without_weight_is_nothing(window: Window) -> None:
    said = events(window)
    nothing = evidence(window, {})
    assert evidence(window, dict.fromkeys(said["own"], 1.0)) == nothing
    assert evidence(window, dict.fromkeys(said["other"], 0.0)) == nothing
    assert evidence(window, {"never seen": 1.0}) == nothing
    assert guarded_term(window, dict.fromkeys(said["other"], 1.0)) > 0


def test_it_adds_no_more_than_the_other_conduct() -> None:
    window = puppets(0.0).window()
    assert guarded_term(window, dict.fromkeys(events(window)["other"], 1.0)) == 0.0
    crowd = World(3).people(40).protest(30).window()
    flagged = dict.fromkeys(events(crowd)["other"] or [str(n) for n in range(5)], 1.0)
    assert find_campaigns(crowd, now_us=NOW, guarded=flagged) == find_campaigns(crowd, now_us=NOW)


def test_no_cluster_scores_above_its_bound(window: Window) -> None:
    guarded = dict.fromkeys(events(window)["other"], 1.0)
    seen = survey(window, since=NOW - 60 * DAY, until=NOW + 1, guarded=guarded)
    repeated = seen.repeated.used_by(2)
    most = bounds(seen.ledger, repeated, 14)
    for at, (cluster, rows) in enumerate(repeated.each(np.ones(len(repeated.clusters), np.bool_))):
        group = seen.ledger.group(rows, frozenset((cluster,)))
        assert ev.weigh(group, seen.ledger).score <= most[at]


def test_it_corroborates_no_peer_and_enters_no_sum(window: Window) -> None:
    guarded = dict.fromkeys(events(window)["other"], 1.0)
    plain, said = (survey(window, since=0, until=NOW + 1, guarded=words) for words in ({}, guarded))
    before, after = (
        ev.corroboration(*_group(seen), evidence=ev.weigh(*_group(seen))) for seen in (plain, said)
    )
    assert before == after
    assert "guarded" not in inspect.signature(candidates).parameters


def test_it_says_why_in_both_languages(window: Window) -> None:
    other = dict.fromkeys(events(window)["other"], 0.6)
    (term,) = [one for one in evidence(window, other).terms if one.reason.code == GUARDED]
    assert term.reason.values["trust"] == pytest.approx(0.6)
    for code in (GUARDED, "refute.guards-wrong"):
        assert sentences()[code].en
        assert sentences()[code].zh
    rows, weights = guarded_rows(survey(window, since=0, until=NOW + 1).view, other)
    assert (np.diff(rows) > 0).all()
    assert set(weights.tolist()) == {0.6}
