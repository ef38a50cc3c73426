"""Which identifiers tie accounts, and how strongly: record linkage by rarity.

The weight is Fellegi and Sunter's (A Theory for Record Linkage, 1969) for agreement on one value, frequency-based as
in Winkler (1989): ln(m / u), where m is how often accounts of one hand share such an identifier, and u how often
others hold this very value, counted here among accounts outside the warning. It is then lowered by what of its holders
the warning does not explain: a library's computer, a campus, a reseller's card has most of its holders elsewhere.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import log

import msgspec

from tocsin.correlate.evidence import (
    CAMPAIGN_SHARED,
    CAP_ONE_IDENTIFIER,
    FULL_FOCUS,
    KIND_HISTORY,
    KINDS,
    OTHER_KIND,
)
from tocsin.correlate.likelihood import clip, shrunk
from tocsin.store.links_interface import Held, Identifier

LINK = 2.5
"""Weight from which one identifier ties two accounts: odds of twelve to one that the value is not shared by chance."""

CONDUCT = frozenset(name for name, kind in KINDS.items() if kind.conduct)
"""Types that may tie: means of payment and contact, and devices. The others (an invitation, an address prefix, a
link, a handle, a file) are what a protest, a class and a fandom share, and never tie by whatever weight."""


class Tie(msgspec.Struct, frozen=True):
    """One identifier that accounts share. `warned` and `others` hold it, by name; `elsewhere` counts all others."""

    type: str
    value: str
    warned: tuple[str, ...]
    others: tuple[str, ...]
    elsewhere: int
    weight: float

    @property
    def binds(self) -> bool:
        """Whether it ties accounts by itself. What most holders have elsewhere ties nobody: a café, a reseller."""
        return self.type in CONDUCT and self.weight >= LINK and self.elsewhere <= len(self.warned)

    @property
    def key(self) -> Identifier:
        return self.type, self.value


def candidates(held_by: Mapping[Identifier, Collection[str]]) -> list[Identifier]:
    """Identifiers worth asking about, of those that warned accounts hold: of conduct, or shared by two of them."""
    return sorted(
        identifier
        for identifier, accounts in held_by.items()
        if identifier[0] in CONDUCT or len(accounts) >= 2
    )


def weight(type_: str, *, warned: int, elsewhere: int, of_warned: int, of_all: int) -> float:
    """How strongly one identifier ties two of its holders, 0 to CAP_ONE_IDENTIFIER.

    `warned` of the `of_warned` accounts of the warning hold it and `elsewhere` others; `of_all` accounts have any
    identifier of this type. Where its holders are in the warning no more than chance puts them there, it is 0.
    """
    holders = warned + elsewhere
    if holders < 2 or not warned:
        return 0.0
    kind = KINDS.get(type_, OTHER_KIND)
    outside = max(of_all - of_warned, elsewhere)
    usual = shrunk(elsewhere, outside, kind.prior, KIND_HISTORY)
    expected = min(of_warned / max(of_all, of_warned), 1.0)
    focus = clip((warned / holders - expected) / FULL_FOCUS, 0.0, 1.0)
    if warned == holders:
        focus = 1.0  # nobody else has it: chance has no say, however large the warning is
    return round(kind.weight * focus * clip(log(CAMPAIGN_SHARED.mean / usual), 0.0, CAP_ONE_IDENTIFIER), 3)


def ties_of(
    held_by: Mapping[Identifier, Collection[str]],
    asked: Sequence[Identifier],
    held: Sequence[Held],
    accounts: Mapping[str, int],
) -> tuple[Tie, ...]:
    """Ties with any weight, the heaviest first. `held` answers `asked`; `accounts` is as `LinkStore.accounts` says."""
    warned_of_type: dict[str, set[str]] = {}
    for (type_, _), holders in held_by.items():
        warned_of_type.setdefault(type_, set()).update(holders)
    found = _weighed(held_by, asked, held, accounts, warned_of_type)
    return tuple(
        sorted(
            (tie for tie in found if tie.weight > 0),
            key=lambda tie: (-tie.weight, tie.type, tie.value),
        )
    )


def _weighed(
    held_by: Mapping[Identifier, Collection[str]],
    asked: Sequence[Identifier],
    held: Sequence[Held],
    accounts: Mapping[str, int],
    warned_of_type: Mapping[str, Collection[str]],
) -> Iterator[Tie]:
    for identifier, who in zip(asked, held, strict=True):
        type_, value = identifier
        warned = tuple(sorted(held_by[identifier]))
        elsewhere = max(who.holders - len(warned), 0)
        yield Tie(
            type=type_,
            value=value,
            warned=warned,
            others=tuple(sorted(set(who.named) - set(warned))),
            elsewhere=elsewhere,
            weight=weight(
                type_,
                warned=len(warned),
                elsewhere=elsewhere,
                of_warned=len(warned_of_type[type_]),
                of_all=accounts.get(type_, 0),
            ),
        )
