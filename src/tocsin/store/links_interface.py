"""What it means to look along shared identifiers: three narrow questions (`interface.Store.links`).

None of them has a language, a place, a source, a session, a model or a text in its answer, so that nothing built on
them can judge by one. Each names what it wants: there is no question that gives the links of everybody.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    import pyarrow as pa

Identifier = tuple[str, str]
"""(type, pseudonym of the value)."""

ACT_COLUMNS = ("id", "time", "kind", "actor", "actor_created", "observables", "signals")
"""What is told of an account's events: columns of EVENT_SCHEMA."""


class Held(msgspec.Struct, frozen=True):
    """Who holds one identifier: how many accounts, and account → events, empty where there are too many to name."""

    holders: int
    named: Mapping[str, int]


class LinkStore(Protocol):
    """Events seen through who shares what, over since <= time < until (microseconds)."""

    def acts(self, accounts: Collection[str], *, since: int, until: int, limit: int) -> "pa.Table":
        """ACT_COLUMNS of the newest `limit` events of these accounts, by time and id: never by arrival."""
        ...

    def holders(
        self, identifiers: Sequence[Identifier], *, since: int, until: int, most: int
    ) -> tuple[Held, ...]:
        """For each identifier, in order, who holds it; up to `most` accounts are named."""
        ...

    def accounts(self, *, since: int, until: int) -> Mapping[str, int]:
        """How many accounts have any identifier of a type; under "" how many there are."""
        ...
