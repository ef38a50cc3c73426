"""Chinese in disguise: traditional characters, gaps, split characters, homophones. Docs: docs/languages.md.

Enters: folded text. Leaves: forms in which a known phrase is looked for, never a fingerprint, and never the form that
stands for the text: they read wrongly now and then, which is harmless only beside the form as written.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_HAN = re.compile(f"[{HAN}]")
_GAP = re.compile(f"(?<=[{HAN}])[\\W_]+(?=[{HAN}])")

MAX_SPELT = 24
"""Letters of sounds in a row that are read as Chinese: four or five characters; more is a word of another language."""

_LATIN = rf"[a-z]{{1,{MAX_SPELT}}}(?:[\W_]{{1,3}}[a-z]{{1,{MAX_SPELT}}}){{0,5}}"
_SPELT = re.compile(
    f"(?<=[{HAN}])[\\W_]{{0,3}}{_LATIN}[\\W_]{{0,3}}|(?<![a-z]){_LATIN}[\\W_]{{0,3}}(?=[{HAN}])"
)
"""Bounded in every part: a long text in Latin letters beside one Han character is no work."""

_LONGEST_SYLLABLE = 6
_LETTER = re.compile("[a-z]")
_WORD = re.compile("[a-z]+")
_FIRST_SOUND = 0xE000
"""Sounds stand as characters for private use, so that places in a text stay places."""

_POINTS = 0x30000
"""Code points that a table covers: three planes, in which every letter lies that a table changes."""

Points = NDArray[np.uint32]
"""For each code point the one that it is read as; 0 for none."""


class _Tables(NamedTuple):
    simplified: dict[str, str]
    only_simplified: frozenset[str]
    only_traditional: frozenset[str]
    splits: dict[str, str]
    parts: Any
    """An automaton that finds the keys of `splits`, longest first."""
    wholes: list[str]
    sounds: Points
    syllables: dict[str, str]


def _rows(name: str) -> list[tuple[str, str]]:
    text = resources.files("tocsin.wire").joinpath(name).read_text(encoding="utf-8")
    lines = (line.partition(" ") for line in text.splitlines() if not line.startswith("#"))
    return [(key, rest) for key, _, rest in lines]


@cache
def _tables() -> _Tables:
    simplified: dict[str, str] = {}
    only_simplified: set[str] = set()
    for form, chars in _rows("han_simplified.txt"):
        simplified.update(dict.fromkeys(chars, form[0]))
        if not form.endswith("="):
            only_simplified.add(form)
    splits: dict[str, str] = {}
    for key, rest in _rows("han_splits.txt"):
        if key.startswith("="):
            splits.setdefault(rest, key[1:])
        else:
            for pair in rest.split(" "):
                for left in key.rstrip(":"):
                    splits.setdefault(left + pair[0], pair[1])
    sounds: dict[str, str] = {}
    syllables: dict[str, str] = {}
    for at, (syllable, chars) in enumerate(_rows("han_readings.txt"), _FIRST_SOUND):
        syllables[syllable] = chr(at)
        sounds.update(dict.fromkeys(chars, chr(at)))
    return _Tables(
        simplified=simplified,
        only_simplified=frozenset(only_simplified - simplified.keys()),
        only_traditional=frozenset(simplified.keys() - only_simplified),
        splits=splits,
        parts=ahocorasick_rs.AhoCorasick(list(splits), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest),
        wholes=list(splits.values()),
        sounds=points(sounds),
        syllables=syllables,
    )


def points(rows: Mapping[str, str]) -> Points:
    """A table that reads each character as another, or as nothing where that is empty."""
    table = np.arange(_POINTS, dtype=np.uint32)
    for char, form in rows.items():
        table[ord(char)] = ord(form or "\0")
    return table


def read_by(table: Points, text: str) -> str:
    """A text as a table reads it: several times as fast as `str.translate` where most letters are not ASCII."""
    said = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    known = said < _POINTS
    read = table[said] if known.all() else np.where(known, table[np.where(known, said, 0)], said)
    return (read if read.all() else read[read != 0]).tobytes().decode("utf-32-le")


def has_han(text: str) -> bool:
    """Whether any Han character is in a text."""
    return not text.isascii() and _HAN.search(text) is not None


def simplified() -> Mapping[str, str]:
    """Traditional character → simplified one."""
    return _tables().simplified


def splits() -> Mapping[str, str]:
    """Parts side by side → the character that they make."""
    return _tables().splits


def syllables() -> Mapping[str, str]:
    """Syllable without tone → its sign in `sounds`."""
    return _tables().syllables


def script(text: str) -> str | None:
    """`Hans` or `Hant`, by the characters that only one of them writes; None where those are even."""
    tables = _tables()
    chars = set(text)
    told = len(chars & tables.only_traditional) - len(chars & tables.only_simplified)
    return None if not told else "Hant" if told > 0 else "Hans"


def closed(text: str) -> str:
    """A text without what was put between two Han characters: spaces, punctuation, signs."""
    return _GAP.sub("", text)


def joined(text: str) -> str:
    """A closed, simplified text in which parts that stand side by side are one character (`弓虽` → `强`)."""
    tables = _tables()
    found: list[tuple[int, int, int]] = tables.parts.find_matches_as_indexes(text)
    if not found:
        return text
    out: list[str] = []
    at = 0
    for number, start, end in found:
        out += (text[at:start], tables.wholes[number])
        at = end
    out.append(text[at:])
    return "".join(out)


def sounds(text: str) -> str:
    """A closed, simplified text as it sounds: one sign a syllable, tones left out; sounds spelt beside it too."""
    if _LETTER.search(text) is not None:
        text = _SPELT.sub(_heard, text)
    return read_by(_tables().sounds, text)


def is_sound(char: str) -> bool:
    """Whether a character is a sign of `sounds`."""
    return 0 <= ord(char) - _FIRST_SOUND < len(_tables().syllables)


def _heard(match: re.Match[str]) -> str:
    words = _WORD.findall(match.group())
    heard = [_spelt(word) for word in words]
    return "".join(heard) if all(heard) else match.group()


@lru_cache(maxsize=4_096)
def _spelt(letters: str) -> str:
    """Letters as signs of the syllables that they spell, all of them, in the fewest; else nothing."""
    if len(letters) > MAX_SPELT:
        return ""
    syllables = _tables().syllables
    best: list[str | None] = [""]
    for end in range(1, len(letters) + 1):
        found = [
            before + sign
            for start in range(max(0, end - _LONGEST_SYLLABLE), end)
            if (before := best[start]) is not None and (sign := syllables.get(letters[start:end]))
        ]
        best.append(min(found, key=len, default=None))
    return best[-1] or ""
