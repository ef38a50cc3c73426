"""Phrases of packs, found in the folded and in the genuine form of a text, in one pass each."""

from collections.abc import Callable, Sequence

import ahocorasick_rs
import pyarrow as pa

from tocsin.screen.batch import findings, strings
from tocsin.taxonomy.packs import Pack, PackLevel, spaceless
from tocsin.wire.fold import fold, genuine

STRENGTH = {PackLevel.WARN: 1.0, PackLevel.NOTE: 0.2}
"""`correlate` makes warnings of the strong ones; a note is only remembered of the account."""


class PhraseSearch:
    """Compiled once for a set of packs (Aho-Corasick); safe to use from several threads."""

    name = "phrases"

    def __init__(self, packs: Sequence[Pack]) -> None:
        self._rules = [
            (str(pack.version), pack.category, STRENGTH[pack.level], f"{pack.id}/{language}/{number}")
            for pack in packs
            for language, phrases in pack.phrases.items()
            for number, _ in enumerate(phrases)
        ]
        phrases = [phrase for pack in packs for group in pack.phrases.values() for phrase in group]
        self._folded = _Automaton(phrases, fold)
        self._genuine = _Automaton(phrases, genuine)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One finding per text and phrase, whichever form it was found in."""
        rows: list[tuple[int, str, str, float, str]] = []
        forms = zip(strings(batch, "folded"), strings(batch, "genuine"), strict=True)
        for row, (folded, plain) in enumerate(forms):
            hits = self._folded.search(folded) | self._genuine.search(plain)
            rows.extend((row, *self._rules[hit]) for hit in sorted(hits))
        return findings(rows)


class _Automaton:
    def __init__(self, phrases: Sequence[str], form: Callable[[str], str]) -> None:
        self._owners: dict[str, list[int]] = {}
        for number, phrase in enumerate(phrases):
            self._owners.setdefault(form(phrase), []).append(number)
        self._phrases = list(self._owners)
        self._automaton = ahocorasick_rs.AhoCorasick(self._phrases) if self._phrases else None

    def search(self, text: str) -> set[int]:
        """Numbers of the phrases in a text, whole words only where the script has spaces."""
        hits: set[int] = set()
        if self._automaton is None:
            return hits
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if _boundary(text, start - 1, start) and _boundary(text, end - 1, end):
                hits.update(self._owners[self._phrases[number]])
        return hits


def _boundary(text: str, left: int, right: int) -> bool:
    """Whether a word may end between two neighbouring positions."""
    if left < 0 or right >= len(text):
        return True
    before, after = text[left], text[right]
    return not (before.isalnum() and after.isalnum()) or spaceless(before) or spaceless(after)
