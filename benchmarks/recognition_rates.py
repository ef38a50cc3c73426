"""How often the outcomes of a re-run are right: false contradictions when equal, power when one side is broken.

`python -m benchmarks.recognition_rates [--rounds N] [--page docs/evaluation-recognition.md]`: one CPU minute.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.evaluate.recognition import Margins, compare
from tocsin.evaluate.recognition.sizing import samples_to_contradict
from tocsin.kernel.evaluations import Outcome, SampleOutcome
from tocsin.kernel.recognition import RecognitionOutcome

SAMPLES = (50, 100, 200, 400)
RATES = (0.02, 0.1, 0.4)
NOISE = (0.0, 0.1)
BROKEN = (0.1, 0.25, 0.5, 1.0)
LIKENESS = 0.3
"""Of a sample with itself: how far its own chance of failing lies from the mean."""

LANGUAGES = ("en", "sw")
DIFFERENCES = (0.1, 0.15, 0.2, 0.3, 0.5)
FALSE = 0.05
HEAD = Path(__file__).with_name("recognition_rates.head.md")
OUTCOMES = (
    RecognitionOutcome.REPRODUCED,
    RecognitionOutcome.COMPATIBLE,
    RecognitionOutcome.INCONCLUSIVE,
    RecognitionOutcome.CONTRADICTED,
)


class Case(NamedTuple):
    """One row: how the other institute came by its outcomes, and on how many samples."""

    kind: str
    broken: float
    rate: float
    noise: float
    samples: int


class Row(NamedTuple):
    case: Case
    shares: dict[RecognitionOutcome, float]


def cases() -> Iterator[Case]:
    for rate, noise, samples in product(RATES, NOISE, SAMPLES):
        yield Case("equal", 0.0, rate, noise, samples)
    for broken, noise, samples in product(BROKEN, NOISE, SAMPLES):
        yield Case("broken", broken, 0.4, noise, samples)
    for rate, samples in product((0.1, 0.4), SAMPLES):
        yield Case("guessed", 0.0, rate, 0.1, samples)


def outcomes(failed: NDArray[np.bool_]) -> dict[str, SampleOutcome]:
    return {
        f"s{number}": SampleOutcome(
            f"s{number}",
            "",
            Outcome.FAILED if one else Outcome.PASSED,
            language=LANGUAGES[number % len(LANGUAGES)],
            answer=f"{one}",
        )
        for number, one in enumerate(failed)
    }


def once(case: Case, rng: np.random.Generator) -> RecognitionOutcome:
    """One re-run: the model settles a sample once, and noise draws it anew in each run."""
    strength = 1 / LIKENESS - 1
    chance = rng.beta(case.rate * strength, (1 - case.rate) * strength, size=case.samples)
    settled = rng.random(case.samples) < chance

    def run() -> NDArray[np.bool_]:
        anew = rng.random(case.samples) < case.noise
        return np.where(anew, rng.random(case.samples) < chance, settled)

    theirs = rng.random(case.samples) < case.rate if case.kind == "guessed" else run()
    theirs &= rng.random(case.samples) >= case.broken
    return compare(
        outcomes(theirs), (outcomes(run()), outcomes(run())), task="made-up", margins=Margins()
    ).outcome


def measure(rounds: int, seed: int) -> list[Row]:
    rng = np.random.default_rng(seed)
    rows = []
    for case in cases():
        found = Counter(once(case, rng) for _ in range(rounds))
        rows.append(Row(case, {outcome: found[outcome] / rounds for outcome in OUTCOMES}))
    return rows


def page(rows: list[Row], rounds: int) -> str:
    equal = [row for row in rows if row.case.kind == "equal"]
    worst = max(row.shares[RecognitionOutcome.CONTRADICTED] for row in equal)
    lines = [
        HEAD.read_text("utf-8").rstrip(),
        "",
        f"{rounds} re-runs a row. False contradictions when equal: **{worst:.1%}** at the worst of {len(equal)} rows"
        f" (at most {FALSE:.0%} is wanted).",
        "",
        "| the other institute | rate | noise | samples | reproduced | compatible | inconclusive | contradicted |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for case, shares in rows:
        kind = f"{case.broken:.0%} broken" if case.kind == "broken" else case.kind
        figures = " | ".join(f"{shares[outcome]:.1%}" for outcome in OUTCOMES)
        lines.append(f"| {kind} | {case.rate:.0%} | {case.noise:.0%} | {case.samples} | {figures} |")
    lines += [
        "",
        "## How many samples to draw",
        "",
        "So that a difference in one direction is *contradicted* four times in five, and nine times in ten"
        " (`samples_to_contradict`, exact; margin 5 points; a fifth of the others fails).",
        "",
        "| difference of rates | 80 % | 90 % |",
        "|---|---|---|",
    ]
    for difference in DIFFERENCES:
        told = (samples_to_contradict(difference, margin=0.05, power=power) for power in (0.8, 0.9))
        lines.append(f"| {difference:.0%} | {' | '.join(map(str, told))} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=37)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    text = page(measure(options.rounds, options.seed), options.rounds)
    if options.page:
        options.page.write_text(text, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
