"""A node's memory.

Enters: nouns. Leaves: nouns, and Arrow batches of events. Refuses: SQL anywhere else.
`open_store(data, url)` gives the backend that the URL names; SQLite in the data folder without one.
`load_snapshot(source, data, url)` puts what `Store.snapshot` wrote into an empty one of either backend.
"""

from tocsin.store.backend import open_store
from tocsin.store.finding import Found, Wanted
from tocsin.store.interface import (
    EVENT_SCHEMA,
    SEALED_SCHEMA,
    Appended,
    AuditRow,
    JournalRow,
    ReleaseFilter,
    Store,
    TaxiiPage,
    TaxiiStatus,
)
from tocsin.store.interface_people import Session, Totp
from tocsin.store.journal import batch_of
from tocsin.store.snapshot import load_snapshot

__all__ = [
    "EVENT_SCHEMA",
    "SEALED_SCHEMA",
    "Appended",
    "AuditRow",
    "Found",
    "JournalRow",
    "ReleaseFilter",
    "Session",
    "Store",
    "TaxiiPage",
    "TaxiiStatus",
    "Totp",
    "Wanted",
    "batch_of",
    "load_snapshot",
    "open_store",
]
