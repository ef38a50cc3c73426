"""What a store promises of cases: an act and what it changes are kept together or not at all. A part of `interface`.

Whoever asks for somebody names the queues that they may see (`queues`): a case in another one is not there. The
database is asked with them, so that nothing has to be taken out of an answer afterwards.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

import msgspec

from tocsin.kernel.cases import Case, CaseAct, CaseState, Urgency


class KeptAct(msgspec.Struct, frozen=True):
    """An act as kept: its reasons as ciphertext, None where none were given or they were erased."""

    act: CaseAct
    sealed: bytes | None = None


class NewCaseRow(msgspec.Struct, frozen=True):
    """A case with its first act and its sealed texts, by what they are."""

    case: Case
    act: KeptAct
    texts: Mapping[str, bytes] = {}


class CaseFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a page shows. Without a state it is what is open and not appealed; `appeals` is what is appealed."""

    state: CaseState | None = None
    urgency: Urgency | None = None
    holder: str | None = None
    """Only what this user holds at `now`."""
    now: int = 0
    appeals: bool = False
    after: tuple[int, int, str] | None = None
    """(rank, received, id) of the last case of the page before."""
    limit: int = 50


class CaseStore(Protocol):
    """Cases, their sealed texts, their acts. No case is ever deleted by this."""

    def add(self, rows: Iterable[NewCaseRow]) -> int:
        """Keep new cases, all or none; returns how many. Raises Conflict when an id exists."""
        ...

    def get(self, case_id: str, queues: Collection[str]) -> Case | None: ...

    def act(self, case: Case, act: KeptAct, texts: Mapping[str, bytes] | None = None) -> None:
        """Keep a case as an act left it, the act, and texts that it set. Raises Conflict when another came first."""
        ...

    def texts(self, case_id: str, queues: Collection[str]) -> dict[str, bytes]:
        """What it is → ciphertext, of every text of a case."""
        ...

    def move_texts(self, case_id: str, whats: Collection[str], to: str, sealed: Mapping[str, bytes]) -> None:
        """Take texts out of a case and keep them in another, sealed anew under its key."""
        ...

    def acts(self, case_id: str, queues: Collection[str]) -> tuple[KeptAct, ...]:
        """Oldest first."""
        ...

    def page(self, queues: Collection[str], wanted: CaseFilter) -> tuple[Case, ...]:
        """The most urgent first, then what came first."""
        ...

    def counts(self, queues: Collection[str]) -> Mapping[tuple[str, CaseState], int]:
        """(queue, state) → how many, for those where there is one."""
        ...

    def of_warning(self, warning_id: str, queues: Collection[str]) -> tuple[Case, ...]: ...
    def of_report(self, number: str, queues: Collection[str]) -> tuple[Case, ...]: ...
    def late(self, now: int, *, queues: Collection[str], limit: int) -> tuple[Case, ...]:
        """Those whose `tell` came, the longest ago first: for the node itself."""
        ...

    def queues(self) -> frozenset[str]:
        """Queues that a case lies in: for the node itself, which looks whether each of them is still there."""
        ...


class CaseStores(Protocol):
    """What of one node's memory is about cases."""

    @property
    def cases(self) -> CaseStore: ...
