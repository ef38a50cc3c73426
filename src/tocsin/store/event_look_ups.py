"""Events by number and by id: what the watch asks of few of very many. Part of the contract in `interface`."""

from collections.abc import Collection
from typing import Protocol


class EventLookUps(Protocol):
    """Each question is one short transaction, whatever is compacted meanwhile."""

    def ids(self, seqs: Collection[int]) -> dict[int, str]:
        """Seq → event id, for those that are kept."""
        ...

    def seqs(self, ids: Collection[str]) -> dict[str, int]:
        """Event id → seq, for those that are kept."""
        ...

    def sketches(self, seqs: Collection[int]) -> dict[int, tuple[str, str, bytes]]:
        """Seq → (seal day, event id, sealed fingerprint), for those that have one."""
        ...
