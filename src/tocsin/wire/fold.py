"""Folding: one form for a text and for its disguises, so that copies match. Docs: docs/fingerprints.md.

It sits in `wire` because a fingerprint is taken from the folded text: two nodes that fold differently cannot
compare. What it undoes: case, width and compatibility forms (NFKC), invisible characters, look-alike letters,
piled-up marks, digits standing for letters, and what is put between letters. What it leaves alone: every word that
some language spells so. Look-alikes are mapped only inside words of mixed script, towards the alphabet in which the
whole word can be read; where several would do, that of the text.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from tocsin.wire.apart import close, has_han, reads_as_arabic, unstretch
from tocsin.wire.leet import Folded, leet
from tocsin.wire.look_alikes import MARKS, Table, letters, unmix

__all__ = ["MAX_MARKS", "MAX_PASSES", "Folded", "fold", "fold_counting", "forms", "genuine", "undisguised"]

MAX_PASSES = 6
"""Folding runs until nothing changes, so that it is idempotent; two passes do for nearly every text."""

MAX_MARKS = 8
"""Marks in a row that any script needs (Tibetan stacks, pointed Hebrew): the rest is a pile."""

HAN_WORD = 2
"""Han characters of a word on average: of the gaps in them one in so many characters counts, as of words elsewhere."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\ud800-\udfff"
    "\U0001d173-\U0001d17a]+"
)
# Joiners are spelling in Arabic, Indic and Mongolian letters, and glue in emoji; Mongolian has selectors too.
_JOINED = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u18af\u2190-\u21ff\u2600-\u27bf"
    "\U0001f000-\U0001faff]"
)
_JOINER = re.compile("[\u200c\u200d]")
_VIRAMA = re.compile("[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca]")
_MONGOLIAN = re.compile("[\u1820-\u18af]")
_SELECTOR = re.compile("[\u180b-\u180f]")
_ARABIC = re.compile("[\u0620-\u064a]")
_OLD_CYRILLIC = re.compile("[\u0460-\u0489\ua640-\ua69f]")  # Church Slavonic spells with the joiner
_NO_DISGUISE = re.compile("\xad+|[\x80-\x9f]+|[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
"""Soft hyphens, quotation marks of a wrong code page, selectors that say which shape a Han character has."""

_PILE = re.compile(f"[{MARKS}]{{2,}}")
_SPELT = "\u0300-\u0304\u0306-\u0308\u030a\u030c\u030d\u0323-\u0325\u0327-\u0329\u0330\u0331\u0358"
"""Marks that languages write on letters with which they do not compose: Yoruba, Lingala, Navajo, Guaraní, Ticuna."""

_AS_SPELT = re.compile(f"[{_SPELT}]{{0,2}}")
_STRANGE = re.compile(f"(?=[{MARKS}])[^{_SPELT}]")
_OVERLAY = re.compile("[\u0305\u0332-\u0338\u033f\u0347\u0353\u035b-\u0362\u0488\u0489\u20d0-\u20ff]")
_HEAP = re.compile(f"([A-Za-z\u00c0-\u024f\u1e00-\u1eff])[{MARKS}]{{2,}}")
_ANY_MARK = re.compile(f"[{MARKS}]")
_UNUSUAL = re.compile("[^\n -~‘’“”„‚–—…•«»]")
"""Beyond ASCII as it is printed, and quotation marks, dashes and bullets, which disguise nothing."""


def fold(text: str) -> str:
    """The folded form of a text: idempotent, and the input of every fingerprint."""
    return fold_counting(text).text


def fold_counting(text: str) -> Folded:
    """As `fold`, with the number of words that were in disguise."""
    if text.isascii():
        return _folded(_ascii(text), leet)
    return _folded(text, _pass if _UNUSUAL.search(text) else _usual_pass)


def forms(text: str) -> tuple[Folded, str]:
    """`fold_counting` and `genuine` of a text: one string where they are equal, as in most texts in plain letters."""
    if not text.isascii():
        return fold_counting(text), genuine(text)
    plain = _even(text.replace("\n", " "))
    if plain is None:
        return fold_counting(text), genuine(text)
    return _folded(plain, leet), plain


def _folded(text: str, step: Callable[[str], Folded]) -> Folded:
    repairs = 0
    for _ in range(MAX_PASSES):
        before = text
        text, found = step(text)
        repairs += found
        if text == before or (not found and len(text) == len(before)):
            break
    return Folded(text, repairs)


def genuine(text: str) -> str:
    """The form beside the folded one: composed (NFC), case-folded, spaces run together; nothing undone."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).split())


_DASHES = re.compile("[\u2010-\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d]")


def undisguised(text: str) -> str:
    """A text as ASCII would spell it, where it can be: for finding a known word, never for a fingerprint.

    Unlike `fold` it reads every look-alike letter and every script's digits as Latin, and no digit as a letter.
    """
    if text.isascii():
        return text.lower()
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)))
    digits = "".join(
        str(unicodedata.digit(char)) if not char.isascii() and char.isdigit() else char for char in plain
    )
    return digits.translate(letters().towards["Latin"]).lower()


def _ascii(text: str) -> str:
    plain = _even(text.replace("\n", " "))
    return _plain(_INVISIBLE.sub("", text)) if plain is None else plain


def _even(text: str) -> str | None:
    """A printable ASCII text in lower case, its spaces run together; None for any other."""
    if not text.isprintable():
        return None
    lower = text.lower()
    # of what is printable only the space is white: mostly there is nothing to run together
    return lower if "  " not in lower and lower[:1] != " " != lower[-1:] else " ".join(lower.split())


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _pass(text: str) -> Folded:
    text, repairs = _unheap(text)
    heaps = repairs
    text = unicodedata.normalize("NFKC", text).replace("İ", "I")  # Turkish: it would fold to two characters
    if _INVISIBLE.search(text):
        text, found = _strip_invisible(text)
        repairs += found
    if text.isascii():
        text, found = leet(_plain(text))
        return Folded(text, repairs + found)
    for undo in (unstretch, close):
        text, found = undo(text)
        repairs += found
    text, found = _unpile(text, heaps)
    repairs += found
    text, found = unmix(text)
    repairs += found
    text = text.casefold()
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    text, found = leet(text)
    return Folded(text, repairs + found)


def _usual_pass(text: str) -> Folded:
    """`_pass` where nothing is unusual: no letter but ASCII, nothing invisible, no marks."""
    return leet(" ".join(unicodedata.normalize("NFKC", text).casefold().split()))


def _unheap(text: str) -> Folded:
    """Take heaps of marks off Latin letters before they compose, so that a letter keeps an accent of its own."""
    found = _HEAP.finditer(text) if _ANY_MARK.search(text) else ()
    composed = [unicodedata.normalize("NFC", heap.group()) for heap in found]
    if all(_as_spelt(one[1:]) for one in composed):
        return Folded(text, 0)

    def bare(match: re.Match[str]) -> str:
        whole = unicodedata.normalize("NFC", match.group())
        return whole if len(whole) == 1 else match.group(1)

    return Folded(_HEAP.sub(bare, text), sum(len(one) > 1 for one in composed))


def _strip_invisible(text: str) -> Folded:
    """Drop what cannot be seen, but for joiners where they spell; a gap inside a word that needs none is a disguise."""
    repairs, counted = 0, -HAN_WORD
    arabic = reads_as_arabic(text)
    old = _OLD_CYRILLIC.search(text) is not None

    def strip(match: re.Match[str]) -> str:
        nonlocal repairs, counted
        start, end = match.span()
        before, run, after = text[start - 1 : start], match.group(), text[end : end + 1]
        kept = ""
        if (selector := _SELECTOR.search(run)) and _MONGOLIAN.match(before):
            kept += selector.group()
        in_arabic = _ARABIC.match(before) and _ARABIC.match(after)
        spells = not (in_arabic and arabic) and _JOINED.match(before) and _JOINED.match(after)
        spells = spells or _VIRAMA.match(before)
        if (joiner := _JOINER.search(run)) and spells:
            kept += joiner.group()
        if kept or not (before.isalpha() and after.isalpha()) or _NO_DISGUISE.fullmatch(run):
            return kept
        if before < "\u0590" and after < "\u0590":
            repairs += before < "\u0250" or not (old and _JOINER.fullmatch(run))
        elif in_arabic:
            repairs += arabic
        elif has_han(before) and has_han(after) and start - counted >= HAN_WORD:
            counted = end
            repairs += 1
        return kept

    return Folded(_INVISIBLE.sub(strip, text), repairs)


def _as_spelt(marks: str) -> bool:
    """Whether a letter may carry these marks, besides those that it composed with, in some language's spelling."""
    return _AS_SPELT.fullmatch(marks) is not None and len(set(marks)) == len(marks)


def _unpile(text: str, heaps: int) -> Folded:
    """Take off overlays and piles of marks; where there are any, Latin words that carry loose marks lose all theirs."""
    table = letters()
    present = table.marks.intersection(text)
    if not present:
        return Folded(text, 0)
    text = _long_marks().sub(r"\1", text)
    if not any(_ANY_MARK.match(mark) for mark in present):
        return Folded(text, 0)
    text, overlays = _OVERLAY.subn("", text)
    piles = 0

    def flat(match: re.Match[str]) -> str:
        nonlocal piles
        spelt = _as_spelt(match.group())
        piles += not spelt
        return match.group() if spelt else ""

    text = unicodedata.normalize("NFC", _PILE.sub(flat, text))
    loose = table.marked_latin.findall(text)
    repairs = overlays + piles
    if repairs or (heaps and loose) or any(_STRANGE.search(word) for word in loose):
        repairs += len(loose)
        text = table.word.sub(lambda m: _bare(m.group(), table), text)
    return Folded(text, repairs)


def _bare(word: str, table: Table) -> str:
    if any(table.scripts.get(c) not in (None, "Latin") for c in word):
        return word
    return unicodedata.normalize("NFC", _ANY_MARK.sub("", unicodedata.normalize("NFD", word)))


@cache
def _long_marks() -> re.Pattern[str]:
    marks = re.escape("".join(sorted(letters().marks)))
    return re.compile(f"([{marks}]{{{MAX_MARKS}}})[{marks}]+")
