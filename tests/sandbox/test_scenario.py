"""The invented world: the same for the same seed, well-formed at the door, and not easy."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from statistics import median

import pytest

from tocsin.kernel import EventLine
from tocsin.sandbox import CAMPAIGN, DAYS, NODE_NAMES, Scenario, generate, to_json_line
from tocsin.sandbox.campaign import STRENGTHS
from tocsin.screen import Screen
from tocsin.taxonomy.packs import PackLevel, shipped_packs
from tocsin.wire import sketch
from tocsin.wire.events import decode_line

NOW = datetime(2026, 3, 17, 15, 30, tzinfo=UTC)
SEEDS = (3, 14, 15)


@pytest.fixture(scope="module", params=SEEDS)
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return generate(random.Random(request.param), NOW)


def test_the_same_seed_gives_the_same_world() -> None:
    first, second = (generate(random.Random(5), NOW, scale=0.05) for _ in range(2))
    assert first == second
    assert generate(random.Random(6), NOW, scale=0.05) != first


def test_the_same_seed_gives_the_same_world_at_another_moment() -> None:
    later = NOW + timedelta(days=3, minutes=7, microseconds=11)
    first, second = (generate(random.Random(5), moment, scale=0.05) for moment in (NOW, later))
    assert (first.labels, first.canaries) == (second.labels, second.canaries)
    for name in NODE_NAMES:
        pairs = list(zip(first.nodes[name], second.nodes[name], strict=True))
        assert {b.time - a.time for a, b in pairs} == {later - NOW}
        assert all((a.id, a.text, a.actor) == (b.id, b.text, b.actor) for a, b in pairs)
        made = [(a.actor_created, b.actor_created) for a, b in pairs if a.actor_created and b.actor_created]
        assert made
        assert {b - a for a, b in made} == {later - NOW}


def test_every_line_is_taken_at_the_door(scenario: Scenario) -> None:
    for lines in scenario.nodes.values():
        for line in lines:
            taken = decode_line(1, to_json_line(line), now=NOW)
            assert isinstance(taken, EventLine), taken
            assert (taken.id, taken.text, taken.actor, taken.time) == (
                line.id,
                line.text,
                line.actor,
                line.time,
            )


def test_sizes_times_and_ids(scenario: Scenario) -> None:
    sizes = {name: len(lines) for name, lines in scenario.nodes.items()}
    assert tuple(sizes) == NODE_NAMES
    assert 5_000 < sizes["platform"] < 7_000
    assert 3_400 < sizes["lab"] < 4_600
    assert 1_200 < sizes["institute"] < 1_800
    lines = [line for own in scenario.nodes.values() for line in own]
    assert len({line.id for line in lines}) == len(lines) == len(scenario.labels)
    assert all(NOW - timedelta(days=DAYS) <= line.time < NOW for line in lines)
    for own in scenario.nodes.values():
        assert [line.time for line in own] == sorted(line.time for line in own)
    # no node shares a person with another: what they share is texts and the campaign's identifiers
    actors = Counter(actor for own in scenario.nodes.values() for actor in {line.actor for line in own})
    assert set(actors.values()) == {1}


def test_the_campaign_is_strong_on_one_node_and_thin_on_another(scenario: Scenario) -> None:
    for name in NODE_NAMES:
        low, high = STRENGTHS[name].accounts
        assert low <= len(scenario.campaign_actors(name)) <= high
    assert len(scenario.campaign_events("platform")) >= 24


def test_texts_differ_where_they_should_and_agree_where_they_should(scenario: Scenario) -> None:
    texts = {line.id: line.text for lines in scenario.nodes.values() for line in lines}
    long = [text for event, text in texts.items() if scenario.labels[event] == "ordinary" and len(text) > 80]
    assert len(set(long)) > 0.995 * len(long)
    for crowd in ("meme-shared", "homework", "petition"):
        copies = Counter(texts[event] for event, label in scenario.labels.items() if label == crowd)
        assert copies.most_common(1)[0][1] >= 5
    sent = [texts[event] for event, label in scenario.labels.items() if label == CAMPAIGN]
    assert len(set(sent)) == len(sent)


def test_harmless_crowds_hold_new_accounts_too(scenario: Scenario) -> None:
    for crowd, least in (("petition", 8), ("homework", 20), ("meme-shared", 5), ("app", 8)):
        fresh = {
            line.actor
            for lines in scenario.nodes.values()
            for line in lines
            if scenario.labels[line.id] == crowd
            and line.actor_created is not None
            and line.time - line.actor_created < timedelta(days=30)
        }
        assert len(fresh) >= least


def test_the_truth_is_nowhere_in_an_event(scenario: Scenario) -> None:
    words = set(scenario.labels.values()) - {"ordinary", "office", "app", "meme"}
    for lines in scenario.nodes.values():
        for line in lines:
            outside_text = (line.id, line.source, line.actor, line.session, str(line.attributes))
            assert not any(word in str(part) for word in words for part in outside_text)


def test_canaries_are_in_their_node_and_no_other_event_of_another(scenario: Scenario) -> None:
    raw = {name: b"\n".join(map(to_json_line, lines)).decode() for name, lines in scenario.nodes.items()}
    kinds = Counter((canary.kind.value, canary.campaign) for canary in scenario.canaries)
    assert all(
        kinds[kind, campaign] >= 10 for kind in ("text", "actor", "observable") for campaign in (True, False)
    )
    for canary in scenario.canaries:
        assert canary.value in raw[canary.node].replace('\\"', '"')
        if not canary.campaign:
            assert all(canary.value not in text for name, text in raw.items() if name != canary.node)


def test_no_phrase_pack_finds_the_campaign(scenario: Scenario) -> None:
    loud = Screen([pack for pack in shipped_packs() if pack.level is PackLevel.WARN])
    for lines in scenario.nodes.values():
        spoke = [signal for found in loud(lines) for signal in found.signals if signal.detector == "phrases"]
        assert not spoke


def test_text_alone_would_ring_for_the_harmless_first(scenario: Scenario) -> None:
    lines = scenario.nodes["platform"]
    found = Screen(())(lines)

    def likeness(label: str) -> float:
        sketches = [
            set(sketch.decode(one.sketch).hashes.tolist())
            for line, one in zip(lines, found, strict=True)
            if scenario.labels[line.id] == label and one.sketch is not None
        ]
        return median(len(a & b) / len(a | b) for a, b in combinations(sketches[:40], 2))

    assert (
        0.3 < likeness(CAMPAIGN) < min(likeness(crowd) for crowd in ("meme-shared", "petition", "homework"))
    )
    assert likeness("ordinary") < 0.05
