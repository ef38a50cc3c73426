"""Rates of the conversation state on made conversations: `python -m benchmarks.session_rates`.

It prints the tables of docs/sessions.md. Each conversation is made from templates and a seed: small talk of the
language, and messages that build something up, or one kind of what must not ring. Stand-ins only. Patterns were
tuned on one half; rates are of the other.
"""

import random
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.rates import Rate
from tocsin.app.accept import act_of
from tocsin.correlate.conversations import standing
from tocsin.kernel import Event, EventLine, Kind, Signal, micros
from tocsin.kernel.events import ROLE
from tocsin.screen import Acts, prepare

SEED = 20261122
LANGUAGES = ("en", "zh", "es", "fr", "ru", "ar", "mn")
EACH = 40
"""Conversations of each kind and language."""

START = datetime(2026, 11, 20, 9, tzinfo=UTC)


@cache
def _texts() -> dict[str, Any]:
    found: dict[str, Any] = msgspec.yaml.decode(Path(__file__).with_name("session_texts.yaml").read_bytes())
    return found


@cache
def detector() -> Acts:
    """With the stand-ins as the operator's aims."""
    return Acts(tuple(_texts()["aims"].values()))


def building(r: random.Random, half: str, language: str, messages: int) -> list[str]:
    """A conversation in which a plan grows: the aim is named once, the parts by themselves are harmless."""
    texts = _texts()
    first, *parts = texts["building"][half][language]
    chosen = sorted(r.sample(range(len(parts)), min(messages, len(parts))))
    said = [first.format(aim=texts["aims"][language]), *(parts[at] for at in chosen)]
    return _among_small_talk(r, language, said)


def harmless(r: random.Random, half: str, language: str, kind: str) -> list[str]:
    """A conversation of one kind that must not ring, said up to three times over."""
    texts = _texts()
    said = [text.format(aim=texts["aims"][language]) for text in texts["negative"][kind][half][language]]
    return _among_small_talk(r, language, said * r.randint(1, 3))


def line_by_line(r: random.Random, half: str, language: str) -> list[str]:
    """Research that pastes what it studies message by message, after saying that it is research."""
    preamble = _texts()["negative"]["research"]["tuned"][language][0].format(aim=_texts()["aims"][language])
    return [preamble, *building(r, half, language, 4)]


def view_beside_plans(r: random.Random, half: str, language: str) -> list[str]:
    """A view that names the aim, and later ordinary plans for something else."""
    view = harmless(r, half, language, "view")
    aim = _texts()["aims"][language]
    return [*view, *(text for text in building(r, half, language, 4) if aim not in text)]


HARD = {"research, pasted line by line": line_by_line, "a view, then ordinary plans": view_beside_plans}
"""Where it must be expected to fail: nothing in the words tells these from the real thing."""


def rings(messages: list[str], *, by_model: bool = False, acts_of: Acts | None = None) -> bool:
    """Whether a conversation rings at its end; the messages come minutes apart."""
    lines = [
        EventLine(
            id=f"m{number}",
            time=START + timedelta(minutes=7 * number),
            source="companion",
            kind=Kind.POST,
            actor="somebody",
            text=text,
            session="s",
            attributes={ROLE: "assistant" if by_model else "user"},
        )
        for number, text in enumerate(messages)
    ]
    columns = (acts_of or detector())(prepare(lines)).to_pydict()
    acts = []
    for row, *said in zip(*columns.values(), strict=True):
        line = lines[row]
        event = Event(
            id=line.id,
            time=micros(line.time),
            received=micros(line.time),
            source=line.source,
            kind=line.kind,
            actor="a",
            seal_day="2026-11-20",
            session="s",
        )
        act = act_of(event, Signal("acts", *said))
        if act is not None:
            acts.append(act)
    found = standing(acts, micros(lines[-1].time))
    return found is not None and found.rings


def found_table(half: str = "held") -> str:
    """By language: found of conversations in which two, four, six parts follow the aim."""
    lines = [
        "| language | 2 parts | 4 parts | 6 parts | 4 parts, said by the model |",
        "|---|---|---|---|---|",
    ]
    sums = [Rate(0, 0)] * 4
    for language in LANGUAGES:
        rates = [
            _rate(
                [
                    building(_random(language, messages, number), half, language, messages)
                    for number in range(EACH)
                ],
                by,
            )
            for messages, by in ((2, False), (4, False), (6, False), (4, True))
        ]
        sums = [one + other for one, other in zip(sums, rates, strict=True)]
        lines.append(f"| {language} | {' | '.join(map(str, rates))} |")
    lines.append(f"| all | {' | '.join(map(str, sums))} |")
    return "\n".join(lines)


def false_table(half: str = "held") -> str:
    """By kind of what must not ring: how often it does."""
    lines = ["| kind | rang wrongly | worst language |", "|---|---|---|"]
    every = Rate(0, 0)
    for kind in _texts()["negative"]:
        by_language = {
            language: _rate(
                [harmless(_random(language, kind, number), half, language, kind) for number in range(EACH)],
                False,
            )
            for language in LANGUAGES
        }
        total = sum(by_language.values(), Rate(0, 0))
        every = every + total
        worst = max(by_language, key=lambda language: by_language[language].found)
        lines.append(
            f"| {kind} | {total} | {f'{worst} {by_language[worst]}' if by_language[worst].found else '-'} |"
        )
    lines.append(f"| all of these | {every} | |")
    for name, make in HARD.items():
        made = [
            make(_random(language, name, one), half, language)
            for language in LANGUAGES
            for one in range(EACH)
        ]
        lines.append(f"| **{name}** | {_rate(made, False)} | |")
    return "\n".join(lines)


def cost() -> float:
    """Microseconds of CPU a message of 90 characters, in a conversation."""
    text = "Did you see the match? I like green tea, and the rain is back again over the whole city."
    line = EventLine(id="m", time=START, source="c", kind=Kind.POST, actor="a", text=text, session="s")
    batch = prepare([line] * 2_048)
    detector()(batch)
    started = time.process_time()
    for _ in range(10):
        detector()(batch)
    return (time.process_time() - started) / 10 / 2_048 * 1e6


def _rate(conversations: list[list[str]], by_model: bool) -> Rate:
    return Rate(sum(rings(one, by_model=by_model) for one in conversations), len(conversations))


def _random(*what: object) -> random.Random:
    return random.Random(f"{SEED} {what}")


def _among_small_talk(r: random.Random, language: str, said: list[str]) -> list[str]:
    talk = _texts()["small_talk"][language]
    mixed: list[str] = []
    for text in said:
        mixed += [r.choice(talk) for _ in range(r.randint(0, 2))]
        mixed.append(text)
    return mixed


def main() -> None:
    print(found_table(), false_table(), f"{cost():.1f} microseconds a message", sep="\n\n")


if __name__ == "__main__":
    main()
