"""A node's memory.

Enters: nouns. Leaves: nouns, and Arrow batches of events. Refuses: SQL anywhere else.
`open_store(data, url)` gives the backend that the URL names; SQLite in the data folder without one.
`load_snapshot(source, data, url)` puts what `Store.snapshot` wrote into an empty one of either backend.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tocsin.store.backend import open_store
from tocsin.store.finding import Found, Wanted
from tocsin.store.interface import (
    Appended,
    AuditRow,
    JournalRow,
    ReleaseFilter,
    Store,
    TaxiiPage,
    TaxiiStatus,
)
from tocsin.store.interface_people import Session, Totp

if TYPE_CHECKING:
    from tocsin.store.journal import batch_of
    from tocsin.store.schemas import EVENT_SCHEMA, SEALED_SCHEMA
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

_LATER = {
    "journal": ("batch_of",),
    "schemas": ("EVENT_SCHEMA", "SEALED_SCHEMA"),
    "snapshot": ("load_snapshot",),
}
"""By the file that has them: who asks for no event loads no Arrow."""


if not TYPE_CHECKING:  # with this in sight, mypy takes every name for one that is there

    def __getattr__(name: str) -> Any:
        for module, names in _LATER.items():
            if name in names:
                return getattr(import_module(f"tocsin.store.{module}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
