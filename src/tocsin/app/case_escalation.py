"""Cases that are late are told: once when they become so, then once a day, and nothing else about them moves."""

import os

from tocsin.app.cases import Cases
from tocsin.app.queues import Queues
from tocsin.kernel import Clock, micros
from tocsin.store.interface import Store

LEASE = "case-escalation"
LEASE_MICROS = 300_000_000
AT_ONCE = 500
"""Cases in one turn: a long list is worked off in several, and other writers come between."""


class CaseEscalation:
    """The node's own act: it has no key of a case, and needs none."""

    def __init__(self, store: Store, cases: Cases, queues: Queues, clock: Clock) -> None:
        self._store = store
        self._cases = cases
        self._queues = queues
        self._clock = clock
        self._holder = f"{os.getpid()}.{os.urandom(4).hex()}"

    def tick(self) -> int:
        """Raise `escalated` of what is late; returns how many. 0 while another process is at it.

        Open queues first: when a channel hears of theirs does not hang on how many restricted cases are late.
        """
        now = micros(self._clock())
        if not self._store.jobs.lease(LEASE, self._holder, now=now, ttl=LEASE_MICROS):
            return 0
        restricted = frozenset(queue.id for queue in self._queues.all() if queue.restricted)
        return sum(
            self._cases.escalate(case.id)
            for queues in (self._queues.ids() - restricted, restricted)
            for case in self._store.cases.late(now, queues=queues, limit=AT_ONCE)
        )

    def release(self) -> None:
        """Give the lease back."""
        self._store.jobs.release_lease(LEASE, self._holder)
