"""Decided cases that are like this one, and key cases, beside it: each with why it is alike. They decide nothing.

Looked at are the newest decided cases of open queues that the caller may see. Words are compared by their fingerprints,
for who may open words, among few: what is told is how alike, never a word. A restricted case neither asks nor is found.
"""

import msgspec

from tocsin.app.access import Access
from tocsin.app.cases import Cases
from tocsin.app.queues import Queues
from tocsin.cases import holds_identifier
from tocsin.kernel import BadInput, Caller, Clock, Conflict, NotAllowed, NotFound, micros
from tocsin.kernel.cases import Case, CaseState
from tocsin.kernel.precedents import CasePrecedent
from tocsin.store.case_interface import CaseFilter
from tocsin.store.interface import Store
from tocsin.wire.fold import fold
from tocsin.wire.sketch import decode, similarity, sketch_batch

MAX_LOOKED = 200
"""Decided cases of each state and page that are looked at."""
MAX_OPENED = 40
"""Cases whose words are compared: enough to find a template, too few to read a queue by."""
MAX_SHOWN = 8
ALIKE = 0.3
"""Share of equal slots from which words are said to be alike; fingerprints of unlike texts agree by less than .1."""
MIN_CHARS, MAX_CHARS = 20, 4_000
DECIDED = (CaseState.DISPOSED, CaseState.UPHELD, CaseState.CLOSED)
"""What was overturned is no example."""


class Why(msgspec.Struct, frozen=True):
    """In what a case is alike: "category", "measure", "ground", "warning", or "words" with a share."""

    what: str
    value: str
    share: float | None = None


class Similar(msgspec.Struct, frozen=True):
    """A decided case and why it is shown. The more reasons, the nearer."""

    case: Case
    why: tuple[Why, ...]


class SimilarCases:
    """Every look needs `case.read`; an entry in the register `case.approve`."""

    def __init__(self, store: Store, access: Access, queues: Queues, cases: Cases, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._queues = queues
        self._cases = cases
        self._clock = clock

    def beside(self, by: Caller, case_id: str) -> tuple[Similar, ...]:
        """The nearest first; none for a restricted case, or one without a category. Raises NotAllowed, NotFound."""
        case = self._cases.get(by, case_id)
        if self._queues.get(case.queue).restricted or not case.category:
            return ()
        seen = {queue for queue in self._queues.visible_to(by) if not self._queues.get(queue).restricted}
        found = [
            other
            for state in DECIDED
            for other in self._store.cases.page(seen, CaseFilter(state=state, limit=MAX_LOOKED))
            if other.id != case.id and other.disposition is not None and other.category == case.category
        ]
        newest = sorted(found, key=lambda one: one.updated, reverse=True)
        words = self._words_alike(by, case, newest[:MAX_OPENED])
        told = [Similar(one, (*_why(case, one), *words.get(one.id, ()))) for one in newest]
        return tuple(sorted(told, key=lambda one: (-len(one.why), -one.case.updated))[:MAX_SHOWN])

    def precedents(self, by: Caller, category: str = "") -> tuple[CasePrecedent, ...]:
        """Key cases, newest first. Raises NotAllowed."""
        self._access.require(by, "case.read")
        return self._store.case_precedents.find(category=category)

    def add_precedent(self, by: Caller, case_id: str, *, reasoning: str, stands_for: str) -> CasePrecedent:
        """Put a decided case into the register. What is written for it outlives the case and names nobody.

        Raises NotAllowed, NotFound, BadInput, and Conflict for one that is undecided, overturned, restricted or there.
        """
        self._access.require(by, "case.approve")
        case = self._cases.get(by, case_id)
        if case.state not in DECIDED or case.disposition is None:
            raise Conflict("a key case is one that was decided, and whose decision stands")
        if self._queues.get(case.queue).restricted:
            raise Conflict("a restricted case is no key case: what is written of it would tell of it")
        made = CasePrecedent(
            case=case.id,
            category=case.category,
            measures=tuple(one.value for one in case.disposition.measures),
            ground=case.disposition.ground.value,
            outcome=case.disposition.outcome.value,
            reasoning=_stated(reasoning, "the reasoning"),
            stands_for=_stated(stands_for, "what it stands for"),
            decided=case.disposition.at,
            at=micros(self._clock()),
            by=by.user,
        )
        with self._store.together():
            self._store.case_precedents.add(made)
            self._access.audit(by.user, "case.precedent", subject=case.id, purpose=made.stands_for[:400])
        return made

    def _words_alike(self, by: Caller, case: Case, others: list[Case]) -> dict[str, tuple[Why, ...]]:
        if not self._access.may(by, "case.words"):
            return {}
        texts = [self._text(by, one.id) for one in (case, *others)]
        mine, *theirs = sketch_batch([fold(text) for text in texts])
        if mine is None:
            return {}
        self._access.audit(
            by.user, "case.compare", subject=case.id, purpose="similar cases", detail={"cases": len(others)}
        )
        found: dict[str, tuple[Why, ...]] = {}
        for other, blob in zip(others, theirs, strict=True):
            if blob is not None:
                share = similarity(decode(mine).signature, decode(blob).signature)
                if share >= ALIKE:
                    found[other.id] = (Why("words", "", round(share, 2)),)
        return found

    def _text(self, by: Caller, case_id: str) -> str:
        try:
            words = self._cases.compared(by, case_id)
        except (NotFound, NotAllowed):
            return ""  # erased
        return f"{words.title}\n{words.what}"


def _why(case: Case, other: Case) -> tuple[Why, ...]:
    """What the two have in common without anybody's words."""
    found = [Why("category", other.category)]
    if case.warning is not None and case.warning == other.warning:
        found.append(Why("warning", case.warning))
    decided, before = case.disposition or case.proposal, other.disposition
    if decided is not None and before is not None:
        found += [Why("measure", one.value) for one in before.measures if one in decided.measures]
        if decided.ground is before.ground:
            found.append(Why("ground", before.ground.value))
    return tuple(found)


def _stated(text: str, what: str) -> str:
    said = " ".join(text.split())
    if not MIN_CHARS <= len(said) <= MAX_CHARS:
        raise BadInput(f"state {what} in {MIN_CHARS} to {MAX_CHARS} characters")
    if holds_identifier(said):
        raise BadInput(f"{what} holds an address, a link, a number or a handle: a key case names nobody")
    return said
