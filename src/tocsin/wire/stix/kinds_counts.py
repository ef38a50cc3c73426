"""Our extension about counts: one list of one week under differential privacy, with all one needs to read it."""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from tocsin.kernel import BadInput
from tocsin.kernel.counts import CountList, half_width, start_of_week
from tocsin.wire.stix.extensions import Extension
from tocsin.wire.stix.ids import own_id

MAX_CELLS = 1_024
MAX_COUNT = 1 << 40
"""Larger than any count of actors with its noise, and exact in every reader of JSON."""

MAX_BOUND = 1_000

Which = Literal["categories", "languages", "trends"]
Scale = Annotated[float, Meta(ge=0.01, le=100_000.0)]


class NoisyCell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One cell. The value is as it was drawn: it may lie below zero, and cutting it off there would bias every sum."""

    of: Annotated[
        str,
        Meta(
            pattern=r"^[a-z][a-z0-9./-]{0,79}$",
            description="Conduct; a language (BCP 47) or `other`; or conduct/day of the week, Monday being 1.",
        ),
    ]
    value: Annotated[int, Meta(ge=-MAX_COUNT, le=MAX_COUNT, description="Actors, with noise.")]


class NoisyCountExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On a note: how many actors its author counted in each cell of a fixed list in one week, with noise."""

    NAME: ClassVar[str] = "noisy-count"
    week: Annotated[str, Meta(pattern=r"^[0-9]{4}-W[0-9]{2}$", description="ISO 8601, in UTC.")]
    list_of: Annotated[Which, Meta(description="Which list; its cells are the same whatever was seen.")]
    unit: Annotated[
        Literal["actor-week"],
        Meta(description="What is protected: all that one actor did at this node in the week."),
    ]
    bound: Annotated[
        int,
        Meta(ge=1, le=MAX_BOUND, description="Cells that one actor counts in at most: sensitivity in L1."),
    ]
    epsilon: Annotated[float, Meta(gt=0.0, le=100.0, description="Of this vector as a whole.")]
    mechanism: Annotated[
        Literal["discrete-laplace"],
        Meta(description="Two-sided geometric noise of this scale on each cell, each by itself."),
    ]
    scale: Annotated[Scale, Meta(description="bound / epsilon.")]
    coverage: Annotated[Literal[95], Meta(description="Percent, of each interval by itself.")]
    half_width: Annotated[
        int,
        Meta(
            ge=0,
            le=MAX_COUNT,
            description="The bounded count lies within value - half_width and value + half_width with this coverage.",
        ),
    ]
    counts: Annotated[list[NoisyCell], Meta(min_length=1, max_length=MAX_CELLS)]

    def __post_init__(self) -> None:
        _require_week(self.week)
        if abs(self.scale * self.epsilon - self.bound) > 1e-3 * self.bound:
            raise ValueError("the scale is not the bound over epsilon")
        if self.half_width != half_width(self.scale):
            raise ValueError("the interval is not that of the scale")
        named = [one.of for one in self.counts]
        if len(set(named)) != len(named):
            raise ValueError("a cell stands there twice")


def count_note(author: str, week: str, which: CountList | str) -> str:
    """The STIX id of the note that carries a count: one for each author, week and list."""
    return own_id("note", author, "noisy-count", week, str(which))


def _require_week(week: str) -> None:
    """Raises ValueError for a week that the calendar has not: ISO years have 52 or 53."""
    try:
        start_of_week(week)
    except BadInput as error:
        raise ValueError(error.message) from None
