"""The two questions of a look: what the warned accounts did and hold, and who else holds it."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from tocsin.correlate.actors.ties import Tie, candidates, ties_of
from tocsin.correlate.actors.traits import Traits, traits_of
from tocsin.store.links_interface import Identifier, LinkStore

MAX_ACTS = 200_000
"""Events of the warned accounts that are read, the newest: a hundred each for two thousand accounts."""

MAX_HOLDERS = 200
"""Holders of one identifier that are named; with more it is counted, and brings nobody in from outside."""


class Gathered(NamedTuple):
    """Traits by account; ties, the heaviest first; one event that shows each identifier."""

    traits: Mapping[str, Traits]
    ties: tuple[Tie, ...]
    shown: Mapping[Identifier, str]


def gathered(
    links: LinkStore, accounts: Collection[str], in_warning: Collection[str], *, since: int, until: int
) -> Gathered:
    """`accounts` are the warned ones, `in_warning` the ids of their events that the warning speaks of."""
    acts = links.acts(accounts, since=since, until=until, limit=MAX_ACTS)
    traits, held_by, shown = traits_of(acts, in_warning)
    asked = candidates(held_by)
    held = links.holders(asked, since=since, until=until, most=MAX_HOLDERS) if asked else ()
    return Gathered(traits, ties_of(held_by, asked, held, links.accounts(since=since, until=until)), shown)
