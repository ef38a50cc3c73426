"""How many requests authorities made, and what became of them: public, and no word of a restricted case."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from tocsin.app.queues import Queues
from tocsin.cases.requests import outcome
from tocsin.store.interface import Store

MAX_COUNTED = 100_000
"""Requests in one count: more than any node was ever asked."""


class Counted(msgspec.Struct, frozen=True):
    """`rows` are (kind of authority, outcome) and how many; `apart` those about cases of restricted queues.

    An outcome is a state; "emergency-unconfirmed" is what one person answered and no second confirmed.
    """

    rows: Mapping[tuple[str, str], int]
    apart: int


class RequestCounts:
    """Counts of all requests there ever were; they name nobody, so everybody may ask."""

    def __init__(self, store: Store, queues: Queues) -> None:
        self._store = store
        self._queues = queues

    def of(self, *, since: int = 0, until: int | None = None) -> Counted:
        """Those that came from `since` to before `until`. `apart` is told in a sum that hides it, or not at all."""
        found = self._store.authority_requests.listed(since=since, until=until, limit=MAX_COUNTED)
        open_queues = self._queues.unrestricted()
        rows: Counter[tuple[str, str]] = Counter()
        apart = 0
        for _, request in found:
            if request.case and self._store.cases.get(request.case, open_queues) is None:
                apart += 1  # also where the queue's file is gone: nobody can say any more
            else:
                rows[request.kind.value, outcome(request)] += 1
        return Counted(rows, apart)
