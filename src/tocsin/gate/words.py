"""The gate's sentences: why a rule leaves no more, what would change it, what a tier asks. Data, in two languages."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources

from tocsin.taxonomy.sentence_files import Sentence, SentenceFile, read_sentences, say

FILE = "sentences.yaml"


class _File(SentenceFile, frozen=True, forbid_unknown_fields=True):
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
    return read_sentences(resources.files("tocsin.gate"), FILE, _File)


def said(
    sentence_id: str,
    values: Mapping[str, str | int | float] | None = None,
    language: str = "en",
    *,
    otherwise: str = "",
    translate: Callable[[str], str] = str,
) -> str:
    """A sentence with its values. One that is not known (an own policy's) is said by `otherwise`, or by its id."""
    return say(sentences(), sentence_id, values, language, otherwise=otherwise, translate=translate)
