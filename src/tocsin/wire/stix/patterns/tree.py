"""A STIX pattern as a frozen tree. Source: STIX Version 2.1, OASIS Standard, section 9.

Constants keep their digits: a number is text without sign and zeros that say nothing, because a pattern may name
one that no machine number holds.
"""

from enum import StrEnum
from typing import Literal

from msgspec import Struct


class ConstantKind(StrEnum):
    """Section 9.2."""

    TEXT = "string"
    WHOLE = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    HEX = "hex"
    BINARY = "binary"


class Constant(Struct, frozen=True, gc=False):
    """`value` is a string without its quotes and escapes; of the others the text between their quotes."""

    kind: ConstantKind
    value: str


class Index(Struct, frozen=True, gc=False):
    """One place in a list, from 0; None for any (`[*]`)."""

    at: int | None


class Path(Struct, frozen=True, gc=False):
    """Section 9.6.1: `type:step.step[0]`. The first step is a name; a name is without its quotes."""

    object_type: str
    steps: tuple[str | Index, ...]


Operator = Literal["=", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"]


class Comparison(Struct, frozen=True, gc=False):
    """A path against one constant, for `IN` against any of several."""

    path: Path
    operator: Operator
    negated: bool
    operands: tuple[Constant, ...]


class Exists(Struct, frozen=True, gc=False):
    """Whether the path is there at all."""

    path: Path
    negated: bool


class Combined(Struct, frozen=True, gc=False):
    """Tests of one object: all of `parts`, or one of them."""

    operator: Literal["AND", "OR"]
    parts: "tuple[Expression, ...]"


Expression = Comparison | Exists | Combined


class Observation(Struct, frozen=True, gc=False):
    """`[...]`: one observed object that passes the test."""

    test: Expression


class Joined(Struct, frozen=True, gc=False):
    """Observations: all of `parts`, one of them, or each after the one before."""

    operator: Literal["AND", "OR", "FOLLOWEDBY"]
    parts: "tuple[Pattern, ...]"


class Within(Struct, frozen=True, gc=False):
    """All of it in so many seconds, as text."""

    seconds: str


class Repeats(Struct, frozen=True, gc=False):
    """So many times, as text."""

    times: str


class StartStop(Struct, frozen=True, gc=False):
    """Not before `start`, before `stop`: timestamps as written."""

    start: str
    stop: str


class Qualified(Struct, frozen=True, gc=False):
    """An observation under a condition of time or number."""

    inner: "Pattern"
    qualifier: Within | Repeats | StartStop


Pattern = Observation | Joined | Qualified
