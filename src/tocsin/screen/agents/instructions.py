"""Instruction-like content: words that speak to a model and tell it what to do, in seven languages.

The words are data (instructions.yaml). Their first literals are looked for in one pass, and the rest of a pattern is
tried only right behind a hit, so that a long page costs little. A text that quotes such words or teaches about them
loses weight: a page about prompt injection is not one.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec

from tocsin.screen.anchored import Anchored, Entry
from tocsin.wire.fold import fold_counting

FOUND = 0.7
"""From here up a text counts as instructions: to drop the model's own suffices, of the rest two agree, or three."""

AROUND = 200
"""Characters around a hit in which words are looked for that quote or teach: a sentence or two."""

MAX_ENCODED = 8
"""Base64 runs of one text that are decoded: a page of images has hundreds, and an instruction needs one."""

QUOTED = 0.4
DISGUISED_WORDS = 3

WEIGHTS = {
    "override": 0.7,
    "conceal": 0.5,
    "markup": 0.4,
    "hidden": 0.4,
    "address": 0.3,
    "command": 0.3,
    "persist": 0.4,
}
"""By kind: dropping earlier instructions; hiding something from the person; a chat template's own marks; letters that a
person does not see; speaking to a machine; telling it to use a tool or send something; telling it to keep to that.
"""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,4096}={0,2}")
_OPENING, _CLOSING = "\u201c\u2018\u00ab\u201e\u300c'", "\u201d\u2019\u00bb\u201c\u300d'"
"""Of quotations. The straight double mark is not one: in the JSON that tools return it stands around everything."""

_TAGS = re.compile("[\U000e0020-\U000e007e]{8,}")


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    quoting: tuple[str, ...]
    kinds: dict[str, tuple[Entry, ...]]


@cache
def _reader() -> tuple[Anchored, re.Pattern[str]]:
    """The words, and what quotes or teaches them."""
    data = resources.files("tocsin.screen.agents").joinpath("instructions.yaml").read_bytes()
    words = msgspec.yaml.decode(data, type=_Words)
    return Anchored(words.kinds), re.compile("|".join(words.quoting))


class Instructions(NamedTuple):
    """How strongly a text speaks to a model, 0 to 1, and by which kinds (sorted by weight)."""

    strength: float
    kinds: tuple[str, ...]


NONE = Instructions(0.0, ())


def instructions_in(text: str) -> Instructions:
    """What of a text as it came is addressed to a model. Hidden letters and base64 are read too."""
    folded, repairs = fold_counting(text)
    kinds, quoted = _kinds(folded)
    hidden = {
        kind
        for inner in _concealed(text)
        for kind in _kinds(fold_counting(inner).text)[0]
        if kind != "markup"
    }
    if hidden or (kinds and repairs >= DISGUISED_WORDS):
        kinds |= hidden | {"hidden"}
    return _weighed(kinds, quoted)


def instructions_in_folded(folded: str, repairs: int) -> Instructions:
    """The same for a text that was folded already."""
    kinds, quoted = _kinds(folded)
    if kinds and repairs >= DISGUISED_WORDS:
        kinds |= {"hidden"}
    return _weighed(kinds, quoted)


def _weighed(kinds: set[str], quoted: bool) -> Instructions:
    if not kinds:
        return NONE
    strength = sum(WEIGHTS[kind] for kind in kinds) - QUOTED * quoted
    return Instructions(
        max(0.0, min(1.0, round(strength, 2))),
        tuple(sorted(kinds, key=lambda kind: (-WEIGHTS[kind], kind))),
    )


def _kinds(folded: str) -> tuple[set[str], bool]:
    """The kinds that occur, and whether what stands around them quotes or teaches."""
    words, quoting = _reader()
    found: set[str] = set()
    quoted = False
    for kind, start, end in words.hits(folded):
        if kind not in found:
            found.add(kind)
            around = folded[max(0, start - AROUND) : end + AROUND]
            quoted = quoted or _quoted(folded, start, end) or quoting.search(around) is not None
    return found, quoted


def _quoted(folded: str, start: int, end: int) -> bool:
    """Whether quotation marks stand right before the words and soon after them."""
    before = folded[max(0, start - 24) : start]
    opened = max(before.rfind(mark) for mark in _OPENING)
    if opened < 0 or any(mark in before[opened + 1 :] for mark in _CLOSING):
        return False
    return any(mark in folded[end : end + AROUND // 2] for mark in _CLOSING)


def _concealed(text: str) -> Iterator[str]:
    """What a person does not see: Unicode tag characters, and base64 that decodes to text."""
    if not text.isascii():
        for found in _TAGS.finditer(text):
            yield "".join(chr(ord(char) - 0xE0000) for char in found[0])
    for number, found in enumerate(_BASE64.finditer(text)):
        if number >= MAX_ENCODED:
            return
        raw = found[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            plain = base64.b64decode(raw + "=" * (-len(raw) % 4), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if " " in plain or not plain.isascii():
            yield plain
