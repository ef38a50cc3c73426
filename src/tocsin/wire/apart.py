"""What is put between the letters of a word: stretching and joiners in Arabic, signs in Chinese. A part of folding.

Enters: text that folding has composed (`wire.fold`). Leaves: the text without them, and how many of them nobody
writes without a purpose. Undoing is one thing, evidence another: people stretch a heading, set the characters of a
title apart and put a dot into a foreign name, so that is undone at most where it is thick, and never counted.
"""

import re
from collections import Counter

from tocsin.wire.leet import Folded

__all__ = ["close", "has_han", "reads_as_arabic", "unstretch"]

LEAST_STRETCHED = 3
"""Stretched words from which stretching is undone: one is a word called out, or a slip of the keyboard."""

LEAST_GAPS = 6
GAP_SHARE = 16
"""Gaps between Han characters are closed from so many, where there is one for so many characters at most."""

LEAST_KINDS = 3
LEAST_OF_A_KIND = 2
"""Different signs that stand between the characters of one text, each so often, before they are a disguise. Menus,
names, emphasis, titles and masked names keep to one sign; who hides words from a machine by a program changes it."""

_STRETCH = "\u0640"
_LETTER = "\u0620-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9"
_MARK = "\u064b-\u065f\u0670"
_STRETCHED = re.compile(f"(?<=[{_LETTER}{_MARK}]){_STRETCH}+(?=[{_LETTER}])")
_STRETCHING = re.compile(f"(?<=\\w){_STRETCH}+(?![{_MARK}])|{_STRETCH}+(?=[^\\W{_STRETCH}])")
"""A stretch that carries a mark is spelling: the Quran is written so."""

_WORD = re.compile(f"[{_LETTER}{_MARK}{_STRETCH}]+")
_UNJOINED = re.compile(f"[ءآأؤإاةدذرزوى][{_MARK}]*{_STRETCH}+[{_LETTER}]")
"""After these letters nothing is joined that could be stretched: no writer, typesetter or font puts it there."""

_ARABIC_ALONE = re.compile("[ةإ]")
_NOT_ARABIC = re.compile(
    "[\u0620\u063b-\u063f\u066e\u066f\u0671-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9]"
)

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_ANY_HAN = re.compile(f"[{_HAN}]")
_BEYOND = re.compile("[\u3400-\U0003ffff]")  # one span: several times as quick to tell that there is none

_SIGN = "[ .*·•・|_~^+]{1,3}"
_HIDING = frozenset("*_^")
"""Signs that alone are enough: the others part sentences, names, the words of a menu, what is added up."""

_GAP = re.compile(f"(?<=[{_HAN}]){_SIGN}(?=[{_HAN}])")
_SPELT = re.compile(f"(?<![A-Za-z0-9])[A-Za-z0-9](?:{_SIGN}[A-Za-z0-9]){{2,}}(?![A-Za-z0-9])")
_SIGNS = re.compile(_SIGN)


def has_han(text: str) -> bool:
    """Whether any Han character is in a text."""
    return _BEYOND.search(text) is not None and _ANY_HAN.search(text) is not None


def reads_as_arabic(text: str) -> bool:
    """Whether a text in Arabic letters is Arabic itself, in which joiners spell nothing as they do in Persian or Urdu.

    It has a letter that those hardly write, and none that only others do.
    """
    return _ARABIC_ALONE.search(text) is not None and _NOT_ARABIC.search(text) is None


def unstretch(text: str) -> Folded:
    """Take the lengthening out of Arabic words where it is thick; words count that it cannot have stretched."""
    if _STRETCH not in text:
        return Folded(text, 0)
    stretched = [word for word in _WORD.findall(text) if _STRETCHED.search(word)]
    if len(stretched) < LEAST_STRETCHED:
        return Folded(text, 0)
    return Folded(_STRETCHING.sub("", text), sum(_UNJOINED.search(word) is not None for word in stretched))


def close(text: str) -> Folded:
    """Take out what stands between Han characters where it is thick; signs count where they are of many kinds."""
    if not has_han(text):
        return Folded(text, 0)
    gaps: list[str] = _GAP.findall(text)
    if len(gaps) < LEAST_GAPS or GAP_SHARE * len(gaps) < len(_ANY_HAN.findall(text)):
        return Folded(text, 0)
    signs = Counter(sign[0] for gap in gaps if (sign := gap.strip()))
    mixed = sum(number >= LEAST_OF_A_KIND for number in signs.values()) >= LEAST_KINDS
    if not mixed and sum(signs[sign] for sign in _HIDING) < LEAST_GAPS:
        return Folded(text, 0)
    text = _SPELT.sub(lambda match: _SIGNS.sub("", match.group()), _GAP.sub("", text))
    return Folded(text, signs.total() if mixed else 0)
