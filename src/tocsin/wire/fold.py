"""Folding: one form for a text and for its disguises, so that copies match. Docs: docs/fingerprints.md.

It sits in `wire` because a fingerprint is taken from the folded text: two nodes that fold differently cannot
compare. What it undoes: case, width and compatibility forms (NFKC), invisible characters, look-alike letters,
piled-up marks, digits standing for letters. What it leaves alone: every word written in one script. Look-alikes
are mapped only inside words of mixed script, towards the alphabet in which the whole word can be read; where
several would do, that of the text.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from tocsin.wire.leet import Folded, leet

__all__ = ["MAX_MARKS", "MAX_PASSES", "Folded", "fold", "fold_counting", "forms", "genuine", "undisguised"]

MAX_PASSES = 6
"""Folding runs until nothing changes, so that it is idempotent; two passes do for nearly every text."""

MAX_MARKS = 8
"""Marks in a row that any script needs (Tibetan stacks, pointed Hebrew): the rest is a pile."""


_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
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
_MONGOLIAN = re.compile("[\u1820-\u18af]")
_SELECTOR = re.compile("[\u180b-\u180f]")
_PILE = re.compile(f"([{_MARKS}])[{_MARKS}]+")
_STAND_INS = frozenset("\u0501\u051b\u051d\u04cf\u04c0\u0475\u03f2\u03f3\u050c\u0500\u051a\u051c")
"""Letters that look Latin and that few living languages write: `ԁ`, `ԛ`, `ԝ`, `ӏ` and the like."""

_OVERLAY = re.compile("[\u0305\u0332-\u0338\u033f\u0347\u0353\u035b-\u0362\u0488\u0489\u20d0-\u20ff]")
_HEAP = re.compile(f"([A-Za-z\u00c0-\u024f\u1e00-\u1eff])[{_MARKS}]{{2,}}")
_ANY_MARK = re.compile(f"[{_MARKS}]")


class _Table(NamedTuple):
    scripts: dict[str, str]
    """Letter → name of its alphabet, for the alphabets that are mistaken for each other."""
    towards: dict[str, dict[int, str]]
    look_alikes: frozenset[str]
    """Latin letters that only stand in for plain ones."""
    word: re.Pattern[str]
    marked_latin: re.Pattern[str]
    foreign: frozenset[str]
    """Letters of the other alphabets, look-alikes and strays: without any of them nothing can be mixed."""
    marks: frozenset[str]


def _chars(spans: list[str]) -> list[str]:
    found: list[str] = []
    for span in spans:
        first, _, last = span.partition("-")
        found.extend(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return found


def _as_class(spans: list[str]) -> str:
    return "".join(
        f"{re.escape(chr(int(a, 16)))}-{re.escape(chr(int(b, 16)))}" for a, b in (s.split("-") for s in spans)
    )


@cache
def _table() -> _Table:
    scripts: dict[str, str] = {}
    towards: dict[str, dict[int, str]] = {"Latin": {}, "Cyrillic": {}, "Greek": {}}
    family, latin = "", ""
    source = resources.files("tocsin.wire").joinpath("confusables.txt").read_text(encoding="utf-8")
    for line in source.splitlines():
        kind, _, rest = line.partition(" ")
        fields = rest.split(" ")
        if kind == "script":
            scripts.update(dict.fromkeys(_chars(fields[1:]), fields[0]))
            family += _as_class(fields[1:])
            latin = latin or _as_class(fields[1:])
        elif kind == "to" and len(fields[1]) == 1:
            towards[fields[0].title()].update((int(point, 16), fields[1]) for point in fields[2:])
    for rows in towards.values():
        # Folding lowers case after mapping: what has no row of its own takes the row of its other case.
        for point in list(rows):
            for other in (chr(point).lower(), chr(point).upper()):
                if len(other) == 1 and ord(other) not in rows and not other.isascii():
                    rows[ord(other)] = rows[point]
    look_alikes = frozenset(chr(p) for p in towards["Latin"] if scripts.get(chr(p)) == "Latin")
    stray = re.escape("".join(sorted(chr(p) for p in towards["Latin"] if p > 0x7F and chr(p) not in scripts)))
    word = re.compile(f"[{family}](?:[{family}{_MARKS}0-9]|[{stray}]+(?=[{family}]))*")
    foreign = (
        {char for char, name in scripts.items() if name != "Latin"}
        | look_alikes
        | set(map(chr, towards["Latin"]))
    )
    marks = {
        chr(point) for point in range(0x300, 0x11A00) if unicodedata.category(chr(point)) in ("Mn", "Me")
    }
    marked_latin = re.compile(f"[{latin}{_MARKS}]*[{latin}][{_MARKS}]+")
    return _Table(scripts, towards, look_alikes, word, marked_latin, frozenset(foreign), frozenset(marks))


def fold(text: str) -> str:
    """The folded form of a text: idempotent, and the input of every fingerprint."""
    return fold_counting(text).text


def fold_counting(text: str) -> Folded:
    """As `fold`, with the number of words that were in disguise."""
    return _folded(_ascii(text), leet) if text.isascii() else _folded(text, _pass)


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
    return digits.translate(_table().towards["Latin"]).lower()


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
    text = unicodedata.normalize("NFKC", text).replace(
        "İ", "I"
    )  # Turkish: its case fold would be two characters
    if _INVISIBLE.search(text):
        text, found = _strip_invisible(text)
        repairs += found
    if text.isascii():
        folded = leet(_plain(text))
        return Folded(folded.text, repairs + folded.repairs)
    text, found = _unpile(text)
    repairs += found
    text, found = _unmix(text)
    repairs += found
    text = text.casefold()
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    text, found = leet(text)
    return Folded(text, repairs + found)


def _unheap(text: str) -> Folded:
    """Take heaps of marks off Latin letters before they compose, so that a letter keeps an accent of its own."""
    if not _ANY_MARK.search(text):
        return Folded(text, 0)
    heaps = 0

    def bare(match: re.Match[str]) -> str:
        nonlocal heaps
        composed = unicodedata.normalize("NFC", match.group())
        if len(composed) == 1:
            return composed
        heaps += 1
        return match.group(1)

    return Folded(_HEAP.sub(bare, text), heaps)


def _strip_invisible(text: str) -> Folded:
    """Drop what cannot be seen, but for joiners where they spell; a gap inside a Latin word is a disguise."""
    repairs = 0

    def strip(match: re.Match[str]) -> str:
        nonlocal repairs
        start, end = match.span()
        before, run, after = text[start - 1 : start], match.group(), text[end : end + 1]
        kept = ""
        if (selector := _SELECTOR.search(run)) and _MONGOLIAN.match(before):
            kept += selector.group()
        if (joiner := _JOINER.search(run)) and _JOINED.match(before) and _JOINED.match(after):
            kept += joiner.group()
        if not kept and before.isalpha() and after.isalpha() and before < "\u0250" and after < "\u0250":
            repairs += run != "\xad" * len(run)
        return kept

    return Folded(_INVISIBLE.sub(strip, text), repairs)


def _unpile(text: str) -> Folded:
    """Take off overlays and piles of marks. Latin words that carry uncomposed marks lose all of theirs."""
    table = _table()
    present = table.marks.intersection(text)
    if not present:
        return Folded(text, 0)
    text = _long_marks().sub(r"\1", text)
    if not any(_ANY_MARK.match(mark) for mark in present):
        return Folded(text, 0)
    text, overlays = _OVERLAY.subn("", text)
    text, piles = _PILE.subn("", text)
    text = unicodedata.normalize("NFC", text)
    repairs = overlays + piles
    if _ANY_MARK.search(text):
        left = len(table.marked_latin.findall(text))
        if left:
            repairs += left
            text = table.word.sub(lambda m: _bare(m.group(), table), text)
    elif repairs:
        text = table.word.sub(lambda m: _bare(m.group(), table), text)
    return Folded(text, repairs)


def _bare(word: str, table: _Table) -> str:
    if any(table.scripts.get(c) not in (None, "Latin") for c in word):
        return word
    return unicodedata.normalize("NFC", _ANY_MARK.sub("", unicodedata.normalize("NFD", word)))


@cache
def _long_marks() -> re.Pattern[str]:
    marks = re.escape("".join(sorted(_table().marks)))
    return re.compile(f"([{marks}]{{{MAX_MARKS}}})[{marks}]+")


def _unmix(text: str) -> Folded:
    """Map look-alikes inside words of mixed script, towards the script in which the word can be read."""
    table = _table()
    scripts = table.scripts
    present = set(text)
    if table.foreign.isdisjoint(present):
        return Folded(text, 0)
    names = set(map(scripts.get, present)) - {None}
    if len(names) < 2 and "Latin" not in names:
        return Folded(text, 0)
    words = table.word.findall(text)
    if not any(_mixed(word) for word in words):
        return Folded(text, 0)
    home = _home(words, table)
    repairs = 0

    def repair(match: re.Match[str]) -> str:
        nonlocal repairs
        word = match.group()
        if not _mixed(word):
            return word
        readings = _readings(word)
        name = home if home in readings or not readings else readings[0]
        if "Latin" in readings and _patched(word):
            name = "Latin"
        mapped = word.translate(table.towards[name])
        repairs += mapped != word
        return mapped

    text = table.word.sub(repair, text)
    if (
        repairs
        and home == "Latin"
        and not any(_readings(word) in (("Cyrillic",), ("Greek",)) for word in words)
    ):
        text = _unmix_short(text, table)
    return Folded(text, repairs)


@lru_cache(maxsize=16_384)
def _mixed(word: str) -> bool:
    """Whether a word has letters of two alphabets, a stray in its middle, or stand-ins for plain letters."""
    if word.isascii():
        return False
    table = _table()
    names = {
        table.scripts.get(char)
        for char in word
        if char.isalpha() or (char not in table.marks and char > "\x7f")
    }
    return len(names) > 1 or ("Latin" in names and not table.look_alikes.isdisjoint(word))


@lru_cache(maxsize=16_384)
def _readings(word: str) -> tuple[str, ...]:
    """Alphabets in which every letter of a word is, or has a look-alike."""
    table = _table()
    return tuple(
        name
        for name, rows in table.towards.items()
        if all(table.scripts.get(char, name) == name or ord(char) in rows for char in word)
    )


@lru_cache(maxsize=16_384)
def _patched(word: str) -> bool:
    """Whether a word is put together from two other alphabets, or has letters that mostly stand in for Latin."""
    names = {name for char in word if (name := _table().scripts.get(char)) not in (None, "Latin")}
    return len(names) > 1 or not _STAND_INS.isdisjoint(word)


def _home(words: list[str], table: _Table) -> str:
    """The alphabet of a text: that of most of the words that can be read in one alphabet only."""
    votes = Counter(
        "Latin" if "Latin" in readings and _patched(word) else readings[0]
        for word in words
        if len(readings := _readings(word)) == 1 or _patched(word)
        if readings
    )
    if not votes:
        votes = Counter(
            name for word in words for char in word if (name := table.scripts.get(char)) in table.towards
        )
    most = max(votes.values(), default=0)
    return next((name for name in table.towards if votes[name] == most), "Latin")


def _unmix_short(text: str, table: _Table) -> str:
    """Words made of look-alikes only (`а`, `со`) are Latin in a Latin text in disguise without foreign words."""
    latin = table.towards["Latin"]

    def repair(match: re.Match[str]) -> str:
        word = match.group()
        return word.translate(latin) if all(ord(char) in latin for char in word) else word

    return table.word.sub(repair, text)
