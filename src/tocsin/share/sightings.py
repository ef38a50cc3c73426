"""What may go back about a peer's indicator: that it was seen, by how many at least, and not when exactly.

A count is a look into a node. So it is given in ranges (`wire.stix.bucket`), for at least K_ACTORS accounts, some
time after a reviewer confirmed it, and only so many a week. docs/sharing.md says what each bound buys.
"""

from tocsin.kernel import Peer, Record
from tocsin.store.interface import ReleaseFilter, Store

K_ACTORS = 2
"""Accounts below which nothing is said. A campaign is never one account; see docs/sharing.md on the choice."""

MAX_SIGHTINGS_A_WEEK = 50
"""To one peer: more would answer more questions than alarms need. A peer cannot ask faster by publishing more."""

WEEK = 7 * 86_400_000_000
_DAY = 86_400_000_000

RULE_TOO_SOON = "gate.sighting-too-soon"
RULE_CAP = "gate.sighting-cap"


def start_of_day(moment: int) -> int:
    """Midnight (UTC) of a moment, both in microseconds."""
    return moment - moment % _DAY


def refused_sighting(record: Record, *, now: int, delay: int, released: int) -> str | None:
    """The rule that keeps a sighting here for now, or None. Times in microseconds.

    `released` sightings went to this peer in the last week, those decided on just before included.
    """
    if now < record.added + delay:
        return RULE_TOO_SOON
    if released >= MAX_SIGHTINGS_A_WEEK:
        return RULE_CAP
    return None


def released_this_week(store: Store, peer: Peer, *, now: int) -> int:
    """How many sightings a peer was released in the last week, counted up to the cap."""
    wanted = ReleaseFilter(
        added_after=now - WEEK, types=("sighting",), versions=("all",), limit=MAX_SIGHTINGS_A_WEEK
    )
    return len(store.releases.page(peer.name, wanted, ceiling=peer.ceiling).rows)
