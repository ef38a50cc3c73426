"""Worlds to judge by: the same from one seed, every language with every factor, and the truth beside the events."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from benchmarks import watch_evaluation
from tocsin.sandbox.trials import (
    LANGUAGES,
    Age,
    Disguise,
    Reworded,
    Shared,
    Size,
    Trial,
    trial_world,
)
from tocsin.screen import Screen
from tocsin.taxonomy.packs import shipped_packs

NOW = datetime(2026, 3, 17, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def trials() -> list[Trial]:
    return [trial for seed in range(18) for trial in trial_world(seed, NOW).trials]


def test_one_seed_one_world() -> None:
    assert trial_world(3, NOW) == trial_world(3, NOW)
    assert trial_world(3, NOW) != trial_world(4, NOW)


def test_every_language_meets_every_factor(trials: list[Trial]) -> None:
    met = Counter((trial.language, value) for trial in trials for value in _factors(trial))
    values = [*Size, *Shared, *Disguise, *Reworded, *Age]
    assert all(met[language, value] >= 3 for language in LANGUAGES for value in values)


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
