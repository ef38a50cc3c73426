"""At every start, before anything can be opened: the key store and the data agree on what is gone, or nothing opens.

1. The key store is the one that this node's data knows. A folder that is away is not made anew in silence.
2. Each of the two logs is whole, by its chain of MACs.
3. What only the database knows was destroyed before an older key store was put back: it is destroyed again.
   What only the key store knows was destroyed after the data was copied: the database learns it, and accounts that were
   erased since are erased again, and keys of cases that were destroyed since are destroyed again. What was killed half
   way is finished by the same.
4. Keys that an older version kept in keys/days/ move over; those whose time is over are destroyed.

Every step may be killed and begun again: the log is written before a key is destroyed, the database after.
"""

from collections.abc import Collection, Sequence
from datetime import date

import msgspec

from tocsin.app.key_store import KeyStore
from tocsin.app.keyring import Keyring
from tocsin.kernel import Unavailable
from tocsin.store.interface import Store
from tocsin.trust import day_keys
from tocsin.trust.day_keys import Gone, What

KNOWN_STORE = "key-store"
"""Cursor: the id of the key store that belongs to this data."""

COUNTS_UNSURE = "counts-unsure"
"""Cursor: when a key store was begun anew or repaired, so that payments for counts may be forgotten; empty once
a person settled it (`app.count_ledger`)."""

DATABASE_LIST = "the list of destroyed days in the database"


class Settled(msgspec.Struct, frozen=True):
    """What it did. `again` are days that an older key store had; `erased` events of accounts erased anew."""

    again: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    erased: int = 0


def settle(keys: Keyring, store: Store, today: date) -> Settled:
    """Bring both to one state, the one in which more is gone. Raises Unavailable when one was tampered with."""
    ours = _own_store(keys, store)  # 1
    with ours.alone():
        log = ours.log()  # 2
        kept = store.gone.list()
        day_keys.checked(ours.holder, kept, DATABASE_LIST)
        shared = _shared(log, kept)
        again = _days(kept[shared:]) - _days(log)
        if len(kept) > shared:  # 3
            _catch_up(keys, log, kept, shared)
        log = ours.log()
        shared = _shared(log, kept)
        erased = _erase_again(keys, store, _tickets(What.PERSON, log[shared:], kept))
        _destroy_again(
            keys, store, _tickets(What.CASE, log[shared:], kept)
        )  # before the database says it is done
        if len(kept) > shared:
            store.gone.replace(log)
        else:
            store.gone.add(log[shared:])
        moved = keys.move_old_days()  # 4
        ours.finish()
    due = keys.destroy_due(today)
    if due:
        mirror(keys, store)
    return Settled(tuple(sorted(again)), due, moved, erased)


def mirror(keys: Keyring, store: Store) -> None:
    """Tell the database what the key store's log has beyond it."""
    if keys.day_keys.exists:
        with keys.day_keys.alone():
            kept = len(store.gone.list())
            store.gone.add(keys.day_keys.log()[kept:])


def begin(keys: Keyring, store: Store, at: int) -> None:
    """Go on with the key store in the folder, or with a new one: what the data knows to be gone stays gone."""
    ours = keys.day_keys
    ours.create()
    with ours.alone():
        _obey(keys, store, ours.log(), at)
    store.jobs.set_cursor(KNOWN_STORE, ours.id)
    store.jobs.set_cursor(COUNTS_UNSURE, str(at))


def repair(keys: Keyring, store: Store, at: int) -> tuple[str, ...]:
    """Make both lists anew, from everything that either names; every day named is destroyed. Returns those days."""
    ours = keys.day_keys
    ours.create()
    with ours.alone():
        named = _obey(keys, store, ours.unchecked_log(), at, anew=True)
    store.jobs.set_cursor(KNOWN_STORE, ours.id)
    store.jobs.set_cursor(COUNTS_UNSURE, str(at))
    return named


def _obey(
    keys: Keyring, store: Store, log: Sequence[Gone], at: int, *, anew: bool = False
) -> tuple[str, ...]:
    """Both lists say afterwards what either said before. The caller holds the lock."""
    ours, every = keys.day_keys, [*log, *store.gone.list()]
    named = {
        (line.what, line.name) for line in every if line.what is not What.DAY or day_keys.is_day(line.name)
    }
    if anew:
        ours.rewrite_log(sorted(named), at)
    else:
        said = {(line.what, line.name) for line in log}
        ours.append(sorted(named - said), at)
        ours.finish()
    _destroy_again(keys, store, {name for what, name in named if what is What.CASE})
    store.gone.replace(ours.log())
    return tuple(sorted(name for what, name in named if what is What.DAY))


def _erase_again(keys: Keyring, store: Store, tickets: Collection[str]) -> int:
    """Erase the accounts that these tickets stand for, wherever the data still names them; returns events."""
    if not tickets:
        return 0
    holder = keys.day_keys.holder
    return sum(
        store.events.erase(account, keys.fresh_pseudonym).events
        for account in sorted(store.events.accounts())
        if day_keys.ticket_for(holder, account) in tickets
    )


def _destroy_again(keys: Keyring, store: Store, tickets: Collection[str]) -> None:
    """Delete the keys of the cases that these tickets stand for, where the data still has them."""
    if tickets:
        holder = keys.day_keys.holder
        for case_id in store.case_keys.cases():
            if day_keys.case_ticket(holder, case_id) in tickets:
                store.case_keys.destroy(case_id)


def _tickets(what: What, fresh: Sequence[Gone], kept: Sequence[Gone]) -> set[str]:
    """Names of one kind that the database has not heard of."""
    return {line.name for line in fresh if line.what is what} - {
        line.name for line in kept if line.what is what
    }


def _own_store(keys: Keyring, store: Store) -> KeyStore:
    """The key store that the data knows; made when neither knows of one."""
    ours, known = keys.day_keys, store.jobs.cursor(KNOWN_STORE)
    if known is None:
        ours.create()
        store.jobs.set_cursor(KNOWN_STORE, ours.id)
    elif not ours.exists or known != ours.id:
        raise Unavailable(
            f"the key store of this data is not in {ours.folder}: mount it or set `key_store` in settings.toml, get it "
            "back with `tocsin keys restore FILE`, or give the old texts up with `tocsin keys begin`"
        )
    return ours


def _catch_up(keys: Keyring, log: Sequence[Gone], kept: Sequence[Gone], shared: int) -> None:
    """The key store's log learns what the database has beyond it."""
    if shared == len(log):
        keys.day_keys.take_over(kept[shared:])
        return
    # Two histories of one store: each was written by its own key, so both are believed.
    said = {(line.what, line.name) for line in log}
    missing = [(line.what, line.name) for line in kept[shared:] if (line.what, line.name) not in said]
    keys.day_keys.append(missing, kept[-1].at)


def _shared(log: Sequence[Gone], kept: Sequence[Gone]) -> int:
    """How many lines the two begin with alike."""
    for place, (one, other) in enumerate(zip(log, kept, strict=False)):
        if one != other:
            return place
    return min(len(log), len(kept))


def _days(lines: Sequence[Gone]) -> set[str]:
    return {line.name for line in lines if line.what is What.DAY}
