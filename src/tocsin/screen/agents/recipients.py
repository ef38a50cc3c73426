"""Whom and what a text names so exactly that a call can be seen to take it up: addresses, hosts, accounts, tools.

Enters: folded text. Leaves: the names in it, and short marks of them. A mark tells equal names of one session apart
from others by 16 bits of a hash: enough to see that a call took up what a page asked for, too little to find an address
by.
"""

import re
from typing import NamedTuple

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

_DIGITS = re.compile(r"\d{4}|0x")
_TOOLS = re.compile(r"(?<!\w)([a-z]{2,20}(?:_[a-z0-9]{1,20}){1,4})\b")


class Name(NamedTuple):
    """A name and where it stands."""

    name: str
    start: int
    end: int


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
    if "_" in folded:
        _add(found, _TOOLS, folded)
    return tuple(found.values())


def _add(found: dict[str, Name], pattern: re.Pattern[str], folded: str) -> None:
    for match in pattern.finditer(folded):
        if len(found) >= MOST:
            return
        name = match[1]
        if name[0].isdigit() and "@" not in name:
            name = name.replace(" ", "").replace("-", "")
        found.setdefault(name, Name(name, match.start(1), match.end(1)))
