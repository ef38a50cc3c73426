"""The ledger of counts: what was paid, over the node's life, in two places that no one backup holds together.

    the key store's log    a line of What.COUNT, chained and authenticated, outside the data and its backups
    the database           the same payments, and the copy of the log that every start settles (`key_settling`)

A payment is on disk in the log before anything is drawn, and in the database after it. What either names is paid: so an
older database, or an older key store, forgets nothing. Where a key store was begun anew nobody can know what its
predecessor had paid since the backup: then nothing is drawn until a person has settled it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from tocsin.app.key_settling import COUNTS_UNSURE, KNOWN_STORE
from tocsin.app.keyring import Keyring
from tocsin.kernel import BadInput, Conflict, Unavailable, micros
from tocsin.kernel.counts import (
    DISTINCT,
    DISTINCT_PURSE,
    LISTS_PURSE,
    SETTLED,
    SUMS,
    SUMS_PURSE,
    Purse,
    Spend,
    purse_of,
    spend_named,
    start_of_week,
    week_of,
)
from tocsin.store.interface import Store
from tocsin.trust.day_keys import What
from tocsin.trust.seal import Entropy

NONCE_BYTES = 8
WEEKS_BACK = 8
"""A week is counted for the first time at most so many weeks after it: after a restore no older one is in doubt."""

SHOWN_BY = {DISTINCT: "tocsin share distinct show", SUMS: "tocsin share sum status"}

_WEEK_SECONDS = 7 * 86_400


class CountLedger:
    """Several processes may use one: whoever pays holds the key store's lock until what was drawn is kept."""

    def __init__(self, store: Store, keys: Keyring, entropy: Entropy = os.urandom) -> None:
        self._store = store
        self._keys = keys
        self._entropy = entropy

    @property
    def unsure(self) -> bool:
        """Whether payments may have been forgotten."""
        return self._store.jobs.cursor(COUNTS_UNSURE) not in (None, "")

    def paid(self) -> tuple[Spend, ...]:
        """Every payment that either place names, by week. Raises Unavailable when the key store is away."""
        ours = self._keys.day_keys
        if not ours.exists or self._store.jobs.cursor(KNOWN_STORE) != ours.id:
            raise Unavailable(
                f"the ledger of counts lies in the key store, which is not in {ours.folder}: mount it, or get it "
                "back with `tocsin keys restore FILE`"
            )
        found = {one.name: one for one in self._store.counts.spends()}
        for line in ours.log():
            if line.what is What.COUNT:
                found[line.name] = spend_named(line.name, line.at)
        return tuple(sorted(found.values(), key=lambda one: (one.week, one.at, one.name)))

    def left(self, week: str = "", purse: Purse = LISTS_PURSE) -> int:
        """Thousandths of epsilon that are left: of the node's life, or of one week and no more than of its life."""
        paid = self.paid()
        mine = [one for one in paid if one.purse == purse]
        life = purse.life - sum(one.cost for one in mine)
        if not week:
            return max(0, life)
        if any(one.list == SETTLED and week <= one.week for one in paid):
            return 0
        return max(0, min(life, purse.week - sum(one.cost for one in mine if one.week == week)))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else pays, draws or keeps meanwhile. Not to be taken twice."""
        with self._keys.day_keys.alone():
            yield

    def require(self, week: str, which: str, cost: int) -> None:
        """That this could be paid now. Raises as `pay` does."""
        if cost <= 0:
            raise BadInput("a count costs something")
        if self.unsure:
            raise Unavailable(
                "the key store was begun anew, and what had been paid for counts since the backup is not known: settle "
                "it with `tocsin share count --settle DAY`, naming the day of the backup"
            )
        left = self.left(week, purse_of(which))
        if cost > left:
            shows = SHOWN_BY.get(which, "tocsin share count --ledger")
            raise Conflict(
                f"the budget of {week} has {left / 1_000:g} of epsilon left, and this costs {cost / 1_000:g}: "
                f"nothing was drawn. `{shows}` shows what was paid; it cannot be raised"
            )

    def pay(self, week: str, which: str, cost: int, now: datetime) -> Spend:
        """Pay, for good: it is on disk in both places when this returns. The caller holds `alone`.

        `which` is a CountList, DISTINCT or SUMS.

        Raises Conflict when it would overspend, Unavailable when what was paid before cannot be known.
        """
        self.require(week, which, cost)
        return self._note(week, str(which), cost, now)

    def settle(self, since: datetime, now: datetime) -> Spend:
        """Allow for all that may have been paid since the day of a backup; this week and all before are closed.

        In n weeks no more than n + WEEKS_BACK weeks can have been drawn for the first time. Raises BadInput, Conflict.
        """
        if since >= now:
            raise BadInput("the day of the backup lies in the past")
        with self.alone():
            if not self.unsure:
                raise Conflict("nothing is in doubt: the key store's log and the database know what was paid")
            weeks = int((now - start_of_week(week_of(since))).total_seconds() // _WEEK_SECONDS) + 1
            costs = [
                min(self.left(purse=purse), (weeks + back) * purse.week)
                for purse, back in (
                    (DISTINCT_PURSE, WEEKS_BACK),
                    (
                        SUMS_PURSE,
                        1,
                    ),  # a look is paid in its own week, which begins in the week before, or never
                    (LISTS_PURSE, WEEKS_BACK),
                )
            ]
            self._note(week_of(now), DISTINCT, costs[0], now)
            self._note(week_of(now), SUMS, costs[1], now)
            spend = self._note(week_of(now), SETTLED, costs[2], now)
            self._store.jobs.set_cursor(COUNTS_UNSURE, "")
        return spend

    def _note(self, week: str, which: str, cost: int, now: datetime) -> Spend:
        at = micros(now)
        spend = Spend(week, which, cost, self._entropy(NONCE_BYTES).hex(), at)
        ours = self._keys.day_keys
        ours.append([(What.COUNT, spend.name)], at)
        with self._store.together():
            self._store.counts.pay(spend)
            self._store.gone.add(ours.log()[len(self._store.gone.list()) :])
        return spend
