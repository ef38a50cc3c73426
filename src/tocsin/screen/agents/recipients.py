"""Whom and what a text names so exactly that a call can be seen to take it up: addresses, hosts, accounts, tools.

Enters: folded text. Leaves: the names in it, and short marks of them. A mark tells equal names of one session apart
from others by 16 bits of a hash: enough to see that a call took up what a page asked for, too little to find an address
by.
"""

import re
from string import ascii_lowercase
from typing import NamedTuple

import numpy as np

from tocsin.screen.words import Texts

MOST = 12
"""Names of one text that are marked, the first: a list of addresses is a list, and no recipient."""

_KINDS = (
    ("@", re.compile(r"(?<![\w.+-])([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})")),
    ("://", re.compile(r"://([\w-]{1,63}(?:\.[\w-]{1,63}){1,6})")),
)
"""What the text must hold, and the name: an e-mail address; the host of another."""

_ACCOUNT = re.compile(
    r"\b(0x[0-9a-f]{40}|[a-z]{2}\d{2}[a-z0-9]{11,30}|(?!(?:19|20)\d\d-\d\d)\d(?:[ -]?\d){8,21})\b"
)
"""A wallet, an account, a long number that is no date."""

_DIGITS = re.compile(r"\d(?:\d{3}|(?<=0)x)")
"""Four digits, or 0x: it begins with a digit, for a search by that is quick."""

LONGEST_PART = 20
"""Letters of one part of a tool's name."""

_TOOLS = re.compile(rf"(?<!\w)([a-z]{{2,{LONGEST_PART}}}+(?:_[a-z0-9]{{1,{LONGEST_PART}}}+){{1,4}}+)\b")

_OTHER_DIGITS = np.zeros(256, np.bool_)
_OTHER_DIGITS[[0xD9, 0xDB, 0xDF, 0xE0, 0xE1, 0xEA, 0xEF, 0xF0]] = True
"""The bytes that begin the digits of other scripts than Latin, in UTF-8."""


class Name(NamedTuple):
    """A name and where it stands."""

    name: str
    start: int
    end: int


def perhaps_recipients(texts: Texts) -> set[int]:
    """Rows of folded texts outside which `recipients_in` finds nothing, told by their bytes."""
    data = np.frombuffer(texts.data, np.uint8)
    hits = data == ord("@")
    hits[:-2] |= (data[:-2] == ord(":")) & (data[1:-1] == ord("/")) & (data[2:] == ord("/"))
    hits[:-1] |= (data[:-1] == ord("0")) & (data[1:] == ord("x"))
    digit = data - np.uint8(ord("0")) < 10
    hits[:-3] |= digit[:-3] & digit[1:-2] & digit[2:-1] & digit[3:]
    other = np.flatnonzero(data >= 0x80)
    hits[other] = _OTHER_DIGITS[data[other]]
    return texts.rows(hits)


def perhaps_tools(texts: Texts) -> set[int]:
    """Rows outside which `tools_in` finds nothing."""
    return texts.rows(np.frombuffer(texts.data, np.uint8) == ord("_"))


def recipients_in(folded: str) -> tuple[Name, ...]:
    """Addresses, hosts and accounts in a folded text, each once, at most MOST."""
    found: dict[str, Name] = {}
    for sign, pattern in _KINDS:
        if sign in folded:
            _add(found, pattern, folded)
    if _DIGITS.search(folded) is not None:
        _add(found, _ACCOUNT, folded)
    return tuple(found.values())


def tools_in(folded: str) -> tuple[Name, ...]:
    """Words written as tools are called: `send_money`."""
    found: dict[str, Name] = {}
    at = folded.find("_")
    while at >= 0 and len(found) < MOST:
        # what stands before the first low line of such a word is letters, and more letters than it may have are seen
        head = folded[max(0, at - LONGEST_PART - 1) : at]
        match = _TOOLS.match(folded, at - len(head) + len(head.rstrip(ascii_lowercase)))
        if match is not None:
            found.setdefault(match[1], Name(match[1], match.start(1), match.end(1)))
        at = folded.find("_", at + 1 if match is None else match.end())
    return tuple(found.values())


def _add(found: dict[str, Name], pattern: re.Pattern[str], folded: str) -> None:
    for match in pattern.finditer(folded):
        if len(found) >= MOST:
            return
        name = match[1]
        if name[0].isdigit() and "@" not in name:
            name = name.replace(" ", "").replace("-", "")
        found.setdefault(name, Name(name, match.start(1), match.end(1)))
