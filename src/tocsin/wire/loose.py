"""The loose form: where a known phrase is looked for besides the folded and the genuine form. Docs: docs/languages.md.

It undoes what folding must leave alone, for genuine writing has it too: accents left out or put on, letters set apart,
any digit in a word, Arabic vowel signs and lengthening, spellings of Mongolian that look alike, traditional
characters, gaps in Chinese.
It is never shown, stored or shared, and no fingerprint is taken from it.
"""

import re
import unicodedata
from functools import cache

from tocsin.wire import han, leet

MIN_APART = 4
"""Single letters in a row that are a word set apart; three are initials."""

_APART = re.compile(
    rf"(?<!\w)(?:[^\W\d_](?P<gap>[ .\-_*·|/,]))(?:[^\W\d_](?P=gap)){{{MIN_APART - 2},}}[^\W\d_](?!\w)"
)
_PERHAPS_APART = re.compile(r"[ .\-_*·|/,]\w[ .\-_*·|/,]\w[ .\-_*·|/,]")  # quick, and in every text set apart
_GAPS = re.compile(r"[ .\-_*·|/,]")
_ACCENTED = (range(0xC0, 0x250), range(0x370, 0x530), range(0x1E00, 0x2000))
_ALONE = {"ө": "о", "ү": "у", "ұ": "у", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
"""Letters that a keyboard without them is made to write so."""

_ARABIC = {
    **dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": "", "\u200c": "", "\u200d": "",
    **dict.fromkeys(map(chr, (*range(0x610, 0x61B), *range(0x64B, 0x660), 0x670, *range(0x6D6, 0x6EE))), ""),
}  # fmt: skip
_MONGOLIAN = {
    **dict.fromkeys(map(chr, range(0x180B, 0x1810)), ""),  # selectors, and the vowel separator
    "ᠣ": "ᠤ", "ᠥ": "ᠦ", "ᠳ": "ᠲ", "ᠭ": "ᠬ",  # written alike, so typed for one another
}  # fmt: skip


@cache
def _table() -> han.Points:
    rows = dict(han.simplified())
    for char in (chr(point) for block in _ACCENTED for point in block):
        bare = "".join(c for c in unicodedata.normalize("NFD", char) if not unicodedata.combining(c))
        if len(bare) == 1:
            rows[char] = bare
    rows.update(dict.fromkeys(map(chr, range(0x300, 0x370)), ""))
    return han.points({**rows, **_ALONE, **_ARABIC, **_MONGOLIAN})


def is_gap(char: str) -> bool:
    """Whether letters that are set apart may have this between them."""
    return _GAPS.fullmatch(char) is not None


def loose(folded: str, *, apart: bool = True) -> str:
    """The loose form of a folded text; a plain text is mostly its own. `apart` says that letters may be set apart."""
    text = folded
    if not text.isascii():
        text = han.read_by(_table(), text)
        if han.has_han(text):
            text = han.closed(text)
    if leet.has_signs(text):
        text = leet.every_word(text)
    if apart and _PERHAPS_APART.search(text) is not None:
        text = _APART.sub(lambda match: _GAPS.sub("", match.group()), text)
    return text
