"""What a store promises of letters, statements, authorities' requests and what is published. A part of `interface`.

Times in microseconds. Bodies that hold words come sealed and leave as they came.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

import msgspec

from tocsin.kernel.cases import Case, CaseAct
from tocsin.kernel.precedents import CasePrecedent
from tocsin.kernel.requests import AuthorityRequest, RequestState, RequestStep


class KeptLetter(msgspec.Struct, frozen=True):
    """A letter as kept. `audience` is who it is to; numbers of one case and audience count from 1.

    `held` says under which key it lies: the case's own ("case"), or the node's ("node") where the case is restricted.
    """

    case: str
    audience: str
    number: int
    at: int
    held: str
    sealed: bytes


class KeptStatement(msgspec.Struct, frozen=True):
    """A statement of reasons as kept, without anybody's words: those stay in the case and go with its key.

    `measures` are what was decided, apart by blanks; `told` is what a person added for the database, encoded;
    `exported` when it was last written out.
    """

    puid: str
    case: str
    at: int
    measures: str
    told: bytes
    exported: int | None = None


class Remedy(msgspec.Struct, frozen=True):
    """A measure that an overturned decision took, to be undone by a person. `done` is when it was, `by` whom."""

    id: str
    case: str
    measure: str
    since: int
    done: int | None = None
    by: str | None = None


class RuleOutcome(msgspec.Struct, frozen=True):
    """What a case that began with a rule's warning came to: a person's word on the rule. A case's last one holds."""

    case: str
    rule: str
    warning: str
    borne_out: bool
    at: int


class Published(msgspec.Struct, frozen=True):
    """A transparency report as made; `published` is when a person let it out, None before that."""

    id: str
    since: int
    until: int
    at: int
    by: str
    body: bytes
    published: int | None = None
    published_by: str | None = None


class ReasonStore(Protocol):
    """Letters, statements, and what is to be undone."""

    def add_letter(self, case: str, audience: str, *, at: int, held: str, sealed: bytes) -> KeptLetter:
        """Keep it under the next number of this case and audience."""
        ...

    def letters(self, case: str, audience: str | None = None) -> tuple[KeptLetter, ...]:
        """By audience, oldest first."""
        ...

    def put_statement(self, statement: KeptStatement) -> None:
        """Keep it; the same `puid` again takes its place."""
        ...

    def statement(self, puid: str) -> KeptStatement | None: ...
    def statements(
        self, *, case: str | None = None, since: int = 0, until: int | None = None, limit: int = 1000
    ) -> tuple[KeptStatement, ...]:
        """Oldest first, since <= at < until."""
        ...

    def forget(self, case: str) -> int:
        """Delete the letters of a case; how many. What holds no word stays, for counts."""
        ...

    def add_remedies(self, found: tuple[Remedy, ...]) -> None:
        """Keep those whose id is new."""
        ...

    def finish_remedy(self, remedy_id: str, *, at: int, by: str) -> Remedy:
        """Raises NotFound, and Conflict for one that was undone before."""
        ...

    def remedies(self, *, case: str | None = None, still: bool = False) -> tuple[Remedy, ...]:
        """Oldest first; `still` those that nobody undid."""
        ...

    def put_outcome(self, outcome: RuleOutcome) -> None:
        """Keep it in place of an earlier one of this case."""
        ...

    def drop_outcome(self, case: str) -> None:
        """The case says nothing of its rule any more."""
        ...

    def outcomes(self, *, rule: str | None = None) -> tuple[RuleOutcome, ...]: ...


class RequestStore(Protocol):
    """Authorities' requests and every step on them. None is ever deleted: the public count rests on them."""

    def begin(self, request: AuthorityRequest, words: bytes) -> None:
        """Keep a new one. Raises Conflict when the id is taken."""
        ...

    def advance(self, request: AuthorityRequest, words: bytes) -> None:
        """Replace it; its version is one above what is kept. Raises Conflict, NotFound."""
        ...

    def get(self, request_id: str) -> tuple[AuthorityRequest, bytes] | None: ...
    def listed(
        self,
        *,
        state: RequestState | None = None,
        case: str | None = None,
        since: int = 0,
        until: int | None = None,
        before: int | None = None,
        limit: int = 200,
    ) -> tuple[tuple[int, AuthorityRequest], ...]:
        """(seq, request), newest first, since <= at < until; `before` is the seq of the last of the page before."""
        ...

    def add_step(self, step: RequestStep) -> None:
        """Raises Conflict when there is a step of this number already: somebody was quicker."""
        ...

    def steps(self, request_id: str) -> tuple[RequestStep, ...]:
        """In their order."""
        ...

    def shield(self, case: str, *, at: int, by: str) -> None:
        """Say for good that a case would tell a journalist's source."""
        ...

    def shielded(self, case: str) -> bool: ...


class TransparencyStore(Protocol):
    """Reports on what this node did, made and published; and counts of the audit."""

    def add(self, report: Published) -> None: ...
    def publish(self, report_id: str, *, at: int, by: str) -> Published:
        """Raises NotFound, and Conflict for one that is out already."""
        ...

    def get(self, report_id: str) -> Published | None: ...
    def listed(self, *, published: bool = False) -> tuple[Published, ...]:
        """Newest first; `published` only those that are out."""
        ...

    def acts(self, *, since: int, until: int) -> Iterator[tuple[Case, CaseAct]]:
        """Every act on every case with since <= at < until, beside the case as it is now; for counting alone."""
        ...

    def audit_counts(self, *, since: int, until: int) -> Mapping[tuple[str, str], int]:
        """(act, outcome) → rows of the audit with since <= at < until."""
        ...

    def audit_subjects(
        self, acts: Collection[str], *, since: int, until: int
    ) -> Mapping[tuple[str, str], int]:
        """(act, subject) → rows of the audit of these acts that were done, with since <= at < until."""
        ...


class CasePrecedentStore(Protocol):
    """The register of key cases."""

    def add(self, precedent: CasePrecedent) -> None:
        """Raises Conflict when the case is in the register already."""
        ...

    def remove(self, case: str) -> bool:
        """Whether it was there."""
        ...

    def find(self, *, category: str = "", limit: int = 50) -> tuple[CasePrecedent, ...]:
        """Newest first."""
        ...


class RequestStores(Protocol):
    """The facets of a store that this page names."""

    @property
    def reasons(self) -> ReasonStore: ...
    @property
    def authority_requests(self) -> RequestStore: ...
    @property
    def case_precedents(self) -> CasePrecedentStore: ...
    @property
    def transparency(self) -> TransparencyStore: ...
