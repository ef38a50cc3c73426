"""Rates of the conversation state on a fresh set: `python -m benchmarks.session_held [dev|held]`.

It prints tables of docs/sessions.md. The texts (session_held.yaml) were written while the detector was frozen; `dev`
may be tuned on, `held` may not.
"""

import random
import sys
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.rates import Rate
from benchmarks.session_rates import rings
from tocsin.screen import Acts

SEED = 20261122
LANGUAGES = ("en", "zh", "es", "fr", "ru", "ar", "mn")
EACH = 20
"""Conversations of each kind and language; they differ in what stands between, and in which parts are said."""


@cache
def texts() -> dict[str, Any]:
    found: dict[str, Any] = msgspec.yaml.decode(Path(__file__).with_name("session_held.yaml").read_bytes())
    return found


@cache
def _acts() -> Acts:
    return Acts(tuple(texts()["aims"].values()))


def _among(r: random.Random, language: str, said: list[str]) -> list[str]:
    """Small talk between the messages."""
    mixed: list[str] = []
    for text in said:
        mixed += r.sample(texts()["small_talk"][language], r.randint(0, 2))
        mixed.append(text.format(aim=texts()["aims"][language]))
    return mixed


def building(r: random.Random, half: str, language: str) -> list[str]:
    """What grows: the invitation, and three or four of the parts."""
    first, *parts = texts()["building"][half][language]
    kept = sorted(r.sample(range(len(parts)), r.randint(3, len(parts))))
    return _among(r, language, [first, *(parts[at] for at in kept)])


def harmless(r: random.Random, half: str, language: str, kind: str) -> list[str]:
    """One of what must not ring, said up to three times over."""
    return _among(r, language, [texts()["negative"][kind][half][language]] * r.randint(1, 3))


def pasted(r: random.Random, half: str, language: str) -> list[str]:
    """Somebody says that they study or translate it, and pastes line by line what rings without that word."""
    aim = texts()["aims"][language]
    return [texts()["frames"][half][language].format(aim=aim), *building(r, "dev", language)]


def found_table(half: str) -> str:
    """By language: found of what grows, and wrongly of the same pasted after somebody said so."""
    lines = ["| language | found | said by the model | pasted line by line |", "|---|---|---|---|"]
    totals = [Rate(0, 0)] * 3
    for language in LANGUAGES:
        grows = [building(_random(half, language, n), half, language) for n in range(EACH)]
        pastes = [pasted(_random(half, language, "pasted", n), half, language) for n in range(EACH)]
        row = [_rate(grows), _rate(grows, by_model=True), _rate(pastes)]
        totals = [one + other for one, other in zip(totals, row, strict=True)]
        lines.append(f"| {language} | {' | '.join(map(str, row))} |")
    return "\n".join([*lines, f"| all | {' | '.join(map(str, totals))} |"])


def false_table(half: str) -> str:
    """By language and kind of what must not ring: how often it does."""
    kinds = tuple(texts()["negative"])
    lines = [f"| language | {' | '.join(kinds)} |", "|---|" + "---|" * len(kinds)]
    totals = [Rate(0, 0)] * len(kinds)
    for language in LANGUAGES:
        row = [
            _rate([harmless(_random(half, language, kind, n), half, language, kind) for n in range(EACH)])
            for kind in kinds
        ]
        totals = [one + other for one, other in zip(totals, row, strict=True)]
        lines.append(f"| {language} | {' | '.join(f'{one.found} of {one.of}' for one in row)} |")
    every = sum(totals, Rate(0, 0))
    return "\n".join([*lines, f"| all | {' | '.join(map(str, totals))} |", "", f"Of all of these {every}."])


def _rate(conversations: list[list[str]], *, by_model: bool = False) -> Rate:
    found = [rings(one, by_model=by_model, acts_of=_acts()) for one in conversations]
    return Rate(sum(found), len(found))


def _random(*what: object) -> random.Random:
    return random.Random(f"{SEED} {what}")


def main() -> None:
    half = sys.argv[1] if len(sys.argv) > 1 else "held"
    print(found_table(half), false_table(half), sep="\n\n")


if __name__ == "__main__":
    main()
