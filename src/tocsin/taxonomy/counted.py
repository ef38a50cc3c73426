"""The cells of each list of counts: fixed and public, so that no cell's being there says anything of anybody."""

from functools import cache

from tocsin.kernel.counts import CountList
from tocsin.taxonomy.conduct import categories

LANGUAGES = (
    "ar", "bn", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "km", "ko",
    "mn", "ms", "my", "nl", "no", "pl", "pt", "ro", "ru", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi",
    "zh",
)  # fmt: skip
"""Primary subtags (BCP 47) that are counted apart: widely written ones, so that no cell is a small people's.

Every other tag, and none, is OTHER. A language is named here or not whatever a node has seen.
"""

OTHER = "other"
DAYS = 7


@cache
def cells(which: CountList) -> tuple[str, ...]:
    """What is counted in a list, in the order of its values."""
    conduct = tuple(entry.id for entry in categories())
    match which:
        case CountList.CATEGORIES:
            return conduct
        case CountList.LANGUAGES:
            return (*LANGUAGES, OTHER)
        case CountList.TRENDS:
            return tuple(f"{one}/{day}" for one in conduct for day in range(1, DAYS + 1))
