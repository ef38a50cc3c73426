"""Worlds to judge by: the same from one seed, every language with every factor, and the truth beside the events."""

from datetime import UTC, datetime

import pytest

from benchmarks import watch_evaluation
from tocsin.sandbox.trials import (
    COMBINATIONS,
    LANGUAGES,
    Shared,
    Size,
    Trial,
    trial_world,
    turn_of,
)
from tocsin.screen import Screen
from tocsin.taxonomy.packs import shipped_packs

NOW = datetime(2026, 3, 17, 15, 30, tzinfo=UTC)


def test_one_seed_one_world() -> None:
    assert trial_world(3, NOW) == trial_world(3, NOW)
    assert trial_world(3, NOW) != trial_world(4, NOW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_meets_every_combination(language: str) -> None:
    at = LANGUAGES.index(language)
    assert len({turn_of(seed, at) % COMBINATIONS for seed in range(COMBINATIONS)}) == COMBINATIONS


def test_what_was_drawn_is_what_there_is() -> None:
    one, other = trial_world(3, NOW).trials, trial_world(4, NOW).trials
    assert [trial.language for trial in one] == list(LANGUAGES)
    assert len({_factors(trial) for trial in one}) == len(LANGUAGES)
    assert {trial.virality for trial in one} != {trial.virality for trial in other}


def _factors(trial: Trial) -> tuple[object, ...]:
    return trial.size, trial.shared, trial.disguise, trial.reworded, trial.age


def test_what_accounts_share_is_what_was_drawn() -> None:
    world = trial_world(5, NOW)
    for trial in world.trials:
        events = world.events_of(trial)
        actors = {line.actor for line in events}
        low, high = (12, 20) if trial.size is Size.LARGE else (5, 7)
        assert low <= len(actors) <= high
        domains = [one for line in events for one in line.observables if one.type.value == "wallet"]
        assert bool(domains) == (trial.shared is Shared.LINKED)
        assert trial.began == events[0].time


def test_a_world_is_lived_through_without_looking_ahead() -> None:
    lived = watch_evaluation.live(101, Screen(shipped_packs()))
    found = [one for one in lived.outcomes if one.days is not None]
    assert found
    assert all(0 <= one.days <= 14 and 0 < (one.done or 0) <= 1 for one in found if one.days is not None)
    text = watch_evaluation.page([lived], 101)
    assert "Mongolian (Cyrillic)" in text
    assert f"| recall | {len(found) / 8:.2f} (" in text
