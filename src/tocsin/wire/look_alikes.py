"""Look-alike letters: which alphabet a word is meant to be read in, and what stands in for letters of it.

Data in `confusables.txt`; a part of folding (`wire.fold`). Words in one script stay as they are.
"""

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from tocsin.wire.leet import Folded

MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
"""Combining marks, as they stand in a class of an expression."""

_SPELLING = frozenset(("028C", "027D", "0260", "1D7E", "1D10"))  # letters of Temne, Moro, Kpelle, Fur, Idoma
_STAND_INS = frozenset("\u0501\u051b\u051d\u04cf\u04c0\u0475\u03f2\u03f3\u050c\u0500\u051a\u051c")
"""Letters that look Latin and that few living languages write: `ԁ`, `ԛ`, `ԝ`, `ӏ` and the like."""


class Table(NamedTuple):
    """Alphabets that are mistaken for each other, and how."""

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
def letters() -> Table:
    """What is known of letters that are mistaken for each other; read once."""
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
            points = (int(point, 16) for point in fields[2:] if point not in _SPELLING)
            towards[fields[0].title()].update(dict.fromkeys(points, fields[1]))
    for rows in towards.values():
        # Folding lowers case after mapping: what has no row of its own takes the row of its other case.
        for point in list(rows):
            for other in (chr(point).lower(), chr(point).upper()):
                if len(other) == 1 and ord(other) not in rows and not other.isascii():
                    rows[ord(other)] = rows[point]
    look_alikes = frozenset(chr(p) for p in towards["Latin"] if scripts.get(chr(p)) == "Latin")
    stray = re.escape("".join(sorted(chr(p) for p in towards["Latin"] if p > 0x7F and chr(p) not in scripts)))
    word = re.compile(f"[{family}](?:[{family}{MARKS}0-9]|[{stray}]+(?=[{family}]))*")
    foreign = (
        {char for char, name in scripts.items() if name != "Latin"}
        | look_alikes
        | set(map(chr, towards["Latin"]))
    )
    marks = {
        chr(point) for point in range(0x300, 0x11A00) if unicodedata.category(chr(point)) in ("Mn", "Me")
    }
    marked_latin = re.compile(f"[{latin}{MARKS}]*[{latin}][{MARKS}]+")
    return Table(scripts, towards, look_alikes, word, marked_latin, frozenset(foreign), frozenset(marks))


def unmix(text: str) -> Folded:
    """Map look-alikes inside words of mixed script, towards the script in which the word can be read."""
    table = letters()
    scripts = table.scripts
    present = set(text)
    if table.foreign.isdisjoint(present):
        return Folded(text, 0)
    names = set(map(scripts.get, present)) - {None}
    if len(names) < 2 and "Latin" not in names:
        return _stood_in(text, present & scripts.keys(), table)
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


def _stood_in(text: str, letters: set[str], table: Table) -> Folded:
    """A text without one Latin letter is Latin if all its letters look so, and one of them hardly any language has."""
    latin = table.towards["Latin"]
    if _STAND_INS.isdisjoint(letters) or not all(ord(char) in latin for char in letters):
        return Folded(text, 0)
    return Folded(text.translate(latin), len(table.word.findall(text)))


@lru_cache(maxsize=16_384)
def _mixed(word: str) -> bool:
    """Whether a word has letters of two alphabets, a stray in its middle, or stand-ins for plain letters."""
    if word.isascii():
        return False
    table = letters()
    names = {
        table.scripts.get(char)
        for char in word
        if char.isalpha() or (char not in table.marks and char > "\x7f")
    }
    return len(names) > 1 or ("Latin" in names and not table.look_alikes.isdisjoint(word))


@lru_cache(maxsize=16_384)
def _readings(word: str) -> tuple[str, ...]:
    """Alphabets in which every letter of a word is, or has a look-alike."""
    table = letters()
    return tuple(
        name
        for name, rows in table.towards.items()
        if all(table.scripts.get(char, name) == name or ord(char) in rows for char in word)
    )


@lru_cache(maxsize=16_384)
def _patched(word: str) -> bool:
    """Whether a word is put together from two other alphabets, or has letters that mostly stand in for Latin."""
    names = {name for char in word if (name := letters().scripts.get(char)) not in (None, "Latin")}
    return len(names) > 1 or not _STAND_INS.isdisjoint(word)


def _home(words: list[str], table: Table) -> str:
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


def _unmix_short(text: str, table: Table) -> str:
    """Words made of look-alikes only (`а`, `со`) are Latin in a Latin text in disguise without foreign words."""
    latin = table.towards["Latin"]

    def repair(match: re.Match[str]) -> str:
        word = match.group()
        return word.translate(latin) if all(ord(char) in latin for char in word) else word

    return table.word.sub(repair, text)
