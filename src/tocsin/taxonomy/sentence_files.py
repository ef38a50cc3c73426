"""Sentences that a room keeps as data beside its code: by id, in English and Chinese, in groups that the room names.

Enters: the room's own YAML. Leaves: sentences by id, and one said with its values. Refuses: an id that is given twice.
"""

from collections.abc import Callable, Mapping
from importlib.resources.abc import Traversable

import msgspec

from tocsin.taxonomy.messages import filled, in_language


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`{name}` takes a value, `{name:percent}` a share of one."""

    id: str
    en: str
    zh: str


class SentenceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A room adds its groups to it, each a tuple of sentences."""

    version: int


def read_sentences(folder: Traversable, name: str, kind: type[SentenceFile]) -> Mapping[str, Sentence]:
    """Every sentence of a file by its id. Raises ValueError when one is given twice."""
    file = msgspec.yaml.decode(folder.joinpath(name).read_bytes(), type=kind)
    found: dict[str, Sentence] = {}
    groups = [getattr(file, group) for group in file.__struct_fields__]
    for one in (one for group in groups if isinstance(group, tuple) for one in group):
        if one.id in found:
            raise ValueError(f"the sentence {one.id} is given twice; rename one")
        found[one.id] = one
    return found


def say(
    known: Mapping[str, Sentence],
    sentence_id: str,
    values: Mapping[str, str | int | float] | None = None,
    language: str = "en",
    *,
    otherwise: str = "",
    translate: Callable[[str], str] = str,
    number: Callable[[float], str] = "{:,}".format,
) -> str:
    """A sentence of `known` with its values. An own rule's, which is not there, is said by `otherwise`, or by its id.

    A value that is a word of ours has it under "place.value"; in Chinese `NAME_zh` is taken before `NAME`.
    """
    if sentence_id not in known:
        return otherwise or sentence_id
    given = dict(values or {})
    if language.startswith("zh"):
        given |= {name.removesuffix("_zh"): value for name, value in given.items() if name.endswith("_zh")}

    def word(place: str, value: str) -> str | None:
        found = known.get(f"{place}.{value}")
        return None if found is None else in_language(found.en, found.zh, language, translate)

    text = in_language(known[sentence_id].en, known[sentence_id].zh, language, translate)
    return filled(text, given, word=word, number=number, percent="{:.1%}".format)
