"""Digits and signs that stand for letters (`r3fund`), in Latin script: a part of folding (`wire.fold`)."""

import re
from typing import NamedTuple

LEET_EVIDENCE = 2
"""So many disguised words, one of them plainly, allow the short and doubtful ones of the text (`t0`) to be read too."""

LEET_DOUBTFUL = 3
LEET_SHARE = 3
"""So do so many doubtful ones, where at least one word in so many is: names like `mp3` are seldom so thick."""

MAX_WORD = 24
"""Characters in a word that may be one in disguise; more is an id."""


class Folded(NamedTuple):
    """The folded text, and how many words were in disguise (look-alikes, invisibles, piles, digits)."""

    text: str
    repairs: int


_LETTER = "a-z\u00df-\u00f6\u00f8-\u024f"
_SIGN = "013457@$!8"
_CHARS = re.compile(f"[{_SIGN}]")
_TRIGGER = re.compile(
    f"[{_SIGN}](?<=[{_LETTER}].)"
    f"(?:[{_SIGN}]?|(?<=[@$!])[{_SIGN}]{{0,3}}|[{_SIGN}]{{0,2}}[@$!][{_SIGN}]{{0,3}})[{_LETTER}]"
)
"""Between two letters one or two signs, or one of `@$!` with up to three signs on either side. It begins with the first
sign, for a search by that passes over a text without any at once."""

_TOKEN = re.compile(f"[{_LETTER}0-9@$!]+")
_FROM_SIGN = re.compile(f"[{_SIGN}9][{_LETTER}0-9@$!]*")
"""From the first character of a word that `_unleet` reads otherwise to the word's end."""

_IN_WORDS = frozenset(char for char in map(chr, range(0x250)) if _TOKEN.match(char))
_A_LETTER = re.compile(f"[{_LETTER}]")
_FOREIGN = re.compile(r"[269]|[0-9]{5}")
_SIGNED = re.compile(f"[{_LETTER}][0-9@$!]*[@$][0-9@$!]*[{_LETTER}]|[{_LETTER}]{{4}}\\$\\Z")
"""A sign in the middle of a word, or `$` at the end of a longer one than a currency's name."""

_NAMED = re.compile(f"[{_LETTER}]+[0-9]+\\Z|.{{1,2}}\\Z")
"""`mp3`, `utf8`: a name with a number, and what is too short to tell."""

_RUN = re.compile(r"[0-9]{3}")
_UNIT = re.compile(
    r"(?:[0-9]*(?:1st|2nd|3rd)|[0-9]+(?:th|am|pm|k|m|x|d|g|h|s|gb|mb|kb|kg|km|cm|mm|ms|px|gbp|usd|eur))\Z"
)
_ADDRESS = re.compile(
    r"(?<![^\s@])[^\s@]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+|(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://\S+|www\.\S+"
    r"|(?<![0-9a-f])[0-9a-f]{4,}(?:-[0-9a-f]{4,})+"
)
"""Each part begins where nothing of its own stands before it: so a long run is looked at once."""

_LETTERS = str.maketrans("0345789@$!", "oeastbgasi")
_ONE = re.compile(r"11|^1(?=[aeiou])")


def leet(text: str) -> Folded:
    """Read digits as letters in words that mix both in the way disguises do; numbers and addresses stay."""
    if not _CHARS.search(text) or not (_TRIGGER.search(text) or "$" in text):
        return Folded(text, 0)
    addresses = [match.span() for match in _ADDRESS.finditer(text)]
    tokens = [
        (match.span(), match.group())
        for match in _TOKEN.finditer(text)
        if _mixes(match.group()) and not any(a <= match.start() < b for a, b in addresses)
    ]
    plain = sum(_plainly_leet(token) for _, token in tokens)
    evident = plain >= LEET_EVIDENCE
    if not evident:
        doubtful = sum(not _NAMED.match(token) and _perhaps_leet(token, True) for _, token in tokens)
        thick = doubtful >= LEET_DOUBTFUL and LEET_SHARE * doubtful >= len(text.split())
        evident = thick or (plain > 0 and doubtful >= LEET_EVIDENCE)
    if not plain and not evident:
        return Folded(text, 0)
    parts: list[str] = []
    at = 0
    repairs = 0
    for (start, end), token in tokens:
        if _plainly_leet(token) or _perhaps_leet(token, evident):
            parts += (text[at:start], _unleet(token))
            at = end
            repairs += 1
    parts.append(text[at:])
    return Folded("".join(parts), repairs)


def every_word(text: str) -> str:
    """A text with each word of letters and digits read as letters alone: for finding known words, not for folding."""
    parts: list[str] = []
    at = 0
    for found in _FROM_SIGN.finditer(text):  # words without a sign are their own: most are never looked at
        start, end = found.span()
        while start > at and text[start - 1] in _IN_WORDS:
            start -= 1
        token = text[start:end]
        if _mixes(token):
            parts += (text[at:start], _unleet(token))
            at = end
    parts.append(text[at:])
    return "".join(parts)


def _mixes(token: str) -> bool:
    return not token.isalpha() and _A_LETTER.search(token) is not None


def has_signs(text: str) -> bool:
    """Whether a text has anything that may stand for a letter."""
    return _CHARS.search(text) is not None


def _plainly_leet(token: str) -> bool:
    """A word of four or more with a digit between its letters, and more letters than digits; or with a sign there."""
    if len(token) > MAX_WORD:
        return False
    if _SIGNED.search(token):
        return _perhaps_leet(token, True)
    return len(token) >= 4 and _TRIGGER.search(token) is not None and _perhaps_leet(token, False)


def _perhaps_leet(token: str, evident: bool) -> bool:
    """Whether a token of letters and digits may be a word; where disguise is evident, also a short one."""
    letters, digits = sum(map(str.isalpha, token)), len(_CHARS.findall(token))
    if evident and token == "1s":
        return True
    if not digits or len(token) > MAX_WORD or _FOREIGN.search(token) or _UNIT.match(token):
        return False
    if evident:
        return digits <= 4 * letters
    return letters >= 3 and digits <= letters and not _RUN.search(token)


def _unleet(token: str) -> str:
    body = token.rstrip("!")
    read = _ONE.sub(lambda m: "l" * len(m.group()), body).replace("1", "i").translate(_LETTERS)
    return read + token[len(body) :]
