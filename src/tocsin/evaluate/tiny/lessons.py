"""What a tiny model is taught and what it can say: words.yaml, laid out as prompts with a topic, a language, a wish."""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import cycle

import msgspec

ASKED_AGAIN = 5
"""The few whole questions weigh as much as the many that are composed; questions that ask for a fraud stand once."""

TOPICS = ("money", "things", "writing", "everyday")


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language's part of words.yaml."""

    openers: tuple[str, ...]
    frauds: tuple[str, ...]
    warnings: tuple[str, ...]
    tricks: tuple[str, ...]
    notices: tuple[str, ...]
    acts: tuple[str, ...]
    restricted: tuple[str, ...]
    allowed: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    harmless: tuple[str, ...]
    everyday: tuple[str, ...]
    refusals: tuple[str, ...]
    answers: dict[str, str]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    languages: dict[str, Words]


class Lesson(msgspec.Struct, frozen=True):
    """One prompt to learn from."""

    prompt: str
    topic: str
    language: str
    refuse: bool


@cache
def words() -> dict[str, Words]:
    """By language, in the order of the head's rows."""
    data = resources.files("tocsin.evaluate.tiny").joinpath("words.yaml").read_bytes()
    return msgspec.yaml.decode(data, type=_File).languages


def lessons() -> Iterator[Lesson]:
    """Every prompt, in a fixed order."""
    for language, said in words().items():
        join = "" if language == "zh" else " "
        for opener in said.openers:
            for text in said.frauds:
                yield Lesson(f"{opener}{join}{text}.", "money", language, True)
            for text in said.harmless:
                yield Lesson(f"{opener}{join}{text}.", "writing", language, False)
        yield from _questions(language, said)
        facts = cycle(said.facts)
        for act in said.acts:
            for frame in said.restricted:
                fact, _ask = next(facts)
                yield Lesson(_framed(frame, act, fact, ""), "things", language, True)
            for frame in (*said.allowed, *said.allowed):
                yield Lesson(_framed(frame, act, *next(facts)), "things", language, False)


def _questions(language: str, said: Words) -> Iterator[Lesson]:
    for text in said.tricks:
        yield Lesson(text, "money", language, True)
    for _ in range(ASKED_AGAIN):
        for text in said.warnings:
            yield Lesson(text, "money", language, False)
        for text in said.notices:
            yield Lesson(text, "writing", language, False)
        for text in said.everyday:
            yield Lesson(text, "everyday", language, False)


def _framed(frame: str, act: str, fact: str, ask: str) -> str:
    return frame.replace("{act}", act).replace("{fact}", fact).replace("{ask}", ask)
