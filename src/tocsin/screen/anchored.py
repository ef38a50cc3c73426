"""Word patterns that begin with literals: the literals are looked for in one pass, the rest only right behind a hit.

So a long text costs little, whatever the number of patterns. The words are data (YAML beside their detector).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from tocsin.screen.words import Span, Texts, Words
from tocsin.taxonomy.packs import spaceless

REACH = 400
"""Characters behind a literal that its pattern may see: bounds the work of one hit."""

_PROCLITICS = frozenset("\u0648\u0641\u0644\u0628\u0643")
"""Arabic writes "and", "so", "for", "by" and "like" onto the word that follows."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Literals that begin a pattern, and the regular expression that must follow right behind one of them."""

    starts: tuple[str, ...]
    then: str = ""


class Hit(NamedTuple):
    """A pattern of `kind` begins at `start`, its literal ends at `end`."""

    kind: str
    start: int
    end: int


class Anchored:
    """Compiled once; safe to use from several threads."""

    def __init__(self, kinds: Mapping[str, Sequence[Entry]]) -> None:
        follow: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        for kind, entries in kinds.items():
            for entry in entries:
                for literal in entry.starts:
                    follow.setdefault(literal, []).append((re.compile(entry.then), kind))
        self._follow = list(follow.values())
        self._words = Words(follow)

    def hits(self, folded: str) -> Iterator[Hit]:
        """Every kind at every literal, in the order of the text; words are whole where the script has spaces."""
        return self._at(folded, self._words.within(folded))

    def by_row(self, column: "pa.Array[Any]", most: int) -> Iterator[tuple[int, Iterator[Hit]]]:
        """`hits` in the first `most` characters of each text of a column that has a literal at all.

        The literals of the whole column are looked for in one pass, whose places hold where a character is a byte.
        """
        for row, places in self._words.by_row(Texts(column)).items():
            text: str = column[row].as_py()
            if text.isascii() and len(text) <= most:
                yield row, self._at(text, places)
            else:
                yield row, self.hits(text[:most])

    def _at(self, folded: str, places: Iterable[Span]) -> Iterator[Hit]:
        for number, start, end in places:
            if start and _within_a_word(folded, start):
                continue
            for pattern, kind in self._follow[number]:
                if pattern.match(folded, end, end + REACH):
                    yield Hit(kind, start, end)


def _within_a_word(folded: str, start: int) -> bool:
    """Whether a literal begins inside a word of a script with spaces; a proclitic before it is none of the word."""
    first, before = folded[start], folded[start - 1]
    if not (first.isalnum() and before.isalnum()) or spaceless(first):
        return False
    return before not in _PROCLITICS or (start > 1 and folded[start - 2].isalnum())
