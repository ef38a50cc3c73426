"""The language of a text, offline: by its script where one language writes it, else by CLD2. Docs: docs/languages.md.

Enters: folded text. Leaves: a BCP 47 tag, with the script where a language is written in two (`zh-Hans`, `mn-Mong`), or
None. Refuses to guess: a short text, an even mixture and a language that CLD2 is not sure of stay unknown.
"""

import re
from functools import cache, lru_cache
from typing import Any

from tocsin.wire import han

MAX_CHARS = 200
"""Characters looked at. Past 256 bytes CLD2 reads a text twice where it is unsure, telling little more."""

MAX_OTHER_CHARS = 120
"""The same where letters take two bytes and more."""

MIN_SHARE = 60
"""Per cent of a text that must be in one language; below it the text is mixed."""

_ONE_LANGUAGE = {
    "mn-Mong": "\u1800-\u18af",
    "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff",
    "el": "\u0370-\u03e1\u03f0-\u03ff\u1f00-\u1fff",
    "th": "\u0e00-\u0e7f",
    "ka": "\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f",
    "hy": "\u0530-\u058f",
    "km": "\u1780-\u17ff",
    "lo": "\u0e80-\u0eff",
    "my": "\u1000-\u109f",
}
"""Scripts that one language writes nearly alone: a text in them needs no guess."""

MIN_LETTERS = 2
"""Letters of such a script that tell its language."""

MIN_HAN = 6
"""Han characters without kana that are Chinese: so long a Japanese text has kana nearly always."""

MIN_CYRILLIC = 12
"""Cyrillic letters of which the ones that few languages write tell the language, where CLD2 is not sure."""

_SMALL_WORDS = {
    "en": "the and that for with this you are have not from they which would there their what when who will been were"
    " has your can but our his she should could these those if it than then into about",
    "es": "los las y más muy también pero hay cuando hasta donde con su sus nos les ese eso esa este esto"
    " porque desde sobre entre cada usted hacer tiene puede ser fue son",
    "fr": "et des est une dans pour avec pas plus cette sont nous vous elle du aux ont leur leurs mais où être cet ces"
    " je il ils qui sur votre notre fait peut sans sous chaque le les au ce",
}
"""Words that hold sentences together: in ordinary writing they tell three languages in a third of CLD2's time."""

MIN_SMALL_WORDS = 4
"""Different small words of one language that tell it, if no more than a third as many are of another."""

_LETTER = re.compile(r"[^\W\d_]")
_LATIN_LETTER = re.compile("[a-z\u00df-\u024f]")
_HAN_LETTER = re.compile(f"[{han.HAN}]")
_KANA_OR_HANGUL = re.compile("[\u3041-\u30ff\u1100-\u11ff\uac00-\ud7ff]")
_CYRILLIC_LETTER = re.compile("[\u0430-\u045f\u048a-\u052f]")
_RUSSIAN = re.compile("[ыэ]")
_MONGOLIAN = re.compile("[өү]")
_NEITHER = re.compile("[\u0450\u0452-\u045f\u048a-\u04ae\u04b0-\u04e7\u04ea-\u052f]")
"""Cyrillic letters that neither Russian nor Mongolian writes."""

_NO_INTERCHANGE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_TAG = re.compile(r"[a-z]{2,3}\Z")
_RENAMED = {"iw": "he", "in": "id", "jw": "jv", "no": "nb", "mo": "ro", "mn": "mn-Cyrl"}


@cache
def _by_script() -> list[tuple[re.Pattern[str], re.Pattern[str], str]]:
    """For each script: its first letter, a text of nothing else, the language."""
    return [
        (re.compile(f"[{chars}]"), re.compile(f"(?:[{chars}]|[\\W\\d_])*"), language)
        for language, chars in _ONE_LANGUAGE.items()
    ]


@cache
def _cld2() -> Any:
    """CLD2, where it is installed: there are no wheels of it for every machine (docs/languages.md)."""
    try:
        import pycld2  # its tables are 14 MB: not before the first text
    except ImportError:
        return None
    return pycld2


def language_of(folded: str) -> str | None:
    """The language of a folded text (BCP 47), None where it cannot be told."""
    text = folded[:MAX_CHARS]
    if text.isascii():
        return _by_words(text) or _guess(text)
    text = text[:MAX_OTHER_CHARS] if text[0] > "\u024f" else text
    first = _LETTER.search(text)
    if first is None:
        return None
    if first.group() >= "\u0370":
        for letter, alone, language in _by_script():
            if letter.match(first.group()):
                if alone.fullmatch(text):
                    return language if len(_LETTER.findall(text)) >= MIN_LETTERS else None
                break
    found = _chinese(text) or _by_words(text) or _guess(text) or _by_letters(text)
    return None if found == "ja" and not _KANA_OR_HANGUL.search(text) else found


@cache
def _small_words() -> tuple[frozenset[str], dict[str, str]]:
    """All of them, and the one language of the three that has each."""
    of = {word: language for language, words in _SMALL_WORDS.items() for word in words.split()}
    return frozenset(of), of


def _by_words(text: str) -> str | None:
    """English, Spanish or French, where small words of one of them abound and of the others do not."""
    words, of = _small_words()
    found = words.intersection(text.split())
    if len(found) < MIN_SMALL_WORDS:
        return None
    told = [of[word] for word in found]
    best = max(_SMALL_WORDS, key=told.count)
    most = told.count(best)
    return best if most >= MIN_SMALL_WORDS and most >= 3 * (len(told) - most) else None


def _guess(text: str) -> str | None:
    """What CLD2 is sure of; None without it."""
    cld2 = _cld2()
    if cld2 is None:
        return None
    try:
        reliable, _, found = cld2.detect(text, True)
    except cld2.error:  # characters that are not for interchange
        text = "".join(char for char in _NO_INTERCHANGE.sub(" ", text) if ord(char) & 0xFFFE != 0xFFFE)
        try:
            reliable, _, found = cld2.detect(text, True)
        except cld2.error:
            return None
    _, code, share, _ = found[0]
    return _known(code) if reliable and share >= MIN_SHARE else None


def _chinese(text: str) -> str | None:
    """Chinese, with its script where the characters tell it; None where the text is anything else."""
    chars = len(_HAN_LETTER.findall(text))
    if chars < MIN_HAN or _KANA_OR_HANGUL.search(text):
        return None
    if 2 * chars * (100 - MIN_SHARE) < len(_LATIN_LETTER.findall(text)) * MIN_SHARE:
        return None
    script = han.script(text)
    return f"zh-{script}" if script else "zh"


def _by_letters(text: str) -> str | None:
    """Russian and Mongolian by the letters that tell them from the other languages in Cyrillic."""
    letters = len(_CYRILLIC_LETTER.findall(text))
    if letters < MIN_CYRILLIC or _NEITHER.search(text):
        return None
    if letters * (100 - MIN_SHARE) < len(_LATIN_LETTER.findall(text)) * MIN_SHARE:
        return None
    return "mn-Cyrl" if _MONGOLIAN.search(text) else "ru" if _RUSSIAN.search(text) else None


@lru_cache(maxsize=512)
def _known(code: str) -> str | None:
    """A code of CLD2 as BCP 47; None for the ones that are not languages (`un`, `xx-Zinh`)."""
    if code.startswith("zh"):
        return code if code == "zh-Hant" else "zh"
    return _RENAMED.get(code, code) if _TAG.match(code) and code != "un" else None
