"""What verdicts of guards make of conversations: `python -m benchmarks.session_guard`. **No guard model is run.**

A made-up guard knows the right answer and is wrong by a coin, and people bear it out as far as such a guard is borne
out. So this says how the constants of `correlate.judged` weigh, and nothing of how many conversations a model finds.
Only the development half of session_held.yaml is read: the constants were chosen on it, from what `0.8 1.0 1.2 1.4`
behind the command prints (`judged.POINTS`).
"""

import random
import sys

import numpy as np

from benchmarks.rates import Rate
from benchmarks.session_held import LANGUAGES, building, texts
from tocsin.correlate import judged
from tocsin.correlate.agreement import Pairs, agreement
from tocsin.correlate.conversations import standing
from tocsin.correlate.guard_words import weight_of, wrong_of
from tocsin.correlate.judged import Judgement
from tocsin.kernel.acts import Act

SEED = 20261122
EACH = 40
MINUTE = 60_000_000
ERRORS = (0.02, 0.05, 0.1, 0.2)
STRENGTHS = (0.7, 0.8, 0.95)
"""Of Llama Guard, Qwen3Guard's "Unsafe", and a safeguard model's "high"."""

PEOPLE = 100
"""Texts of the language that people and the guard judged, half of them misuse."""

LONG = (20, 100)
"""Different harmless messages of a long conversation, seven minutes apart."""


def borne(error: float) -> tuple[float, float]:
    """What the word weighs of a guard that errs so often, either way; and how often it is seen to be wrong."""
    wrong = round(PEOPLE / 2 * error)
    right = PEOPLE // 2 - wrong
    pairs = Pairs(right, wrong, wrong, right)
    return weight_of(agreement(pairs, np.random.default_rng(SEED))), wrong_of(pairs)


def rings(flags: list[bool], strength: float, weight: float, wrong: float) -> bool:
    """Whether verdicts alone make a conversation ring at its end; its words are in no list."""
    said = [
        Act(f"m{n}", "s", n * 7 * MINUTE, n * 7 * MINUTE, "person", (), aim=False, hedges=(), weight=0.0)
        for n in range(len(flags))
    ]
    verdicts = {
        act.event: Judgement("made-up", "fraud.scam", strength, weight, wrong, act.event.encode())
        for act, flagged in zip(said, flags, strict=True)
        if flagged
    }
    found = standing(said, said[-1].time, verdicts, [act.time for act in said])
    return found is not None and found.rings


def _flags(r: random.Random, misuse: list[bool], error: float) -> list[bool]:
    return [one != (r.random() < error) for one in misuse]


def row(points: float, strength: float, error: float) -> list[Rate]:
    """How many ring: of what grows, of long harmless conversations, and of the longest if no errors were taken off."""
    judged.POINTS = points
    (weight, wrong), r = borne(error), random.Random(f"{SEED} {strength} {error}")
    grows = [_misuse(r, language) for language in LANGUAGES for _ in range(EACH)]
    harmless = [[[False] * long] * EACH * 2 for long in LONG]
    longest = [rings(_flags(r, one, error), strength, weight, 0.0) for one in harmless[-1]]
    found = [
        [rings(_flags(r, one, error), strength, weight, wrong) for one in some] for some in (grows, *harmless)
    ]
    return [Rate(sum(some), len(some)) for some in (*found, longest)]


def _misuse(r: random.Random, language: str) -> list[bool]:
    """Of each message of a conversation of the development half, whether it is more than small talk."""
    small = set(texts()["small_talk"][language])
    return [text not in small for text in building(r, "dev", language)]


def main() -> None:
    print("| points | strength | errs | borne out | grows | 20 harmless | 100 harmless | 100, nothing off |")
    print("|---|---|---|---|---|---|---|---|")
    for points in map(float, sys.argv[1:] or (judged.POINTS,)):
        for strength in STRENGTHS:
            for error in ERRORS:
                told = " | ".join(str(one) for one in row(points, strength, error))
                print(f"| {points} | {strength} | {error} | {borne(error)[0]:.2f} | {told} |")


if __name__ == "__main__":
    main()
