"""Sentences: a kernel `Reason` by its code and numbers, said in a language.

The sentences are data (reasons.yaml). A code that is not there, or a value that a sentence lacks, is shown as it
is: a reader then sees that something is missing, and still what it was.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources

import msgspec

from tocsin.kernel import Reason
from tocsin.taxonomy.conduct import Category, Refused, category, refused_subject

MAX_VALUE_CHARS = 200
"""A value names a phrase, a peer or a number; anything longer is not a value but a text."""

_PLACE = re.compile(r"\{(\w+)(?::(percent))?\}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of the text around them (Unicode UAX 9)."""


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence. `{name}` takes a value, `{name:percent}` a share of one."""

    code: str
    en: str
    zh: str


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that is a word of the shared language."""

    id: str
    en: str
    zh: str


class _Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    statuses: tuple[Word, ...]


class _Sentences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    reasons: tuple[Sentence, ...]


@cache
def sentences() -> dict[str, Sentence]:
    """Every sentence by its code."""
    data = resources.files("tocsin.taxonomy").joinpath("reasons.yaml").read_bytes()
    return {entry.code: entry for entry in msgspec.yaml.decode(data, type=_Sentences).reasons}


@cache
def evidence_words() -> dict[str, Word]:
    """The words for each evidence status, by its id."""
    data = resources.files("tocsin.taxonomy").joinpath("evidence.yaml").read_bytes()
    return {entry.id: entry for entry in msgspec.yaml.decode(data, type=_Evidence).statuses}


def sentence(
    reason: Reason,
    language: str = "en",
    *,
    translate: Callable[[str], str] = str,
    number: Callable[[float], str] = "{:,}".format,
    percent: Callable[[float], str] = "{:.0%}".format,
) -> str:
    """`reason` in `language`. `translate` is asked where the data has English only; the others write numbers."""
    known = sentences().get(reason.code)
    if known is None:
        values = ", ".join(f"{plain(name)}={plain(value)}" for name, value in sorted(reason.values.items()))
        return f"{reason.code} ({values})" if values else reason.code

    def word(name: str, value: str) -> str | None:
        found = _word(name, value)
        return None if found is None else in_language(found.en, found.zh, language, translate)

    text = in_language(known.en, known.zh, language, translate)
    return filled(text, reason.values, word=word, number=number, percent=percent)


def filled(
    text: str,
    values: Mapping[str, str | int | float],
    *,
    word: Callable[[str, str], str | None] = lambda name, value: None,
    number: Callable[[float], str] = "{:,}".format,
    percent: Callable[[float], str] = "{:.0%}".format,
) -> str:
    """`text` with its values in their places; a place without one stays.

    `word` is asked by a place's name and a text for a word that we have for it, None for none.
    """

    def fill(place: re.Match[str]) -> str:
        value = values.get(place[1])
        if value is None:
            return place[0]
        if isinstance(value, str):
            said = word(place[1], value)
            return plain(value) if said is None else said
        return percent(value) if place[2] else number(value)

    return _PLACE.sub(fill, text)


def in_language(en: str, zh: str, language: str, translate: Callable[[str], str]) -> str:
    """What the data says, or what `translate` makes of the English."""
    if language.startswith("zh"):
        return zh
    return en if language.startswith("en") else translate(en)


def _word(name: str, value: str) -> Word | None:
    """A value that has a word of its own: ids are for machines."""
    known: Category | Refused | Word | None
    match name:
        case "category":
            known = category(value)
        case "subject":
            known = refused_subject(value)
        case "status":
            known = evidence_words().get(value)
        case _:
            known = None
    return None if known is None else Word(id=known.id, en=known.en, zh=known.zh)


def plain(value: str | float) -> str:
    """A value fit for a sentence: no control characters, no turns of direction, cut to MAX_VALUE_CHARS."""
    text = _CONTROL.sub("", str(value))
    return text if len(text) <= MAX_VALUE_CHARS else text[:MAX_VALUE_CHARS] + "…"
