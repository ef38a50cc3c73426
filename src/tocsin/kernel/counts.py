"""Counts that leave under differential privacy: what is asked, what it costs, what was paid, what was said.

The unit of privacy is one actor (a pseudonym) of one node in one week. Costs are whole thousandths of epsilon, so that
a sum of them is exact. See docs/counts.md.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from math import ceil, exp, log

import msgspec

from tocsin.kernel.errors import BadInput


class CountList(StrEnum):
    """A question: one fixed, public list of cells."""

    CATEGORIES = "categories"
    """Actors by conduct."""
    LANGUAGES = "languages"
    """Actors by language, of those of whom a detector spoke."""
    TRENDS = "trends"
    """Actors by conduct and day of the week."""


BOUNDS: Mapping[CountList, int] = {
    CountList.CATEGORIES: 3,
    CountList.LANGUAGES: 2,
    CountList.TRENDS: 4,
}
"""Cells of a list that one actor counts in at most, once each: so many is the sensitivity in L1 of the whole vector."""

COST = 500
"""Thousandths of epsilon that one list of one week costs: noise of scale 6 on the categories."""

WEEK_BUDGET = 2_000
"""Of one week: the three lists, and one in reserve for a draw that a crash took after it was paid for."""

LIFE_BUDGET = 52_000
"""Of a node's life. It is what an actor who is there every week is told at most, and there is no way to raise it."""

COVERAGE = 0.95

_WEEK = re.compile(r"^([0-9]{4})-W([0-9]{2})\Z")
_NAME = re.compile(
    r"([0-9]{4}-W[0-9]{2})/(categories|languages|trends|settled|distinct|sums)/([0-9]{1,6})/([0-9a-f]{16})"
)

SETTLED = "settled"
"""Instead of a list: what a person allowed for after a restore. It closes its week and every week before."""

DISTINCT = "distinct"
"""Instead of a list: a count over several nodes (docs/distinct.md). It is paid out of a purse of its own."""


SUMS = "sums"
"""Instead of a list: a look at a private sum with noise (docs/sums.md). It is paid out of a purse of its own."""


class Purse(msgspec.Struct, frozen=True):
    """What may be paid for one week and over a node's life, in thousandths of epsilon."""

    week: int
    life: int


LISTS_PURSE = Purse(WEEK_BUDGET, LIFE_BUDGET)

DISTINCT_PURSE = Purse(4_000, 52_000)
"""A week's is the dearest single count, or four that mean something; a life's as for the lists. Apart from theirs: a
peer's counts, agreed to once, must not use up what this node's own lists need."""

SUMS_PURSE = Purse(8_000, 52_000)
"""A week's is a look each day at the scale where one look is an epsilon of 1, and one in reserve for a look that a
crash took after it was paid for. A scale at which one look is more than all of it (below 7) protects no account, and
cannot be agreed to. A life's as for the lists; apart from theirs, for peers decide how often there is a look."""

_PURSES: Mapping[str, Purse] = {DISTINCT: DISTINCT_PURSE, SUMS: SUMS_PURSE}


def purse_of(which: str) -> Purse:
    """Out of which a payment is made."""
    return _PURSES.get(which, LISTS_PURSE)


class Spend(msgspec.Struct, frozen=True):
    """A payment: `list` is a CountList's value, DISTINCT, SUMS or SETTLED, `cost` in thousandths of epsilon.

    `nonce` tells equal ones apart.
    """

    week: str
    list: str
    cost: int
    nonce: str
    at: int = 0

    @property
    def name(self) -> str:
        """As the key store's log has it."""
        return f"{self.week}/{self.list}/{self.cost}/{self.nonce}"

    @property
    def purse(self) -> Purse:
        return purse_of(self.list)


class NoisyCount(msgspec.Struct, frozen=True):
    """What was said of one list in one week: `values` in the order of the list. Noise may take them below zero."""

    week: str
    list: CountList
    values: tuple[int, ...]
    cost: int
    bound: int
    at: int
    spend: str
    record: str = ""

    @property
    def epsilon(self) -> float:
        return self.cost / 1_000

    @property
    def scale(self) -> float:
        return scale_of(self.bound, self.cost)

    @property
    def half_width(self) -> int:
        return half_width(self.scale)


def spend_named(name: str, at: int = 0) -> Spend:
    """The payment that a name stands for. Raises BadInput for a name that is none."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise BadInput(
            "the ledger of counts holds a line that this version cannot read: use the version that wrote it"
        )
    return Spend(found[1], found[2], int(found[3]), found[4], at)


def scale_of(bound: int, cost: int) -> float:
    """Of the noise: sensitivity over epsilon."""
    return bound * 1_000 / cost


def half_width(scale: float) -> int:
    """The least k for which discrete Laplace noise of this scale lies within -k and k with COVERAGE.

    P(|X| > k) = 2 a^(k+1) / (1 + a), with a = exp(-1/scale) (Ghosh, Roughgarden, Sundararajan 2012).
    """
    a = exp(-1 / scale)
    return max(0, ceil(log((1 - COVERAGE) * (1 + a) / 2) / log(a)) - 1)


def week_of(at: datetime) -> str:
    """The ISO week, in UTC, that holds a moment."""
    year, week, _ = at.astimezone(UTC).isocalendar()
    return f"{year:04d}-W{week:02d}"


def start_of_week(week: str) -> datetime:
    """Its Monday, 00:00 UTC. Raises BadInput."""
    try:
        year, number = _WEEK.findall(week)[0]
        day = date.fromisocalendar(int(year), int(number), 1)
    except (ValueError, IndexError):
        raise BadInput("a week is written as ISO 8601 has it, for example 2026-W45") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def end_of_week(week: str) -> datetime:
    """The Monday after it. Raises BadInput."""
    return start_of_week(week) + timedelta(days=7)
