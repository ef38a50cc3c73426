"""A rule as plain data: what it asks of one event, and what it asks of several together."""

from collections.abc import Iterator
from enum import IntEnum, StrEnum
from typing import Literal

import msgspec

from tocsin.wire.sigma.fields import Field, Place

DETECTOR = "sigma"
"""Who speaks in the signals of rules."""


class Wild(IntEnum):
    """A wildcard of Sigma."""

    MANY = 0
    """`*`: any characters, or none."""
    ONE = 1
    """`?`: one character."""


class Like(msgspec.Struct, frozen=True):
    """The value reads so, from its first to its last character. Texts lie in their forms, and so do the pieces.

    Unless `cased`, the pieces are in lower case, and so is the value made before it is compared.
    """

    field: Field
    pieces: tuple[str | Wild, ...]
    cased: bool = False


class Regex(msgspec.Struct, frozen=True):
    """The value holds a match of an RE2 expression. `flags` are of `ims`."""

    field: Field
    pattern: str
    flags: str = ""


class Compare(msgspec.Struct, frozen=True):
    """The value is a number, and this much of one."""

    field: Field
    sign: Literal["<", "<=", ">", ">="]
    number: float


class Is(msgspec.Struct, frozen=True):
    """The value is this number or truth value."""

    field: Field
    value: bool | float


class Exists(msgspec.Struct, frozen=True):
    """There is a value."""

    field: Field


class And(msgspec.Struct, frozen=True):
    items: "tuple[Node, ...]"


class Or(msgspec.Struct, frozen=True):
    items: "tuple[Node, ...]"


class Not(msgspec.Struct, frozen=True):
    item: "Node"


Leaf = Like | Regex | Compare | Is | Exists
Node = Leaf | And | Or | Not


class Base(msgspec.Struct, frozen=True):
    """What is asked of one event. `place` is never BOTH: what either place could see is asked at the door."""

    name: str
    condition: Node
    place: Place


class CorrelationKind(StrEnum):
    EVENT_COUNT = "event_count"
    VALUE_COUNT = "value_count"
    TEMPORAL = "temporal"
    TEMPORAL_ORDERED = "temporal_ordered"


class Correlation(msgspec.Struct, frozen=True):
    """What is asked of several events of one group that lie at most `span` microseconds apart, both ends included.

    `steps` are places in `Rule.bases`. `least` events (event_count) or different values of `counted` (value_count); for
    the temporal kinds every step, in `temporal_ordered` each strictly later than the one before.
    """

    kind: CorrelationKind
    steps: tuple[int, ...]
    group_by: tuple[Field, ...]
    span: int
    least: int = 1
    counted: Field | None = None


class Rule(msgspec.Struct, frozen=True):
    """One rule of this node: a single one, or a correlation with the rules it joins.

    `id` is the UUID of the head; `version` names its very text. `category` is conduct from the closed list.
    """

    id: str
    version: str
    title: str
    description: str
    category: str
    level: str
    experimental: bool
    bases: tuple[Base, ...]
    correlation: Correlation | None
    text: str


def leaves(node: Node) -> Iterator[Leaf]:
    """Every question about a field."""
    match node:
        case And(items) | Or(items):
            for item in items:
                yield from leaves(item)
        case Not(item):
            yield from leaves(item)
        case _:
            yield node
