"""Instruction-like content: words that speak to a model and tell it what to do, in seven languages.

The words are data (instructions.yaml). Their first literals are looked for in one pass, and the rest of a pattern is
tried only right behind a hit, so that a long page costs little. Only what stands near each other adds up, and only
kinds that differ: an order says to whom, in whose name, in place of what, and hidden from whom. A text that quotes such
words or teaches about them loses weight: a page about prompt injection is not one.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec

from tocsin.screen.agents.concealed import SEEN_BY_NOBODY, concealed_in
from tocsin.screen.anchored import Anchored, Entry
from tocsin.wire.fold import fold_counting

FOUND = 0.7
"""From here up a text counts as instructions: to drop the model's own suffices, of the rest two agree, or three."""

TOGETHER = 500
"""Characters within which words add up: an order and its reason. A long page says everything somewhere."""

AROUND = 200
"""Characters around a hit in which words are looked for that quote or teach: a sentence or two."""

QUOTED = 0.4
DISGUISED_WORDS = 3

WEIGHTS = {
    "override": 0.7,
    "conceal": 0.5,
    "turn": 0.5,
    "hidden": 0.4,
    "impostor": 0.4,
    "markup": 0.4,
    "persist": 0.4,
    "send": 0.4,
    "supersede": 0.4,
    "covert": 0.3,
    "machine": 0.3,
    "setaside": 0.3,
    "task": 0.3,
    "unseen": 0.3,
    "use": 0.3,
    "address": 0.2,
}
"""By kind. `override`: dropping the reader's own instructions, and `setaside` what may be anybody's; `supersede`:
another task in place of the one it has; `conceal`: hiding something from the person, `covert`: doing it quietly;
`impostor`: speaking as the user or the maker; `turn`: a chat template's own marks, `markup`: tags that pretend to be
one; `machine`: speaking to what can only be a machine, `address`: to an assistant or agent, who may be a person;
`task`: speaking of the reader's answer or user, which a page cannot know; `send`, `use`: sending something somewhere,
using a tool; `persist`: keeping to it from now on; `hidden`: letters that a person does not see, `unseen`: a part of a
page that is not shown. Sending alone, or a tool by name alone, is what manuals and letters ask for as well; so is a
word to assistants with either.
"""

_STRONGER = {"machine": "address", "override": "setaside", "hidden": "unseen", "turn": "markup"}
"""Of two that say the same the weaker does not count."""

_OPENING, _CLOSING = "\u201c\u2018\u00ab\u201e\u300c'", "\u201d\u2019\u00bb\u201c\u300d'"
"""Of quotations. The straight double mark is not one: in the JSON that tools return it stands around everything."""


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


class _Said(NamedTuple):
    """A kind, where it stands, and whether somebody quotes it there."""

    start: int
    end: int
    kind: str
    quoted: bool


NONE = Instructions(0.0, ())


def instructions_in(text: str) -> Instructions:
    """What of a text as it came is addressed to a model. What a person does not see is read too."""
    return instructions_of(text, *fold_counting(text))


def instructions_of(text: str, folded: str, repairs: int) -> Instructions:
    """The same, for a text of which the folded form is there already."""
    found = [_strongest(folded, _said(folded))]
    if repairs >= DISGUISED_WORDS:
        found += [instructions_in_folded(*fold_counting(piece)) for piece in _pieces(text)]
    for kind, inner in concealed_in(text):
        within = fold_counting(inner).text
        said = [one for one in _said(within) if one.kind not in ("turn", "markup")]
        found.append(_strongest(within, _marked(said, kind, kind not in SEEN_BY_NOBODY or _orders(said))))
    return max(found, key=lambda one: one.strength)


def instructions_in_folded(folded: str, repairs: int) -> Instructions:
    """The same for a text that was folded already."""
    return _strongest(folded, _marked(_said(folded), "hidden", repairs >= DISGUISED_WORDS))


def _pieces(text: str) -> Iterator[str]:
    """Stretches in which disguised words are counted: a long page of names and numbers has a few anywhere."""
    for at in range(0, len(text), TOGETHER):
        yield text[max(0, at - AROUND) : at + TOGETHER + AROUND]


def _orders(said: Sequence[_Said]) -> bool:
    """Whether it says more than what a comment for other programmers says: to run a tool."""
    return any(one.kind not in ("use", "send") for one in said)


def _marked(said: list[_Said], kind: str, holds: bool) -> list[_Said]:
    """The hits, each with one more beside it that says how they are hidden."""
    return said + [one._replace(kind=kind) for one in said] if holds else said


def _said(folded: str) -> list[_Said]:
    words, quoting = _reader()
    return [
        _Said(
            start,
            end,
            kind,
            _quoted(folded, start, end)
            or quoting.search(folded, max(0, start - AROUND), end + AROUND) is not None,
        )
        for kind, start, end in words.hits(folded)
    ]


def _strongest(folded: str, said: list[_Said]) -> Instructions:
    """Of all stretches of TOGETHER characters the one that says most."""
    if not said:
        return NONE
    said.sort()
    best, where, first = -1.0, (0, 0), 0
    held: Counter[str] = Counter()
    quoted = 0
    for last, one in enumerate(said):
        held[one.kind] += 1
        quoted += one.quoted
        while one.start - said[first].start > TOGETHER:
            gone = said[first]
            held[gone.kind] -= 1
            quoted -= gone.quoted
            first += 1
        strength = sum(WEIGHTS[kind] for kind in _distinct(held)) - QUOTED * (quoted > 0)
        if strength > best:
            best, where = strength, (first, last)
    part = said[where[0] : where[1] + 1]
    kinds = _distinct(Counter(one.kind for one in part))
    return Instructions(
        max(0.0, min(1.0, round(best, 2))),
        tuple(sorted(kinds, key=lambda kind: (-WEIGHTS[kind], kind))),
    )


def _distinct(held: Counter[str]) -> list[str]:
    weaker = {_STRONGER[kind] for kind in _STRONGER if held[kind]}
    return [kind for kind, count in held.items() if count and kind not in weaker]


def _quoted(folded: str, start: int, end: int) -> bool:
    """Whether quotation marks stand right before the words and soon after them."""
    before = folded[max(0, start - 24) : start]
    opened = max(before.rfind(mark) for mark in _OPENING)
    if opened < 0 or any(mark in before[opened + 1 :] for mark in _CLOSING):
        return False
    return any(mark in folded[end : end + AROUND // 2] for mark in _CLOSING)
