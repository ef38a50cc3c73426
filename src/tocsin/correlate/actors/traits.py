"""What is known of each account of a warning from its own events: counts, pace, age. No text, language or place."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from tocsin.correlate.groups import DAY_US, EVASION_DETECTOR, NEW_DAYS
from tocsin.store.links_interface import Identifier

NAMED = frozenset({"wallet", "email", "phone"})
"""What a text can name: the wallet of a strike fund stands beside everybody who passes its appeal on. With the
warning's own events such an identifier is the repetition again and not held by the account; with its others it is."""

PACED_EVENTS = 8
"""Events from which the gaps between them say something of how they were made."""

NEAR, STEADY = 0.25, 0.6
"""A clock made them when STEADY of the gaps lie within NEAR of their median. Of random ones a sixth do."""

WAKING_HOURS = 22
WAKING_EVENTS = 60
"""An account that is active in so many of the 24 hours, over so many events, sleeps less than a person."""


class Traits(msgspec.Struct, frozen=True):
    """One account. `in_warning` of its `events` belong to the warning; `new` is None where no date is known."""

    events: int
    in_warning: int
    new: bool | None
    evading: bool
    paced: bool
    """Whether it has events enough to speak of its pace."""
    machine: bool


def traits_of(
    acts: pa.Table, in_warning: Collection[str]
) -> tuple[dict[str, Traits], dict[Identifier, set[str]], dict[Identifier, str]]:
    """Traits by account, identifiers with the accounts that hold them, and one event that shows each identifier.

    `acts` as `LinkStore.acts` gives them, `in_warning` the ids of the warning's own events.
    """
    named = frozenset(in_warning)
    by_account: dict[str, list[dict[str, Any]]] = {}
    held_by: dict[Identifier, set[str]] = {}
    shown: dict[Identifier, str] = {}
    for row in acts.to_pylist():
        by_account.setdefault(row["actor"], []).append(row)
        for seen in row["observables"] or ():
            identifier = (seen["type"], seen["value"])
            if seen["type"] in NAMED and row["id"] in named:
                continue
            held_by.setdefault(identifier, set()).add(row["actor"])
            shown[identifier] = row["id"]  # the newest: its text is the likeliest to be kept still
    return {name: _traits(rows, named) for name, rows in sorted(by_account.items())}, held_by, shown


def _traits(rows: list[dict[str, Any]], in_warning: frozenset[str]) -> Traits:
    times = np.array([row["time"] for row in rows], np.int64)  # ascending, as `acts` gives them
    told = [row["actor_created"] for row in rows if row["actor_created"] is not None]
    return Traits(
        events=len(rows),
        in_warning=sum(row["id"] in in_warning for row in rows),
        new=bool(times[0] - min(told) < NEW_DAYS * DAY_US) if told else None,
        evading=any(said["detector"] == EVASION_DETECTOR for row in rows for said in row["signals"] or ()),
        paced=len(rows) >= PACED_EVENTS,
        machine=_machine(times),
    )


def _machine(times: "np.ndarray[Any, np.dtype[np.int64]]") -> bool:
    if len(times) < PACED_EVENTS:
        return False
    gaps = np.diff(times).astype(np.float64)
    median = float(np.median(gaps))
    steady = median > 0 and float(np.mean(np.abs(gaps - median) <= NEAR * median)) >= STEADY
    hours = len(np.unique(times // 3_600_000_000 % 24))
    return steady or (len(times) >= WAKING_EVENTS and hours >= WAKING_HOURS)


def share(traits: Mapping[str, Traits], accounts: Collection[str]) -> float:
    """What part of these accounts' events belongs to the warning."""
    events = sum(traits[name].events for name in accounts if name in traits)
    return sum(traits[name].in_warning for name in accounts if name in traits) / events if events else 0.0
