"""The gate's sentences: why a rule leaves no more, what would change it, what a tier asks. Data, in two languages."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources

import msgspec

from tocsin.taxonomy.messages import in_language, plain

FILE = "sentences.yaml"
_PLACE = re.compile(r"\{(\w+)(?::(percent))?\}")


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`{name}` takes a value, `{name:percent}` a share of one."""

    id: str
    en: str
    zh: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    rules: tuple[Sentence, ...]
    """Why a rule leaves no more, and what was held ("held...")."""
    steps: tuple[Sentence, ...]
    """What could be brought."""
    answers: tuple[Sentence, ...]
    """Why a signed decision does not count."""
    tiers: tuple[Sentence, ...]
    conditions: tuple[Sentence, ...]
    words: tuple[Sentence, ...]
    """Values that are words of ours, as "place.value"."""


@cache
def sentences() -> Mapping[str, Sentence]:
    """Every sentence by its id. Raises ValueError when one is given twice."""
    data = resources.files("tocsin.gate").joinpath(FILE).read_bytes()
    file = msgspec.yaml.decode(data, type=_File)
    found: dict[str, Sentence] = {}
    for one in (*file.rules, *file.steps, *file.answers, *file.tiers, *file.conditions, *file.words):
        if one.id in found:
            raise ValueError(f"the sentence {one.id} is given twice; rename one")
        found[one.id] = one
    return found


def said(
    sentence_id: str,
    values: Mapping[str, str | int | float] | None = None,
    language: str = "en",
    *,
    otherwise: str = "",
    translate: Callable[[str], str] = str,
) -> str:
    """A sentence with its values. One that is not known (an own policy's) is said by `otherwise`, or by its id."""
    known = sentences().get(sentence_id)
    if known is None:
        return otherwise or sentence_id
    given = values or {}

    def fill(place: re.Match[str]) -> str:
        value = given.get(f"{place[1]}_zh") if language.startswith("zh") else None
        value = given.get(place[1]) if value is None else value
        if value is None:
            return place[0]
        if isinstance(value, str):
            word = sentences().get(f"{place[1]}.{value}")
            return in_language(word.en, word.zh, language, translate) if word else plain(value)
        return f"{value:.1%}" if place[2] else f"{value:,}"

    return _PLACE.sub(fill, in_language(known.en, known.zh, language, translate))
