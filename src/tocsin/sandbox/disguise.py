"""How a copy is made to look different: words changed, letters disguised."""

import random
import re
from collections.abc import Mapping, Sequence

HOMOGLYPHS = str.maketrans("aceopxyiABCEHKMOPTX", "асеорхуіАВСЕНКМОРТХ")
"""Latin letters and the Cyrillic ones that look the same."""

LEET = str.maketrans("aeiostAEIOST", "431057431057")

ZERO_WIDTH = ("\u200b", "\u200c", "\u200d", "\u2060")

HAN = re.compile(r"[\u4e00-\u9fff]")

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


def disguise(words: Sequence[str], share: float, rng: random.Random) -> list[str]:
    """`words` with about `share` of them disguised in one manner, chosen once, as one tool would do it."""
    manner = rng.choice(("homoglyph", "zero-width", "leet", "full-width"))
    if any(HAN.search(word) for word in words):
        manner = "zero-width"
    disguised: list[str] = []
    for word in words:
        if rng.random() >= share:
            disguised.append(word)
        elif manner == "homoglyph":
            disguised.append(_look_alike(word, rng))
        elif manner == "zero-width":
            disguised.append(_zero_width(word, rng))
        elif manner == "leet":
            disguised.append(word.translate(LEET))
        else:
            disguised.append(_full_width(word))
    return disguised
