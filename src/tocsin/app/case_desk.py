"""The one way an act on a case goes: who asks is looked at, the state machine decides, and what follows is kept whole.

The case, its act in the timeline, its sealed texts and the line of the audit are one transaction. The audit keeps each
act's link of the timeline; of a restricted queue it names neither case nor number, so that no two lines are of one case
to who reads them (ADR 0043).
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec

from tocsin.app.access import Access
from tocsin.app.case_keys import CaseKeys, label, missing
from tocsin.app.queues import Queues
from tocsin.cases import due, timeline
from tocsin.cases.states import NEEDS, Asking, Refused, Step, Why, move
from tocsin.kernel import BadInput, Caller, Clock, Conflict, Means, NotAllowed, NotFound, TocsinError, micros
from tocsin.kernel.cases import Case, CaseAct, CaseState, Queue
from tocsin.kernel.disposing import Appellant
from tocsin.store.case_interface import KeptAct
from tocsin.store.interface import Store
from tocsin.trust.seal import Entropy, Seal

PUBLIC, NODE = "public", "node"
"""Who acts where no user does: somebody at the public door, and this node by itself."""
REASONS = "reasons"
READ_WORDS = "case.words"
DECIDING = frozenset({Step.PROPOSE, Step.DISPOSE, Step.APPROVE, Step.UPHOLD, Step.OVERTURN})
_ERRORS: dict[Why, type[TocsinError]] = {
    Why.STATE: Conflict,
    Why.CLAIM: Conflict,
    Why.ROLE: NotAllowed,
    Why.EYES: NotAllowed,
    Why.REASONS: BadInput,
}
Detail = dict[str, str | int | float]
Listener = Callable[[Case], object]
Split = Callable[[Caller, Case, Case, tuple[str, ...]], object]
Acted = Callable[[CaseAct, Case | None, Case], object]


class Entered(msgspec.Struct, frozen=True):
    """A case that may be acted on: as it was, and the state that the act leads to."""

    case: Case
    now: CaseState
    queue: Queue
    acts: tuple[KeptAct, ...]


class Reading:
    """Somebody reads a case: whatever they open of it meanwhile is one line of the audit."""

    def __init__(self, user: str, case: str) -> None:
        self.user, self.case, self.told = user, case, False


_READING: ContextVar[Reading | None] = ContextVar("tocsin-reading", default=None)


class CaseDesk:
    """What every act on a case goes through; `app.cases.Cases` is the service."""

    def __init__(
        self,
        store: Store,
        access: Access,
        queues: Queues,
        keys: CaseKeys,
        clock: Clock,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._access = access
        self._queues = queues
        self._keys = keys
        self._clock = clock
        self._entropy = entropy
        self._disposed: list[Listener] = []
        self._judged: list[Listener] = []
        self._split: list[Split] = []
        self._acted: list[Acted] = []

    def on_act(self, callback: Acted) -> None:
        """Call back with (the act, the case before or None, the case) after each act, inside its transaction."""
        self._acted.append(callback)

    def on_disposed(self, callback: Listener) -> None:
        """Call back with the whole case when a decision stands: inside its transaction, so both are kept or none."""
        self._disposed.append(callback)

    def on_judged(self, callback: Listener) -> None:
        """Call back with the whole case when an appeal was judged, in the same way."""
        self._judged.append(callback)

    @contextmanager
    def reading(self, by: Caller, case_id: str) -> Iterator[None]:
        """All that `by` opens of the case within this is one reading; within another of theirs, a part of that."""
        outer = _READING.get()
        joins = outer is not None and (outer.user, outer.case) == (by.user, case_id)
        before = _READING.set(outer if joins else Reading(by.user, case_id))
        try:
            yield
        finally:
            _READING.reset(before)

    def was_read(self, by: Caller, case: Case) -> None:
        """Say in the audit that somebody is shown what was said in a case: before they are, and once a reading."""
        reading = _READING.get()
        if reading is not None and (reading.user, reading.case) == (by.user, case.id):
            if reading.told:
                return
            reading.told = True
        restricted = self._queues.get(case.queue).restricted
        self._access.audit(by.user, READ_WORDS, subject="" if restricted else case.id, purpose="")

    @contextmanager
    def _acting(self, by: Caller, step: Step, case_id: str) -> Iterator[None]:
        """One transaction; that somebody was refused is kept nonetheless."""
        try:
            with self._store.together():
                yield
        except NotAllowed:
            self._access.audit(
                by.user, f"case.{step}", subject=self._named(by, case_id), purpose="", outcome="refused"
            )
            raise

    def _enter(
        self,
        by: Caller | None,
        case_id: str,
        step: Step,
        *,
        version: int | None = None,
        reasons: str = "",
        grave: bool = False,
        appellant: Appellant | None = None,
    ) -> Entered:
        """The case, if `step` may be done with it; inside the transaction. `by` None is the node or the public door.

        Raises NotAllowed before a case is looked for; NotFound for one in a queue that is not seen, as for none;
        Conflict, NotAllowed, BadInput as the state machine refuses.
        """
        if by is not None and NEEDS[step].role:
            self._access.require(by, NEEDS[step].role)
        case = self._store.cases.get(case_id, self._seen(by))
        if case is None:
            raise NotFound(missing(case_id))
        if version is not None and version != case.version:
            raise Conflict(
                f"the case changed meanwhile (it is at {case.version}): look at it again, then act"
            )
        acts = self._store.cases.acts(case_id, self._seen(by))
        asking = self._asking(by, case, acts, reasons=reasons, grave=grave, appellant=appellant)
        verdict = move(case, step, asking, before=_before_merge(acts))
        if isinstance(verdict, Refused):
            raise _ERRORS[verdict.why](verdict.reason)
        return Entered(case, verdict.now, self._queues.get(case.queue), acts)

    def _asking(
        self,
        by: Caller | None,
        case: Case,
        acts: tuple[KeptAct, ...],
        *,
        reasons: str,
        grave: bool,
        appellant: Appellant | None,
    ) -> Asking:
        person = self._access.person
        claim = case.claim if case.claim and case.claim.until > self._now() else None
        return Asking(
            person=person(by.user) if by else NODE,
            permitted=True,  # `require` was asked, which also says so in the audit
            present=by is not None and by.means in (Means.SESSION, Means.OPERATOR),
            reasons=reasons,
            holder=person(claim.by) if claim else None,
            proposer=person(case.proposal.decided_by) if case.proposal else None,
            deciders=frozenset(person(kept.act.by) for kept in acts if kept.act.act in DECIDING),
            grave=grave,
            appellant=appellant,
            heard=_heard(acts),
        )

    def _keep(
        self,
        by: Caller | None,
        step: Step,
        entered: Entered,
        case: Case,
        *,
        reasons: str = "",
        detail: Detail | None = None,
        texts: Mapping[str, bytes] | None = None,
        left: Mapping[str, bytes] | None = None,
        queue: Queue | None = None,
        seal: Seal | None = None,
    ) -> Case:
        """Keep `case` as the act left it; `texts` are sealed here, `left` are words from outside."""
        now, was = self._now(), entered.case
        number = was.version + 1
        queue = queue or entered.queue
        claimed = was.claim is not None and was.claim.until > now
        changed = msgspec.structs.replace(case, state=entered.now, updated=now, version=number)
        changed = due.after(changed, queue, step, now=now, renewed=step is Step.CLAIM and claimed)
        sealed = {what: self._keys.leave(was.id, plain, what) for what, plain in (left or {}).items()}
        said: bytes | None = None
        if texts or (reasons and by is not None):
            seal = seal or self._seal(by, was)
            sealed |= {what: seal.close(plain, label(was.id, what)) for what, plain in (texts or {}).items()}
            if reasons:
                said = seal.close(reasons.strip().encode(), label(was.id, f"{REASONS}/{number}"))
        act = timeline.chained(
            CaseAct(
                case=was.id,
                number=number,
                at=now,
                by=by.user if by else (PUBLIC if step in (Step.APPEAL, Step.NOTE) else NODE),
                act=step.value,
                was=was.state,
                now=changed.state,
                detail=detail or {},
                said=hashlib.sha256(said).digest() if said else b"",
            ),
            entered.acts[-1].act.chain if entered.acts else b"",
        )
        self._store.cases.act(changed, KeptAct(act, said), sealed)
        self._audit(act, restricted=entered.queue.restricted or queue.restricted)
        self._hear(act, was, changed)
        return changed

    def _hear(self, act: CaseAct, before: Case | None, case: Case) -> None:
        for callback in self._acted:
            callback(act, before, case)

    @staticmethod
    def _tell(listeners: list[Listener], case: Case) -> None:
        for callback in listeners:
            callback(case)

    def _audit(self, act: CaseAct, *, restricted: bool) -> None:
        detail: Detail = {"chain": act.chain.hex()}
        if not restricted:
            detail |= {"number": act.number, "now": act.now.value}
        subject = "" if restricted else act.case
        self._access.audit(act.by, f"case.{act.act}", subject=subject, purpose="", detail=detail)

    def _named(self, by: Caller, case_id: str) -> str:
        """The id for the audit, of a case that lies in an open queue; "" for any other, and for none."""
        case = self._store.cases.get(case_id, self._seen(by))
        return "" if case is None or self._queues.get(case.queue).restricted else case_id

    def _seal(self, by: Caller | None, case: Case) -> Seal:
        return self._keys.opened(by, case.id) if by is not None else self._keys.for_node(case.id)

    def _seen(self, by: Caller | None) -> frozenset[str]:
        return self._queues.visible_to(by) if by is not None else self._queues.ids()

    def _now(self) -> int:
        return micros(self._clock())


def _before_merge(acts: tuple[KeptAct, ...]) -> CaseState | None:
    merges = [kept.act.was for kept in acts if kept.act.act == Step.MERGE]
    return merges[-1] if merges else None


def _heard(acts: tuple[KeptAct, ...]) -> frozenset[Appellant]:
    """Whose appeals were judged since the decision that stands was made."""
    heard: set[Appellant] = set()
    for kept in acts:
        if kept.act.act in (Step.DISPOSE, Step.APPROVE, Step.OVERTURN):
            heard.clear()
        elif kept.act.act == Step.APPEAL:
            heard.add(Appellant(str(kept.act.detail["appellant"])))
    return frozenset(heard)
