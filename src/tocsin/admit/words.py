"""The sentences of access: why a rule refuses, and what would change it. Data, in two languages."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec

from tocsin.taxonomy.messages import in_language, plain

FILE = "sentences.yaml"
_PLACE = re.compile(r"\{(\w+)\}")


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`{name}` takes a value."""

    id: str
    en: str
    zh: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    rules: tuple[Sentence, ...]
    changes: tuple[Sentence, ...]
    """What could be brought."""
    words: tuple[Sentence, ...]
    """Values that are words of ours, as "place.value"."""


@cache
def sentences() -> Mapping[str, Sentence]:
    """Every sentence by its id. Raises ValueError when one is given twice."""
    data = resources.files("tocsin.admit").joinpath(FILE).read_bytes()
    file = msgspec.yaml.decode(data, type=_File)
    found: dict[str, Sentence] = {}
    for one in (*file.rules, *file.changes, *file.words):
        if one.id in found:
            raise ValueError(f"the sentence {one.id} is given twice; rename one")
        found[one.id] = one
    return found


def said(
    sentence_id: str,
    values: Mapping[str, str | int] | None = None,
    language: str = "en",
    *,
    otherwise: str = "",
) -> str:
    """A sentence with its values. One that is not known (an own rule's) is said by `otherwise`, or by its id."""
    known = sentences().get(sentence_id)
    if known is None:
        return otherwise or sentence_id
    given = values or {}

    def fill(place: re.Match[str]) -> str:
        value = given.get(place[1])
        if not isinstance(value, str):
            return place[0] if value is None else str(value)
        word = sentences().get(f"{place[1]}.{value}")
        return in_language(word.en, word.zh, language, str) if word else plain(value)

    return _PLACE.sub(fill, in_language(known.en, known.zh, language, str))
