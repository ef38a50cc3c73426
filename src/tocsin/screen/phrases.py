"""Phrases of packs, found in every form of a text: folded, genuine, loose, split characters joined, and by sound."""

from collections.abc import Iterable, Sequence

import ahocorasick_rs
import pyarrow as pa

from tocsin.screen.batch import findings, strings
from tocsin.taxonomy.packs import Pack, PackLevel, spaceless
from tocsin.wire import han
from tocsin.wire.fold import fold, genuine
from tocsin.wire.loose import loose

STRENGTH = {PackLevel.WARN: 1.0, PackLevel.NOTE: 0.2}
"""`correlate` makes warnings of the strong ones; a note is only remembered of the account."""

MIN_SOUNDS = 6
"""Han characters in a phrase that is also found by sound. Of phrases of six taken from genuine Chinese, .8 % sound like
something else that is written there; of four, 6 % (docs/languages.md)."""

SOUND_STRENGTH = STRENGTH[PackLevel.NOTE]
"""What was heard and not read is a note, however loud the pack."""


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
        self._read = _Automaton((fold(phrase), genuine(phrase), loose(fold(phrase))) for phrase in phrases)
        self._heard = _Automaton(map(_sounds, phrases))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One finding per text and phrase, whichever form it was found in."""
        rows: list[tuple[int, str, str, float, str]] = []
        disguised: list[int] = batch.column("repairs").to_numpy().tolist()
        forms = zip(strings(batch, "folded"), strings(batch, "genuine"), disguised, strict=True)
        for row, (folded, plain, repairs) in enumerate(forms):
            read, heard = self._hits(folded, plain, disguised=repairs > 0)
            rows.extend((row, *self._rules[hit]) for hit in sorted(read))
            for hit in sorted(heard - read):
                version, category, strength, evidence = self._rules[hit]
                rows.append((row, version, category, min(strength, SOUND_STRENGTH), f"{evidence}/sound"))
        return findings(rows)

    def _hits(self, folded: str, plain: str, *, disguised: bool) -> tuple[set[int], set[int]]:
        """Phrases that were read in any form of a text, and those that were heard."""
        read = self._read.search(folded)
        if plain != folded:
            read |= self._read.search(plain)
        open_form = loose(folded, disguised=disguised)
        if open_form != folded:
            read |= self._read.search(open_form)
        if not han.has_han(open_form):
            return read, set()
        whole = han.joined(open_form)
        if whole != open_form:
            read |= self._read.search(whole)
        return read, self._heard.search(han.sounds(whole)) if self._heard.any else set()


def _sounds(phrase: str) -> tuple[str, ...]:
    """How a phrase sounds, where it is Chinese and long enough."""
    form = loose(fold(phrase))
    heard = han.sounds(form)
    return (heard,) if len(heard) >= MIN_SOUNDS and all(map(han.is_sound, heard)) else ()


class _Automaton:
    """Finds forms of numbered phrases; a phrase without forms is never found."""

    def __init__(self, forms: Iterable[tuple[str, ...]]) -> None:
        owners: dict[str, list[int]] = {}
        for number, group in enumerate(forms):
            for form in dict.fromkeys(group):
                owners.setdefault(form, []).append(number)
        self._owners = list(owners.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(owners)) if owners else None

    @property
    def any(self) -> bool:
        """Whether there is anything to find."""
        return self._automaton is not None

    def search(self, text: str) -> set[int]:
        """Numbers of the phrases in a text, whole words only where the script has spaces."""
        hits: set[int] = set()
        if self._automaton is None:
            return hits
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if _boundary(text, start - 1, start) and _boundary(text, end - 1, end):
                hits.update(self._owners[number])
        return hits


def _boundary(text: str, left: int, right: int) -> bool:
    """Whether a word may end between two neighbouring positions."""
    if left < 0 or right >= len(text):
        return True
    before, after = text[left], text[right]
    return not (before.isalnum() and after.isalnum()) or spaceless(before) or spaceless(after)
