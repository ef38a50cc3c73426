"""What the watch finds of worlds it was never tuned on; writes docs/evaluation-watch.md.

    python -m benchmarks.watch_evaluation [--worlds 72] [--first 910000] [--page docs/evaluation-watch.md]

Each world is lived through: every six hours the node looks at what it has so far, and at nothing that comes later.
"""

import argparse
import random
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tests.sandbox.watching import seen
from tocsin.correlate import Window, find_campaigns, find_phrases
from tocsin.kernel import Warning, micros
from tocsin.kernel.intervals import wilson
from tocsin.sandbox.trials import CAMPAIGN_PREFIX, COMBINATIONS, Trial, TrialWorld, trial_world
from tocsin.sandbox.world import DAYS
from tocsin.screen import Screen
from tocsin.taxonomy.packs import shipped_packs

NOW = datetime(2026, 3, 17, 15, 30, tzinfo=UTC)
WORLDS = COMBINATIONS
FIRST_SEED = 910_000
"""Chosen when this file was written. Whoever tunes a detector takes other seeds, or other worlds."""

STEP = timedelta(hours=6)
RESAMPLES = 2_000
OPEN = {"en": "English", "es": "Spanish", "fr": "French", "ru": "Russian", "mn": "Mongolian (Cyrillic)"}
NAMES = OPEN | {"ar": "Arabic", "zh": "Chinese (simplified)", "zh-hant": "Chinese (traditional)"}


class Outcome(NamedTuple):
    """One campaign: after how many days it was found, None if not, and what share of its events had happened."""

    trial: Trial
    days: float | None
    done: float | None


class Lived(NamedTuple):
    """One world: what became of each campaign, and the warnings of something else, by what it was."""

    outcomes: tuple[Outcome, ...]
    false: tuple[str, ...]


def live(seed: int, screen: Screen) -> Lived:
    """One world, looked at every STEP."""
    world = trial_world(seed, NOW)
    key = random.Random(seed + 1).randbytes(32)
    window, taken = Window(), 0
    known: dict[str, Warning] = {}
    found: dict[str, datetime] = {}
    false: dict[str, str] = {}
    at = NOW - timedelta(days=DAYS) + STEP
    while at <= NOW:
        upto = next(
            (n for n, line in enumerate(world.lines[taken:], taken) if line.time > at), len(world.lines)
        )
        window.append(*seen(world.lines[taken:upto], screen, key=key, now=at, after=taken))
        taken = upto
        now = micros(at)
        for warning in (
            *find_campaigns(window, now_us=now, known=tuple(known.values())),
            *find_phrases(window, now_us=now),
        ):
            known[warning.id] = warning
            label = _truth(warning, world)
            if label.startswith(CAMPAIGN_PREFIX):
                found.setdefault(label, at)
            else:
                false.setdefault(warning.id, label)
        at += STEP
    return Lived(tuple(_outcome(trial, world, found) for trial in world.trials), tuple(false.values()))


def _truth(warning: Warning, world: TrialWorld) -> str:
    """What most of a warning's samples are of."""
    ((label, number),) = Counter(world.labels[event] for event in warning.samples).most_common(1)
    return label if 2 * number > len(warning.samples) else "a mixture"


def _outcome(trial: Trial, world: TrialWorld, found: dict[str, datetime]) -> Outcome:
    at = found.get(trial.label)
    if at is None:
        return Outcome(trial, None, None)
    events = world.events_of(trial)
    return Outcome(
        trial, (at - trial.began) / timedelta(days=1), sum(line.time <= at for line in events) / len(events)
    )


def _median(values: Sequence[float], rng: random.Random) -> str:
    """The median with its bootstrap interval."""
    if not values:
        return "–"
    resampled = sorted(statistics.median(rng.choices(values, k=len(values))) for _ in range(RESAMPLES))
    low, high = resampled[int(0.025 * RESAMPLES)], resampled[int(0.975 * RESAMPLES) - 1]
    return f"{statistics.median(values):.1f} ({low:.1f} to {high:.1f})"


def _share(number: int, of: int) -> str:
    low, high = wilson(number, of)
    return f"{number / of:.2f} ({low:.2f} to {high:.2f})" if of else "–"


def table(title: str, outcomes: Iterable[Outcome], of: Callable[[Trial], str]) -> list[str]:
    """Recall and time to detection by one factor."""
    rng = random.Random(1)
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(of(outcome.trial), []).append(outcome)
    lines = [
        f"| {title} | campaigns | found | days from its first event | share of it done by then |",
        "|---|---|---|---|---|",
    ]
    for name, some in sorted(groups.items()):
        hits = [one for one in some if one.days is not None]
        days = _median([one.days for one in hits if one.days is not None], rng)
        done = _median([one.done for one in hits if one.done is not None], rng)
        lines.append(f"| {name} | {len(some)} | {_share(len(hits), len(some))} | {days} | {done} |")
    return [*lines, ""]


def _reach(trial: Trial) -> str:
    return f"{trial.shared.value}; {trial.reworded.value}"


def page(worlds: Sequence[Lived], first: int) -> str:
    """The page, in Markdown."""
    outcomes = [outcome for world in worlds for outcome in world.outcomes]
    true = sum(outcome.days is not None for outcome in outcomes)
    false = Counter(label for world in worlds for label in world.false)
    wrong = sum(false.values())
    node_days = len(worlds) * DAYS
    body = Path(__file__).with_name("watch_evaluation.head.md").read_text().rstrip()
    lines = [
        body,
        "",
        f"Worlds {first} to {first + len(worlds) - 1}: {len(outcomes)} campaigns, {node_days} node-days.",
        "",
        "| | |",
        "|---|---|",
        f"| recall | {_share(true, len(outcomes))} |",
        f"| precision of warnings | {_share(true, true + wrong)} |",
        f"| false warnings a node and day | {wrong / node_days:.3f} |",
        "",
        *table("language", outcomes, lambda trial: NAMES[trial.language]),
        *table("accounts share", outcomes, lambda trial: trial.shared.value),
        *table("shared, and copies differ in", outcomes, _reach),
        *table("size", outcomes, lambda trial: trial.size.value),
        *table("copies differ in", outcomes, lambda trial: trial.reworded.value),
        *table("accounts", outcomes, lambda trial: trial.age.value),
        *table("disguised", outcomes, lambda trial: trial.disguise.value),
        *table("what else is viral", outcomes, lambda trial: trial.virality.value),
    ]
    if false:
        lines += ["False warnings by what most of their samples were of:", ""]
        lines += [f"- {label}: {number}" for label, number in false.most_common()]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--page", type=Path)
    asked = parser.parse_args()
    screen = Screen(shipped_packs())
    worlds = []
    for number in range(asked.worlds):
        worlds.append(live(asked.first + number, screen))
        print(f"world {number + 1} of {asked.worlds}", end="\r", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    text = page(worlds, asked.first)
    if asked.page:
        asked.page.write_text(text)
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
