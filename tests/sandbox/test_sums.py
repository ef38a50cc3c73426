"""Sums of evidence: the worlds, the scoring held to the real one, and a small study from end to end."""

from math import inf
from pathlib import Path

import numpy as np
import pytest

from benchmarks import sums_page, sums_plan
from benchmarks.sums_regimes import NEVER, Joint, Regime, Words, judge, live, noisy, offer, reach, summed
from benchmarks.sums_scoring import Scorer
from benchmarks.sums_study import compare, gain
from tests.correlate import worlds
from tocsin.correlate.counted import USUAL, Usual, weigh_counts
from tocsin.correlate.evidence import corroboration, weigh
from tocsin.correlate.groups import Group, Ledger
from tocsin.correlate.survey import survey
from tocsin.sandbox.sums import BENIGN, COMPONENTS, DAYS, KINDS_SHARED, Component, Setting, World, world

PAGE = Path(__file__).parents[2] / "docs" / "evaluation-sharing.md"
SMALL = Setting("small", nodes=3, campaigns=8)
ANSWER = Regime("sum", Joint.ANSWER)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer()


def test_a_seed_is_a_world() -> None:
    first, second, other = world(SMALL, 7), world(SMALL, 7), world(SMALL, 8)
    for name in ("key", "node", "counts", "uses", "campaign", "kind", "follows", "actor_traits"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert first.counts.shape != other.counts.shape or not np.array_equal(first.counts, other.counts)


def test_counts_are_of_accounts_and_each_kind_of_crowd_is_there() -> None:
    made = world(SMALL, 7)
    counts = made.counts
    assert counts.min() >= 0
    assert counts.shape == (len(made.key), DAYS, COMPONENTS)
    assert np.all(counts <= counts[:, :, :1])
    assert np.all(counts[:, :, Component.NEW] <= counts[:, :, Component.KNOWN])
    assert np.all(counts[:, :, Component.DEVOTED] <= counts[:, :, Component.BUSY])
    assert np.all(np.diff(made.key) >= 0)
    assert set(made.kind.tolist()) == {-1, *range(len(BENIGN))}
    assert set(made.campaign[made.campaign >= 0].tolist()) == set(range(SMALL.campaigns))
    day = 20
    here = (made.actor_days[:, 0] <= day) & (day < made.actor_days[:, 1])
    again = np.zeros((len(made.key), COMPONENTS), np.int64)
    np.add.at(again, made.actor_pair[here], made.actor_traits[here].astype(np.int64))
    np.testing.assert_array_equal(again, counts[:, day])


def test_where_nothing_is_reused_no_campaign_has_a_text_at_two_nodes() -> None:
    made = world(Setting("apart", nodes=5, campaigns=10, same_text=False, reuse=0.0), 3)
    nodes = np.bincount(made.key)[made.campaign >= 0]
    assert set(nodes.tolist()) == {1}
    bare = world(Setting("bare", nodes=3, campaigns=10, features=False), 3)
    assert bare.counts[:, :, Component.KNOWN : Component.WITHIN + 1].max() == 0
    assert bare.counts[:, :, Component.PAYMENT :].max() == 0


def test_all_cells_at_once_score_as_weigh_does_one_by_one(scorer: Scorer) -> None:
    cells = world(SMALL, 5).counts.reshape(-1, COMPONENTS)
    cells = cells[cells[:, Component.ACTORS] > 0]
    rng = np.random.default_rng(1)
    invented = rng.integers(0, 30, (300, COMPONENTS))
    invented[:, Component.ACTORS] += 1
    some = np.concatenate((cells[rng.integers(0, len(cells), 500)], noisy(invented, 1.0, rng)))
    found = scorer(some)
    one_by_one = np.array([weigh_counts(row) for row in some.tolist()])
    np.testing.assert_allclose(found.score, one_by_one[:, 0], atol=0.0011)  # both round to three places
    np.testing.assert_allclose(found.corroboration, one_by_one[:, 1], atol=1e-9)
    assert len(set(np.round(found.score, 1).tolist())) > 50


@pytest.mark.parametrize(("seed", "evading"), [(1, 0.0), (2, 0.6), (3, 0.2)])
def test_counts_of_real_events_score_as_the_events_do(seed: int, evading: float) -> None:
    tags = (("payment", "p"), ("device", "d"), ("email", "e"), ("invitation", "i"), ("domain", "x"))
    made = worlds.World(seed).people(60).campaign(8 + seed, evading=evading, tags=tags)
    seen = survey(made.window(), since=worlds.NOW - 30 * worlds.DAY, until=worlds.NOW + 1)
    repeated = seen.repeated.used_by(5)
    checked = 0
    for cluster, rows in repeated.each(np.ones(len(repeated.clusters), np.bool_)):
        group = seen.ledger.group(rows, frozenset((cluster,)))
        evidence = weigh(group, seen.ledger)
        counts, usual = _told(group, seen.ledger)
        score, conduct = weigh_counts(counts, usual)
        assert score == evidence.score
        assert conduct == pytest.approx(corroboration(group, seen.ledger, evidence))
        assert Scorer(usual)(np.array([counts])).score[0] == pytest.approx(score, abs=0.0011)
        checked += 1
    assert checked


def _told(group: Group, ledger: Ledger) -> tuple[list[int], Usual]:
    """What a node would count of a group, and what is usual there."""
    counts = [0] * COMPONENTS
    together, known, elsewhere, dated = ledger.made_together(group)
    for component, number in (
        (Component.ACTORS, len(group.actors)),
        (Component.KNOWN, known),
        (Component.NEW, group.is_new.sum()),
        (Component.BUSY, ledger.busy[group.actors].sum()),
        (Component.DEVOTED, group.is_devoted.sum()),
        (Component.FLAGGED, group.is_flagged.sum()),
        (Component.EVADING, group.is_evading.sum()),
        (Component.TOGETHER, together - 1),
        (Component.WITHIN, group.within_an_hour - 1),
    ):
        counts[component] = int(number)
    others = {}
    for kind, having, everywhere, focus in ledger.shared(group):
        if kind in KINDS_SHARED:
            assert focus == 1.0 or kind != "device" or focus >= 0.5
            counts[Component.PAYMENT + KINDS_SHARED.index(kind)] = having
            others[kind] = everywhere - having
    everybody = np.ones_like(ledger.flagged)
    return counts, Usual(
        others=ledger.present - len(group.actors),
        new=ledger.outside(ledger.new, ledger.dated, group.actors),
        devoted=ledger.outside(ledger.devoted, ledger.busy, group.actors),
        flagged=ledger.outside(ledger.flagged, everybody, group.actors),
        evading=ledger.outside(ledger.evading, everybody, group.actors),
        together=(elsewhere, dated),
        elsewhere=others,
    )


def test_identifiers_add_up_only_where_they_are_the_same() -> None:
    made = world(SMALL, 5)
    starts = np.searchsorted(made.key, np.arange(made.keys))
    total = summed(made, made.counts.astype(np.int64), starts)
    for key in range(made.keys):
        own = made.counts[made.key == key].astype(np.int64)
        np.testing.assert_array_equal(
            total[key, :, Component.ACTORS], own[:, :, Component.ACTORS].sum(axis=0)
        )
        for at in range(len(KINDS_SHARED)):
            column = own[:, :, Component.PAYMENT + at]
            expected = column.sum(axis=0) if made.follows[key, at] else column.max(axis=0)
            np.testing.assert_array_equal(total[key, :, Component.PAYMENT + at], expected)


def test_without_campaigns_there_are_false_alarms_and_nothing_else(scorer: Scorer) -> None:
    judged = judge(world(Setting("calm", nodes=3, campaigns=0), 4), scorer, np.random.default_rng(0))
    offered = offer(judged, ANSWER, scorer, np.random.default_rng(0))
    assert live(judged, offered, ANSWER, -inf, -inf).days.size == 0
    reached = reach(judged, offered, ANSWER.least)
    assert len(reached.joint) == judged.world.keys
    assert np.isfinite(reached.pair).any()


def test_the_bit_goes_to_those_who_raise_and_only_where_there_are_holders_enough(scorer: Scorer) -> None:
    judged = judge(world(SMALL, 4), scorer, np.random.default_rng(0))
    made: World = judged.world
    for holders in (2, 3):
        regime = Regime("raise", Joint.RAISE, holders=holders)
        offered = offer(judged, regime, scorer, np.random.default_rng(0))
        told = np.isfinite(offered.heard)
        assert told.any()
        assert np.all(judged.raised[:, offered.days][told])
        raisers = np.add.reduceat(judged.raised[:, offered.days].astype(int), judged.starts, axis=0)
        assert raisers[np.isfinite(offered.score)].min() >= holders
        assert np.all(np.bincount(made.key)[np.isfinite(offered.score).any(axis=1)] >= holders)


def test_a_threshold_out_of_reach_finds_nothing_and_none_finds_all_that_is_looked_at(scorer: Scorer) -> None:
    judged = judge(world(SMALL, 4), scorer, np.random.default_rng(0))
    silent = offer(judged, Regime("alone", words=Words.NONE), scorer, np.random.default_rng(0))
    nothing = live(judged, silent, Regime("alone", words=Words.NONE), inf, inf)
    assert set(nothing.days.tolist()) == {NEVER}
    assert set(nothing.harm.tolist()) == {1.0}
    everything = live(judged, silent, Regime("alone", words=Words.NONE), -100.0, inf)
    assert everything.harm.mean() < 0.9


def test_a_study_is_the_same_again_and_sums_give_nothing_where_nothing_is_reused(scorer: Scorer) -> None:
    regimes = (Regime("base"), ANSWER)
    apart = Setting("apart", nodes=3, campaigns=10, same_text=False, reuse=0.0)
    together = Setting("together", nodes=3, campaigns=10)
    found = {}
    for setting in (apart, together):
        (once,), (again,) = (
            compare(setting, regimes, rates=(0.1,), tuning=range(4), reporting=range(50, 56), scorer=scorer)
            for _ in range(2)
        )
        found[setting.name] = (once, again)
    for once, again in found.values():
        for one, other in zip(once, again, strict=True):
            np.testing.assert_array_equal(one.harm, other.harm)
            assert one.thresholds == other.thresholds
            assert 0.03 < one.alarms < 0.25
    gains = {name: gain(once[1].harm, once[0].harm).mean for name, (once, _) in found.items()}
    assert gains["apart"] >= 0
    assert gains["together"] < 0


def test_the_page_is_what_the_command_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums_plan, "SETTINGS", sums_plan.SETTINGS[2:3])
    text = sums_page.page(sums_plan.study(2, nodes=(2,)))
    committed = PAGE.read_text("utf-8")
    headings = [line.partition(" (")[0] for line in text.splitlines() if line.startswith("## ")]
    assert [line.partition(" (")[0] for line in committed.splitlines() if line.startswith("## ")] == headings
    assert committed.startswith(sums_page.HEAD.read_text("utf-8").rstrip())
    named = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| ")]
    assert [name for name in named if name not in committed] == []
    places = (sums_page.BASELINE, sums_page.LOW, sums_page.INTERSECTION, sums_page.ANSWER)
    wanted = (sums_plan.BASELINE, sums_plan.LOW, sums_plan.INTERSECTION, sums_plan.ANSWER)
    assert tuple(sums_plan.REGIMES[place] for place in places) == wanted
    assert sums_plan.REGIMES[sums_page.DAILY_INTERSECTION].every == 1
    assert USUAL.others > 0
