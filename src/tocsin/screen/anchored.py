"""Word patterns that begin with literals: the literals are looked for in one pass, the rest only right behind a hit.

So a long text costs little, whatever the number of patterns. The words are data (YAML beside their detector).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from tocsin.screen.words import Words
from tocsin.taxonomy.packs import spaceless

REACH = 400
"""Characters behind a literal that its pattern may see: bounds the work of one hit."""


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
        for number, start, end in self._words.within(folded):
            first = folded[start]
            if start and first.isalnum() and folded[start - 1].isalnum() and not spaceless(first):
                continue
            for pattern, kind in self._follow[number]:
                if pattern.match(folded, end, end + REACH):
                    yield Hit(kind, start, end)
