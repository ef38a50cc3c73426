"""What an operator does with the key store, also while the node does not open because of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from tocsin.app import key_backup
from tocsin.app import settings as node_settings
from tocsin.app.key_settling import KNOWN_STORE, begin, repair
from tocsin.app.keyring import Keyring
from tocsin.kernel import BadInput, Clock, micros, system_clock
from tocsin.store import AuditRow, Store, open_store


class State(msgspec.Struct, frozen=True):
    """What `tocsin keys status` shows. `days` are (day, first day on which its key is gone)."""

    folder: str
    days: tuple[tuple[str, str], ...]
    overdue: tuple[str, ...]
    destroyed: int
    erased: int
    last_destroyed: str


class Bench(NamedTuple):
    """The keys and the store of a node that is not opened: nothing was settled, and nothing is read of events."""

    keys: Keyring
    store: Store
    clock: Clock

    def audit(self, act: str, purpose: str, **detail: int) -> None:
        """One line, as the operator's."""
        self.store.audit.write(
            AuditRow(
                at=micros(self.clock()),
                who="operator",
                act=act,
                subject=str(self.keys.day_keys.folder.name),
                purpose=purpose,
                outcome="done",
                detail=detail,
            )
        )


@contextmanager
def bench(data: Path, *, clock: Clock = system_clock, database_url: str | None = None) -> Iterator[Bench]:
    """A node's keys and store without the node. Raises BadInput when the folder is none."""
    settings = node_settings.load(data)
    keys = Keyring(
        data / "keys",
        key_store=node_settings.key_store_of(data, settings),
        clock=clock,
        retention_days=settings.retention_text_days,
    )
    store = open_store(data, database_url)
    try:
        store.migrate()
        yield Bench(keys, store, clock)
    finally:
        store.close()


def state(keys: Keyring, today: str) -> State:
    """The key store as it is. `today` is YYYY-MM-DD."""
    log = keys.day_keys.log()
    destroyed = keys.destroyed_since(0)
    ends = tuple((day, keys.ends(day).isoformat()) for day in keys.days())
    return State(
        folder=str(keys.day_keys.folder),
        days=ends,
        overdue=tuple(day for day, end in ends if end <= today),
        destroyed=len(destroyed),
        erased=len(log) - len(destroyed),
        last_destroyed=destroyed[-1] if destroyed else "",
    )


def bring_back(at: Bench, copy: key_backup.Sealed) -> key_backup.Brought:
    """Day keys from a copy into this node's key store; a key store that is lost is made anew first."""
    if copy.about.node_id != at.keys.identity.node_id:
        raise BadInput("these are the keys of another node: take the copy that this one wrote")
    ours = at.keys.day_keys
    if not ours.exists or ours.id != at.store.jobs.cursor(KNOWN_STORE):
        begin(at.keys, at.store, micros(at.clock()))
    brought = key_backup.bring(at.keys, at.store, copy, at.clock())
    at.audit("keys.restore", "copy of the key store", days=brought.days, destroyed=brought.destroyed)
    return brought


def begin_anew(at: Bench) -> None:
    """Go on with the key store that is in the folder, or a new one; what was destroyed stays so."""
    begin(at.keys, at.store, micros(at.clock()))
    at.audit("keys.begin", "the key store was lost", days=len(at.keys.days()))


def repaired(at: Bench) -> tuple[str, ...]:
    """Make a list that was tampered with anew; every day that was ever named is destroyed."""
    days = repair(at.keys, at.store, micros(at.clock()))
    at.audit("keys.repair", "a list of destroyed days was changed", days=len(days))
    return days
