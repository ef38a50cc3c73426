"""What is asked of a TAXII shelf and what comes back; and what became of a post."""

import msgspec

from tocsin.kernel import Release


class TaxiiPage(msgspec.Struct, frozen=True):
    """`more` says whether rows follow `rows[-1]`; the next page is asked with that row's `added`."""

    rows: tuple[Release, ...]
    more: bool


class ReleaseFilter(msgspec.Struct, frozen=True):
    """TAXII 2.1 filters. `added_after` is exclusive, in microseconds; it continues a page, too.

    `versions`: None means the latest version of each object (the standard's default); otherwise a set of
    `first`, `last`, `all` or exact version timestamps in microseconds.
    """

    added_after: int | None = None
    limit: int = 1000
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str | int, ...] | None = None
    spec_versions: tuple[str, ...] = ()


class TaxiiStatus(msgspec.Struct, frozen=True):
    """Outcome of one POST of objects, as the TAXII status resource shows it."""

    id: str
    owner: str
    requested_at: int
    successes: tuple[tuple[str, str], ...]
    """Pairs of (object id, version timestamp)."""
    failures: tuple[tuple[str, str, str], ...]
    """Triples of (object id, version timestamp, message)."""
