"""How many there are in all, over several nodes: who counts, and what is told. See docs/distinct.md."""

from math import exp, log
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.kernel.errors import BadInput

LEAST_MEMBERS, MOST_MEMBERS = 3, 32
"""Two nodes take *how many* of docs/matching.md."""

MAX_POOL = 40_000
"""Entries of all members together: 2.6 MB a message, and under a minute of one core's work a member."""

LEAST_CAPACITY = 100

MIN_COST, MAX_COST = 100, 4_000
"""Of one count, in thousandths of epsilon."""

DELTA = 1e-6
"""With this probability at most one member's noise is cut off, and the bound of epsilon does not hold."""

MOVES = 2
"""One input more at one node: one fewer held by so many nodes, one more held by one more of them."""

COVERAGE = 0.95
MAX_PURPOSE_CHARS = 200

Name = Annotated[str, Meta(min_length=1, max_length=128)]


class DistinctRoster(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who counts together, in the order in which the pool goes round, and by which rules. Raises BadInput.

    `session` is drawn for it by whoever proposes it; `capacity` is what each member sends, whatever it has; `cost` the
    epsilon of one input at one node, in thousandths; `week` (ISO 8601) whose inputs are counted, empty outside a node.
    """

    format: Annotated[int, Meta(ge=1, le=1)] = 1
    session: Annotated[bytes, Meta(min_length=16, max_length=16)]
    kind: Annotated[str, Meta(min_length=1, max_length=32)]
    purpose: Annotated[str, Meta(min_length=1, max_length=MAX_PURPOSE_CHARS)]
    members: Annotated[tuple[Name, ...], Meta(min_length=LEAST_MEMBERS, max_length=MOST_MEMBERS)]
    capacity: Annotated[int, Meta(ge=LEAST_CAPACITY, le=MAX_POOL)]
    cost: Annotated[int, Meta(ge=MIN_COST, le=MAX_COST)]
    week: Annotated[str, Meta(max_length=8)] = ""

    def __post_init__(self) -> None:
        if len(set(self.members)) != len(self.members):
            raise BadInput("a member counts once: name each once")
        if self.capacity * len(self.members) > MAX_POOL:
            raise BadInput(
                f"{len(self.members)} members send at most {MAX_POOL // len(self.members)} entries each"
            )
        if self.room < 1:
            raise BadInput(
                f"noise and padding take {self.capacity - self.room} entries of {self.capacity}: take a greater"
                " capacity, fewer members, or a greater cost"
            )

    @property
    def shift(self) -> int:
        """Made-up entries of each sort that a member adds before its noise, so that the noise may be negative.

        Discrete Laplace noise of scale MOVES / epsilon lies beyond it, in any of the sorts, with DELTA at most.
        """
        scale = MOVES * 1_000 / self.cost
        beyond = DELTA / len(self.members)
        # P(|X| > t) = 2 p^(t + 1) / (1 + p) with p = exp(-1 / scale)
        return max(1, int(scale * log(2 / (1 + exp(-1 / scale)) / beyond)) + 1)

    @property
    def padding(self) -> int:
        """Entries with nothing in them that each member sends at least: together more than any input can have."""
        return len(self.members) + 1

    @property
    def room(self) -> int:
        """Inputs that a member may count, whatever its noise is."""
        sorts = len(self.members)
        return self.capacity - self.padding - 2 * self.shift * sorts * (sorts + 1) // 2


class Shared(msgspec.Struct, frozen=True):
    """How many inputs are held by exactly so many members: noisy, so it may be below zero."""

    members: int
    inputs: int


class Distinct(msgspec.Struct, frozen=True):
    """What all learn. `margin`: the noise lies within it with COVERAGE; of the sum and of each sort."""

    inputs: int
    margin: int
    shared: tuple[Shared, ...]
    margin_each: int
