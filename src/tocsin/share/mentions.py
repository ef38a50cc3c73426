"""What a value mentions: every STIX id in any of its strings, in whatever disguise a text can hold one.

An id counts in any case of letters, in full-width or look-alike letters, with any kind of dash, with invisible
characters inside; and a bare UUID counts as the id it is the end of. What encodes an id (base64, another alphabet
of one's own) is beyond any look at the text.
"""

import re
from collections.abc import Iterator, Set
from itertools import chain
from typing import Any

from tocsin.wire.fold import undisguised
from tocsin.wire.stix.ids import type_of

UUID_DIGITS = 32
"""No shorter string can hold an id."""

_UUID = re.compile(
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])(?<!ps_)[0-9a-f]{32}(?![0-9a-f])"
)
"""A pseudonym (`ps_`) is no id: it stops the release instead."""
_SIGNATURE = re.compile("[A-Za-z0-9+/]{342}==").fullmatch
"""A fingerprint's 256 bytes: checked by its own schema, and by far the longest string there is."""

_TYPE_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"


def ids_in(text: str) -> tuple[str, ...]:
    """The STIX ids that a text mentions, in lower case; `--uuid` for one whose type it does not say."""
    if len(text) < UUID_DIGITS:
        return ()
    if type_of(text) is not None:
        return (text,)
    if _SIGNATURE(text):
        return ()
    return tuple(_search(undisguised(text)))


def _search(text: str) -> Iterator[str]:
    for found in _UUID.finditer(text):
        digits = found[0].replace("-", "")
        uuid = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
        before = text[: found.start()]
        if before.endswith("--"):
            named = before[:-2]
            yield f"{named[len(named.rstrip(_TYPE_LETTERS)) :]}--{uuid}"
        else:
            yield f"--{uuid}"


class Mentions:
    """What strings mention, each distinct string looked at once."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._naming: dict[str, tuple[str, ...]] = {}
        self._namers: set[str] = set()

    def in_strings(self, texts: Set[str]) -> frozenset[str]:
        """The STIX ids that any of some strings mentions."""
        for text in texts - self._seen:
            self._seen.add(text)
            if ids := ids_in(text):
                self._naming[text] = ids
                self._namers.add(text)
        naming = texts & self._namers
        return frozenset(chain.from_iterable(map(self._naming.__getitem__, naming)))

    def of(self, value: Any) -> frozenset[str]:
        """The STIX ids that any string in a value mentions, keys included."""
        return self.in_strings(strings_of(value))


def strings_of(value: Any) -> set[str]:
    """Every distinct string in a decoded value, keys included. As deep as decoding went, so recursion has a bound."""
    found: set[str] = set()
    _gather(value, found)
    return found


def _gather(value: Any, into: set[str]) -> None:
    if value.__class__ is str:
        into.add(value)
    elif value.__class__ is dict:
        into.update(value)
        for inner in value.values():
            kind = inner.__class__
            if kind is str:
                into.add(inner)
            elif kind is dict or kind is list:
                _gather(inner, into)
    elif value.__class__ is list:
        for inner in value:
            if inner.__class__ is str:
                into.add(inner)
            else:
                _gather(inner, into)


def all_known(named: Set[str], known: Set[str]) -> bool:
    """Whether every id is one of `known`; one without its type, whether it is the end of one of them."""
    return named <= known or all(
        one in known or (one.startswith("--") and _ends_one(one, known)) for one in named
    )


def _ends_one(uuid: str, known: Set[str]) -> bool:
    return any(other.endswith(uuid) for other in known)
