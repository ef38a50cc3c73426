"""How a copy is made to look different: words changed, letters disguised."""

import random
import re
from collections.abc import Callable, Mapping, Sequence

HOMOGLYPHS = str.maketrans("aceopxyiABCEHKMOPTX", "асеорхуіАВСЕНКМОРТХ")
"""Latin letters and the Cyrillic ones that look the same."""

LEET = str.maketrans("aeiostAEIOST", "431057431057")

ZERO_WIDTH = ("\u200b", "\u200c", "\u200d", "\u2060")

LATIN_FOR_CYRILLIC = str.maketrans("асеорхуАВСЕНКМОРТХ", "aceopxyABCEHKMOPTX")

TATWEEL = "\u0640"
"""Stretches an Arabic word and says nothing."""

PARTS = (" ", ".", "·", "*")
"""What is put between the characters of a word."""

HAN = re.compile(r"[\u4e00-\u9fff]")
ARABIC = re.compile(r"[\u0621-\u064a]")
CYRILLIC = re.compile(r"[\u0430-\u044f]")

_ASCII_FIRST, _ASCII_LAST, _FULL_WIDTH_SHIFT = 0x21, 0x7E, 0xFEE0


def change_words(
    words: Sequence[str],
    share: float,
    rng: random.Random,
    synonyms: Mapping[str, Sequence[str]],
    filler: Sequence[str],
) -> list[str]:
    """A copy of `words` in which about `share` of them are replaced, dropped, or get company."""
    changed: list[str] = []
    for word in words:
        if rng.random() >= share:
            changed.append(word)
            continue
        bare = word.strip(".,!?;:，。！？").casefold()
        roll = rng.random()
        if bare in synonyms and roll < 0.7:
            changed.append(word.casefold().replace(bare, rng.choice(synonyms[bare])))
        elif roll < 0.5:
            changed.append(rng.choice(filler))
        elif roll < 0.75:
            continue
        else:
            changed.extend((word, rng.choice(filler)))
    return changed


def _full_width(word: str) -> str:
    printable = range(_ASCII_FIRST, _ASCII_LAST + 1)
    return "".join(chr(ord(char) + _FULL_WIDTH_SHIFT) if ord(char) in printable else char for char in word)


def _look_alike(word: str, rng: random.Random) -> str:
    return "".join(char.translate(HOMOGLYPHS) if rng.random() < 0.5 else char for char in word)


def _zero_width(word: str, rng: random.Random) -> str:
    if len(word) < 2:
        return word
    cut = rng.randint(1, len(word) - 1)
    return word[:cut] + rng.choice(ZERO_WIDTH) + word[cut:]


def _reversed_look_alike(word: str, rng: random.Random) -> str:
    return "".join(char.translate(LATIN_FOR_CYRILLIC) if rng.random() < 0.5 else char for char in word)


def _tatweel(word: str, rng: random.Random) -> str:
    cut = rng.randint(1, len(word) - 1) if len(word) > 1 else 0
    return word[:cut] + TATWEEL * rng.randint(1, 3) + word[cut:] if cut else word


def _parted(word: str, rng: random.Random) -> str:
    return rng.choice(PARTS).join(word)


_MANNERS: Mapping[str, Callable[[str, random.Random], str]] = {
    "homoglyph": _look_alike,
    "zero-width": _zero_width,
    "leet": lambda word, _: word.translate(LEET),
    "full-width": lambda word, _: _full_width(word),
    "latin letters": _reversed_look_alike,
    "tatweel": _tatweel,
    "parted": _parted,
}


def manners_of(words: Sequence[str]) -> tuple[str, ...]:
    """The manners of disguise that the script of most letters allows."""
    text = "".join(words)
    if HAN.search(text):
        return ("zero-width", "parted")
    if ARABIC.search(text):
        return ("zero-width", "tatweel")
    if CYRILLIC.search(text):
        return ("zero-width", "latin letters")
    return ("homoglyph", "zero-width", "leet", "full-width")


def disguise_as(manner: str, words: Sequence[str], share: float, rng: random.Random) -> list[str]:
    """`words` with about `share` of them disguised in this manner."""
    hide = _MANNERS[manner]
    return [hide(word, rng) if rng.random() < share else word for word in words]


def disguise(words: Sequence[str], share: float, rng: random.Random) -> list[str]:
    """`words` with about `share` of them disguised in one manner, chosen once, as one tool would do it."""
    manner = rng.choice(("homoglyph", "zero-width", "leet", "full-width"))
    if any(HAN.search(word) for word in words):
        manner = "zero-width"
    return disguise_as(manner, words, share, rng)
