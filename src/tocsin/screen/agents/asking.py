"""What a tool's result wants done with the names in it: the words that stand around an address, an account or a tool.

Enters: a result as it came. Leaves: each name with a strength, 0 to 1; and of a person's words, whether they hand
anything over. Refuses: to accuse by it: the words are broad
(fields.yaml), and count where a later call takes the name up, and nobody else had named it.
"""

from functools import cache
from importlib import resources
from typing import Any

import msgspec
import pyarrow as pa

from tocsin.screen.agents.concealed import concealed_in
from tocsin.screen.agents.instructions import instructions_in
from tocsin.screen.agents.recipients import Name, recipients_in, tools_in
from tocsin.screen.anchored import Anchored, Entry
from tocsin.wire.fold import fold

BEFORE, BEHIND = 260, 200
"""Characters before and behind a name in which its words stand: a long sentence, and one more."""

WEIGHTS = {"machine": 0.3, "secrecy": 0.3, "owner": 0.2, "prior": 0.2, "demand": 0.2}
"""By field: a machine is named; quiet is asked for; the reader's user or owner is spoken of; something comes first, or
in place of something; something is demanded. Letters demand and set an order; few do so of a machine, or in silence.
"""

CONCEALED = 0.3
"""More for what a person does not see."""


class _Fields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    fields: dict[str, tuple[Entry, ...]]
    delegates: tuple[Entry, ...]


@cache
def _words() -> _Fields:
    data = resources.files("tocsin.screen.agents").joinpath("fields.yaml").read_bytes()
    return msgspec.yaml.decode(data, type=_Fields)


@cache
def _fields() -> Anchored:
    return Anchored(_words().fields)


@cache
def _delegating() -> Anchored:
    return Anchored({"delegates": _words().delegates})


def handing_over(column: "pa.Array[Any]", most: int) -> set[int]:
    """Rows of folded texts in which, within `most` characters, a person asks for something to be done: what a page asks
    for then may be part of it.
    """
    return {row for row, hits in _delegating().by_row(column, most) if next(hits, None) is not None}


def asked_in(text: str, folded: str) -> dict[str, float]:
    """Name → how strongly the result asks for something with it, 0 where nothing says so.

    `text` as it came, and folded.
    """
    found = _around(folded)
    for _, inner in concealed_in(text):
        for name, strength in _around(fold(inner)).items():
            found[name] = max(found.get(name, 0.0), min(1.0, strength + CONCEALED))
    return {name: round(strength, 2) for name, strength in found.items()}


def _around(folded: str) -> dict[str, float]:
    names = (*recipients_in(folded), *tools_in(folded))
    return {one.name: _strength(folded, one) for one in names}


def _strength(folded: str, name: Name) -> float:
    near = folded[max(0, name.start - BEFORE) : name.end + BEHIND]
    fields = {hit.kind for hit in _fields().hits(near)}
    return max(min(1.0, sum(WEIGHTS[field] for field in fields)), instructions_in(near).strength)
