"""The sentences of access: why a rule refuses, and what would change it. Data, in two languages."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

from tocsin.taxonomy.sentence_files import Sentence, SentenceFile, read_sentences, say

FILE = "sentences.yaml"


class _File(SentenceFile, frozen=True, forbid_unknown_fields=True):
    rules: tuple[Sentence, ...]
    changes: tuple[Sentence, ...]
    """What could be brought."""
    words: tuple[Sentence, ...]
    """Values that are words of ours, as "place.value"."""


@cache
def sentences() -> Mapping[str, Sentence]:
    """Every sentence by its id. Raises ValueError when one is given twice."""
    return read_sentences(resources.files("tocsin.admit"), FILE, _File)


def said(
    sentence_id: str,
    values: Mapping[str, str | int] | None = None,
    language: str = "en",
    *,
    otherwise: str = "",
) -> str:
    """A sentence with its values. One that is not known (an own rule's) is said by `otherwise`, or by its id."""
    return say(sentences(), sentence_id, values, language, otherwise=otherwise, number=str)
