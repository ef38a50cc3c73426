"""What it means to look for records: the question, the answer, and what keeps both (`interface.Store.search`)."""

from typing import Protocol

import msgspec

from tocsin.kernel import TLP, Origin, Record


class Wanted(msgspec.Struct, frozen=True):
    """What records to find; all that is set must hold. Words are folded; one of three letters finds longer ones.

    `before` pages: records with a smaller `added`; `since` with at least this one. `refers_to` is an id that is
    named anywhere in the record.
    """

    words: str = ""
    type: str = ""
    without: tuple[str, ...] = ()
    """Types to leave out."""
    author: str = ""
    peer: str = ""
    category: str = ""
    origin: Origin | None = None
    tlp: TLP | None = None
    refers_to: str = ""
    content: str = ""
    """A content key (`wire.stix.content`)."""
    ids: tuple[str, ...] = ()
    since: int | None = None
    before: int | None = None
    limit: int = 50


class Found(msgspec.Struct, frozen=True):
    """Newest first. `behind` counts versions that the index had not read when it answered."""

    records: tuple[Record, ...]
    more: bool
    behind: int


class SearchStore(Protocol):
    """The index over records: it follows them, and a search brings it up to date first, within a bound."""

    def index(self, limit: int = 1_000_000) -> int:
        """Take in up to `limit` versions that it has not read; returns how many it took."""
        ...

    def find(self, wanted: Wanted) -> Found:
        """The latest versions that fit, newest `added` first. Raises BadInput for a limit out of bounds."""
        ...
