"""Phrases of packs, found in every form of a text: folded, genuine, loose, split characters joined, and by sound."""

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tocsin.screen.batch import findings, strings
from tocsin.screen.words import Flags, Texts, Words
from tocsin.taxonomy.packs import Pack, PackLevel, spaceless
from tocsin.wire import han, leet
from tocsin.wire.fold import fold, genuine
from tocsin.wire.loose import is_gap, loose

STRENGTH = {PackLevel.WARN: 1.0, PackLevel.NOTE: 0.2}
"""`correlate` makes warnings of the strong ones; a note is only remembered of the account."""

MIN_SOUNDS = 6
"""Han characters in a phrase that is also found by sound. Of phrases of six taken from genuine Chinese, .8 % sound like
something else that is written there; of four, 6 % (docs/languages.md)."""

SOUND_STRENGTH = STRENGTH[PackLevel.NOTE]
"""What was heard and not read is a note, however loud the pack."""

_GAP, _SIGN, _IN_WORD = 1, 2, 4


def _kinds() -> Flags:
    """What each byte of a folded text is to `wire.loose`."""
    kinds = np.zeros(256, np.uint8)
    for char in map(chr, range(0x80)):
        in_word = char.isalnum() or char == "_"
        kinds[ord(char)] = _GAP * is_gap(char) | _SIGN * leet.has_signs(char) | _IN_WORD * in_word
    return kinds


_KINDS = _kinds()


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
        texts = Texts(batch.column("folded"))
        stands, forms = self._read.rows(texts), _Forms(batch, texts)
        folded, plain = strings(batch, "folded"), strings(batch, "genuine")
        for row in sorted(stands | forms.others):
            read = self._read.search(folded[row]) if row in stands else set[int]()
            heard = set[int]()
            if row in forms.others:
                open_form = loose(folded[row], apart=row in forms.apart, disguised=row in forms.disguised)
                heard = self._further(read, folded[row], plain[row], open_form)
            rows.extend((row, *self._rules[hit]) for hit in sorted(read))
            for hit in sorted(heard - read):
                version, category, strength, evidence = self._rules[hit]
                rows.append((row, version, category, min(strength, SOUND_STRENGTH), f"{evidence}/sound"))
        return findings(rows)

    def _further(self, read: set[int], folded: str, plain: str, open_form: str) -> set[int]:
        """Adds the phrases that are read in a form other than the folded; returns those that are heard."""
        if plain != folded:
            read |= self._read.search(plain)
        if open_form != folded:
            read |= self._read.search(open_form)
        if not han.has_han(open_form):
            return set()
        whole = han.joined(open_form)
        if whole != open_form:
            read |= self._read.search(whole)
        return self._heard.search(han.sounds(whole)) if self._heard.any else set()


def _sounds(phrase: str) -> tuple[str, ...]:
    """How a phrase sounds, where it is Chinese and long enough."""
    form = loose(fold(phrase))
    heard = han.sounds(form)
    return (heard,) if len(heard) >= MIN_SOUNDS and all(map(han.is_sound, heard)) else ()


class _Forms:
    """Which texts of a batch may be read otherwise than folded, told by their bytes.

    `apart`: letters may be set apart; `disguised`: folding found a disguise; `others` holds the first, and whatever has
    a genuine or may have a loose form of its own.
    """

    def __init__(self, batch: pa.RecordBatch, texts: Texts) -> None:
        kinds = texts.flags(_KINDS)
        gaps, in_words = (kinds & _GAP) != 0, (kinds & _IN_WORD) != 0
        apart = _other_letters(texts)
        apart[:-4] |= gaps[:-4] & in_words[1:-3] & gaps[2:-2] & in_words[3:-1] & gaps[4:]
        differ = pc.not_equal(batch.column("folded"), batch.column("genuine")).to_numpy(zero_copy_only=False)
        self.apart = texts.rows(apart)
        self.disguised = set(np.flatnonzero(batch.column("repairs").to_numpy() > 0).tolist())
        self.others = self.apart | texts.rows((kinds & _SIGN) != 0) | set(np.flatnonzero(differ).tolist())


def _other_letters(texts: Texts) -> NDArray[np.bool_]:
    """Bytes beyond ASCII, but for dashes and quotation marks (U+2010 to U+201F): `wire.loose` leaves those alone."""
    data = np.frombuffer(texts.data, np.uint8)
    beyond = data >= 0x80
    signs = np.flatnonzero((data[:-2] == 0xE2) & (data[1:-1] == 0x80) & (data[2:] & 0xF0 == 0x90))
    for byte in range(3):
        beyond[signs + byte] = False
    return beyond


class _Automaton:
    """Finds forms of numbered phrases; a phrase without forms is never found."""

    def __init__(self, forms: Iterable[tuple[str, ...]]) -> None:
        owners: dict[str, list[int]] = {}
        for number, group in enumerate(forms):
            for form in dict.fromkeys(group):
                owners.setdefault(form, []).append(number)
        self._owners = list(owners.values())
        self._words = Words(owners)

    @property
    def any(self) -> bool:
        """Whether there is anything to find."""
        return bool(self._words)

    def rows(self, texts: Texts) -> set[int]:
        """Rows in which a form stands, be it within a word."""
        return set(self._words.by_row(texts))

    def search(self, text: str) -> set[int]:
        """Numbers of the phrases in a text, whole words only where the script has spaces."""
        hits: set[int] = set()
        for number, start, end in self._words.within(text):
            if _boundary(text, start - 1, start) and _boundary(text, end - 1, end):
                hits.update(self._owners[number])
        return hits


def _boundary(text: str, left: int, right: int) -> bool:
    """Whether a word may end between two neighbouring positions."""
    if left < 0 or right >= len(text):
        return True
    before, after = text[left], text[right]
    return not (before.isalnum() and after.isalnum()) or spaceless(before) or spaceless(after)
