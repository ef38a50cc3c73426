"""Disguises that are made for measuring: what people do to a phrase so that a machine does not find it."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from random import Random

from tests.wire.test_fold import LEET, LOOK_ALIKES
from tocsin.wire import han
from tocsin.wire.fold import fold
from tocsin.wire.loose import loose

INVISIBLE = "\u200b\u2060\ufeff\u00ad\u2063"
MARKS = "\u0300\u0301\u0316\u0323\u0332\u0336\u0337\u033f\u0489\u20dd"
ACCENTS = {"a": "áàâä", "e": "éèêë", "i": "íìîï", "o": "óòôö", "u": "úùûü", "c": "ç", "n": "ñ", "y": "ý"}
TO_LATIN = dict(zip("аеосрхуАВЕКМНОРСТХ", "aeocpxyABEKMHOPCTX", strict=True))
PLAIN_CYRILLIC = {"ө": "о", "ү": "у", "ё": "е", "й": "и"}
ALEFS = {"ا": "أإآ", "ي": "ى", "ة": "ه"}
VOWELS = "\u064b\u064e\u064f\u0650\u0651\u0652"
MONGOLIAN_TWINS = {"ᠣ": "ᠤ", "ᠤ": "ᠣ", "ᠥ": "ᠦ", "ᠦ": "ᠥ", "ᠳ": "ᠲ", "ᠲ": "ᠳ", "ᠭ": "ᠬ", "ᠬ": "ᠭ"}
GAPS = " *.·|、。🎉"

Disguise = Callable[[str, Random, float], str]


def _swapping(rows: Mapping[str, str]) -> Disguise:
    def disguise(text: str, rng: Random, share: float) -> str:
        return "".join(rng.choice(rows[c]) if c in rows and rng.random() < share else c for c in text)

    return disguise


def _adding(signs: str, least: int = 1, most: int = 1) -> Disguise:
    def disguise(text: str, rng: Random, share: float) -> str:
        return "".join(
            c + "".join(rng.choices(signs, k=rng.randint(least, most)))
            if c.isalpha() and rng.random() < share
            else c
            for c in text
        )

    return disguise


def _case(text: str, rng: Random, share: float) -> str:
    return "".join(c.swapcase() if rng.random() < share else c for c in text)


def _width(text: str, rng: Random, share: float) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and rng.random() < share else c for c in text)


def _mathematical(text: str, rng: Random, share: float) -> str:
    return "".join(
        chr(0x1D41A + ord(c) - ord("a")) if "a" <= c <= "z" and rng.random() < share else c for c in text
    )


def _bare(text: str, _rng: Random, _share: float) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _apart(text: str, rng: Random, share: float) -> str:
    """Some words of four letters and more, letter by letter."""
    gap = rng.choice(".-_*")
    return " ".join(
        gap.join(word) if len(word) >= 4 and word.isalpha() and rng.random() < share else word
        for word in text.split()
    )


@cache
def _shapes() -> dict[str, str]:
    shapes: dict[str, str] = defaultdict(str)
    for point in range(0xFE80, 0xFEFD):
        if len(base := unicodedata.normalize("NFKC", chr(point))) == 1:
            shapes[base] += chr(point)
    return shapes


def _shaped(text: str, rng: Random, share: float) -> str:
    return _swapping(_shapes())(text, rng, share)


@cache
def _twins() -> dict[str, str]:
    """Simplified character ↔ traditional ones."""
    twins: dict[str, str] = defaultdict(str)
    for traditional, simple in han.simplified().items():
        twins[simple] += traditional
        twins[traditional] += simple
    return twins


def _other_script(text: str, _rng: Random, _share: float) -> str:
    return "".join(_twins().get(c, c)[:1] for c in text)


@cache
def _parts() -> dict[str, list[str]]:
    parts: dict[str, list[str]] = defaultdict(list)
    for split, whole in han.splits().items():
        parts[whole].append(split)
    return parts


def splittable(char: str) -> bool:
    """Whether the table of splits has a character."""
    return loose(fold(char)) in _parts()


def _split(text: str, rng: Random, share: float) -> str:
    plain = loose(fold(text))
    return "".join(rng.choice(_parts()[c]) if c in _parts() and rng.random() < share else c for c in plain)


@cache
def _alike() -> dict[str, str]:
    """Character → those that sound like it, of the ones that simplified texts have."""
    by_sound: dict[str, str] = defaultdict(str)
    for point in range(0x4E00, 0x9FA6):
        char = chr(point)
        if han.is_sound(sound := han.sounds(char)) and char not in han.simplified():
            by_sound[sound] += char
    return {char: chars for chars in by_sound.values() for char in chars}


def _homophones(text: str, rng: Random, share: float) -> str:
    return _swapping(_alike())(loose(fold(text)), rng, share)


def _spelt(text: str, rng: Random, share: float) -> str:
    """Some characters as their sound in Latin letters."""
    spelling = {sign: syllable for syllable, sign in han.syllables().items()}
    return "".join(
        f" {spelling[sign]} " if (sign := han.sounds(c)) in spelling and rng.random() < share else c
        for c in loose(fold(text))
    )


_EVERYWHERE: dict[str, Disguise] = {"invisible characters": _adding(INVISIBLE)}
_CASED: dict[str, Disguise] = {"case": _case, "letters apart": _apart}
_LATIN: dict[str, Disguise] = {
    **_EVERYWHERE,
    **_CASED,
    "look-alikes": _swapping(LOOK_ALIKES),
    "full width": _width,
    "mathematical letters": _mathematical,
    "piled marks": _adding(MARKS, 2, 4),
    "digits for letters": _swapping(LEET),
    "accents put on": _swapping(ACCENTS),
    "accents left out": _bare,
}
_CYRILLIC: dict[str, Disguise] = {
    **_EVERYWHERE,
    **_CASED,
    "look-alikes": _swapping(TO_LATIN),
    "plainer letters": _swapping(PLAIN_CYRILLIC),
}
_CHINESE: dict[str, Disguise] = {
    **_EVERYWHERE,
    "gaps": _adding(GAPS),
    "the other script": _other_script,
    "split characters": _split,
    "homophones": _homophones,
    "sounds spelt": _spelt,
}
DISGUISES: dict[str, dict[str, Disguise]] = {
    "en": {name: make for name, make in _LATIN.items() if name != "accents left out"},
    "es": _LATIN,
    "fr": _LATIN,
    "ru": _CYRILLIC,
    "mn": _CYRILLIC,
    "mn-Mong": {
        **_EVERYWHERE,
        "selectors": _adding("\u180b\u180c\u180d"),
        "letters alike": _swapping(MONGOLIAN_TWINS),
    },
    "ar": {
        **_EVERYWHERE,
        "lengthening": _adding("ـ", 1, 3),
        "vowel signs": _adding(VOWELS),
        "presentation forms": _shaped,
        "other forms of letters": _swapping(ALEFS),
        "letters apart": _apart,
    },
    "zh": _CHINESE,
    "zh-Hant": _CHINESE,
}
"""Language of a pack → its disguises, by name."""

FOLDED = (
    "look-alikes",
    "full width",
    "mathematical letters",
    "case",
    "invisible characters",
    "piled marks",
    "digits for letters",
)
"""Disguises of Latin letters that folding itself undoes; the others are undone by the loose form alone."""
