"""Cases of this node: opened, looked at, claimed, worked on, decided, appealed, closed.

Enters: who asks, a case's id, what is done and why. Leaves: the case as it is then. Refuses: what the state machine
refuses (`cases.states`), and whoever may not see the queue, with the answer of a case that is not there.
"""

from collections.abc import Mapping

import msgspec

from tocsin.app.case_decisions import CaseDecisions
from tocsin.app.case_keys import label, missing
from tocsin.app.case_moves import CaseMoves
from tocsin.app.case_opening import NewCase as NewCase
from tocsin.app.case_texts import (
    NOTE,
    TOLD,
    WORDS,
    filled,
    numbered,
    of_kind,
    words_in,
)
from tocsin.cases import timeline
from tocsin.cases.due import claim_until
from tocsin.cases.states import MIN_REASON_CHARS, Step
from tocsin.cases.urgency import check_queue
from tocsin.kernel import BadInput, Caller, Conflict, NotAllowed, NotFound
from tocsin.kernel.cases import RANK, Case, CaseAct, CaseOrigin, CaseState, CaseWords, Claim, Urgency
from tocsin.kernel.disposing import Outcome
from tocsin.store.case_interface import CaseFilter
from tocsin.taxonomy import categories, category, refused_subject

WORDS_ACT = "case.words"
MAX_NOTE_CHARS = 20_000
"""What is longer is a file: evidence."""
MAX_PAGE = 200


class CasePage(msgspec.Struct, frozen=True):
    """Some cases in the order of their queue; `after` asks for the next ones, None at the end."""

    cases: tuple[Case, ...]
    after: str | None


class Cases(CaseDecisions, CaseMoves):
    """Every look needs `case.read`, every act its own role; each act leaves a line in the timeline and in the audit."""

    def get(self, by: Caller, case_id: str) -> Case:
        """The case; the words of its decisions are "" for who may not open them. Raises NotAllowed, NotFound."""
        case = self._case(by, case_id)
        if not self._access.may(by, WORDS_ACT):
            return case
        if case.proposal is None and case.disposition is None and case.appeal is None:
            return case
        try:
            seal = self._keys.opened(by, case_id)
        except (NotAllowed, NotFound):
            return case  # a member whose own key is locked sees that it is there, as in the queue
        return filled(case, self._store.cases.texts(case_id, self._seen(by)), seal)

    def words(self, by: Caller, case_id: str) -> CaseWords:
        """What was said in it, with every note in its order; it is a line of the audit. Raises NotAllowed, NotFound."""
        words = self.compared(by, case_id)
        self.was_read(by, self._case(by, case_id))
        return words

    def compared(self, by: Caller, case_id: str) -> CaseWords:
        """The same for a machine that compares it and shows nothing: who asks writes that down. Raises as `words`."""
        self._access.require(by, WORDS_ACT)
        case = self._case(by, case_id)
        texts = self._store.cases.texts(case_id, self._seen(by))
        seal = self._keys.opened(by, case_id)
        sealed = texts.get(WORDS)
        words = words_in(seal.open(sealed, label(case_id, WORDS))) if sealed else CaseWords()
        return msgspec.structs.replace(words, notes=tuple(self._notes(by, case, texts).values()))

    def notes(self, by: Caller, case_id: str) -> Mapping[int, str]:
        """Notes by the number of the act that they came with. Raises as `words`."""
        self._access.require(by, WORDS_ACT)
        case = self._case(by, case_id)
        found = self._notes(by, case, self._store.cases.texts(case_id, self._seen(by)))
        self.was_read(by, case)
        return found

    def note(self, by: Caller, case_id: str, text: str, *, version: int | None = None) -> Case:
        """Write something down in the case. Raises NotAllowed, NotFound, Conflict, BadInput."""
        said = _note(text)
        with self._acting(by, Step.NOTE, case_id):
            entered = self._enter(by, case_id, Step.NOTE, version=version)
            texts = {numbered(NOTE, entered.case.version + 1): said}
            return self._keep(by, Step.NOTE, entered, entered.case, texts=texts)

    def told(self, case_id: str, text: str) -> Case:
        """What who reported it adds, through the public door; whoever calls has checked that it is them."""
        said = _note(text)
        with self._store.together():
            entered = self._enter(None, case_id, Step.NOTE)
            left = {numbered(TOLD, entered.case.version + 1): said}
            return self._keep(None, Step.NOTE, entered, entered.case, left=left)

    def appeal_words(self, by: Caller, case_id: str) -> str:
        """What the person wrote who appealed last; "" where nobody did. Raises as `words`."""
        self._access.require(by, WORDS_ACT)
        case = self._case(by, case_id)
        appeals = of_kind(self._store.cases.texts(case_id, self._seen(by)), "appeal")
        if not appeals:
            return ""
        number = max(appeals)
        said = self._keys.left(by, case_id, appeals[number], numbered("appeal", number)).decode()
        self.was_read(by, case)
        return said

    def acts(self, by: Caller, case_id: str) -> tuple[CaseAct, ...]:
        """What was done, oldest first; reasons are "" for who may not open them.

        The chain is checked on the way. Raises NotAllowed, NotFound, TimelineBroken.
        """
        case = self._case(by, case_id)
        kept = self._store.cases.acts(case_id, self._seen(by))
        timeline.check([one.act for one in kept], version=case.version)
        if not self._access.may(by, WORDS_ACT):
            return tuple(one.act for one in kept)
        try:
            seal = self._keys.opened(by, case_id)
        except (NotAllowed, NotFound):
            return tuple(one.act for one in kept)
        return tuple(
            msgspec.structs.replace(
                one.act,
                reasons=seal.open(one.sealed, label(case_id, f"reasons/{one.act.number}")).decode()
                if one.sealed
                else "",
            )
            for one in kept
        )

    def page(
        self,
        by: Caller,
        *,
        queue: str | None = None,
        state: CaseState | None = None,
        urgency: Urgency | None = None,
        mine: bool = False,
        appeals: bool = False,
        after: str | None = None,
        limit: int = 50,
    ) -> CasePage:
        """Cases of the queues that are seen, the most urgent first, then what came first; without anybody's words.

        Without a state: what is open, and apart from it with `appeals` what is appealed. Raises NotAllowed, BadInput.
        """
        self._access.require(by, "case.read")
        seen = self._seen(by)
        wanted = CaseFilter(
            state=state,
            urgency=urgency,
            holder=by.user if mine else None,
            now=self._now(),
            appeals=appeals,
            after=_place(after),
            limit=max(1, min(limit, MAX_PAGE)) + 1,
        )
        found = self._store.cases.page(seen & {queue} if queue else seen, wanted)
        shown = found[: wanted.limit - 1]
        more = len(found) == wanted.limit
        return CasePage(shown, _said_place(shown[-1]) if more else None)

    def counts(self, by: Caller) -> Mapping[tuple[str, CaseState], int]:
        """(queue, state) → how many, of the queues that are seen. Raises NotAllowed."""
        self._access.require(by, "case.read")
        return self._store.cases.counts(self._seen(by))

    def of_warning(self, by: Caller, warning_id: str) -> tuple[Case, ...]:
        """Cases that began with a warning, of those that are seen. Raises NotAllowed."""
        self._access.require(by, "case.read")
        return self._store.cases.of_warning(warning_id, self._seen(by))

    def claim(self, by: Caller, case_id: str, *, version: int | None = None) -> Case:
        """Take it, or keep it for longer; the claim ends by itself. Raises NotAllowed, NotFound, Conflict."""
        with self._acting(by, Step.CLAIM, case_id):
            entered = self._enter(by, case_id, Step.CLAIM, version=version)
            now = self._now()
            claim = Claim(by.user, now, claim_until(entered.queue, now))
            changed = msgspec.structs.replace(entered.case, claim=claim)
            return self._keep(by, Step.CLAIM, entered, changed, detail={"until": claim.until})

    def release(self, by: Caller, case_id: str, *, version: int | None = None) -> Case:
        """Give it back. Raises as `claim`."""
        with self._acting(by, Step.RELEASE, case_id):
            entered = self._enter(by, case_id, Step.RELEASE, version=version)
            return self._keep(by, Step.RELEASE, entered, msgspec.structs.replace(entered.case, claim=None))

    def triage(
        self,
        by: Caller,
        case_id: str,
        *,
        category: str,
        urgency: Urgency,
        reasons: str,
        queue: str | None = None,
        version: int | None = None,
    ) -> Case:
        """Say what conduct it is about and how urgent it is; into another queue where one is named.

        Of an application "" is sorted as well: who asks to be vetted has done nothing. Raises NotAllowed, NotFound,
        Conflict, BadInput for a category that is not conduct.
        """
        with self._acting(by, Step.TRIAGE, case_id):
            entered = self._enter(by, case_id, Step.TRIAGE, version=version, reasons=reasons)
            if category or entered.case.origin is not CaseOrigin.APPLICATION:
                _check_category(category)
            changed = msgspec.structs.replace(entered.case, category=category, urgency=urgency)
            detail: dict[str, str | int | float] = {"category": category, "urgency": urgency.value}
            target = None
            if queue is not None and queue != entered.case.queue:
                target = self._queues.get(queue)
                check_queue(target, changed.flags)
                detail |= {"from": entered.case.queue, "to": target.id}
            kept = self._keep(by, Step.TRIAGE, entered, changed, reasons=reasons, detail=detail)
        if target is None:
            return kept
        return self.transfer(by, case_id, queue=target.id, reasons=reasons, version=kept.version)

    def verify(
        self, by: Caller, case_id: str, *, outcome: Outcome, reasons: str, version: int | None = None
    ) -> Case:
        """Say what was found out. Raises NotAllowed, NotFound, Conflict, BadInput."""
        with self._acting(by, Step.VERIFY, case_id):
            entered = self._enter(by, case_id, Step.VERIFY, version=version, reasons=reasons)
            return self._keep(
                by,
                Step.VERIFY,
                entered,
                entered.case,
                reasons=reasons,
                detail={"outcome": outcome.value},
            )

    def close(self, by: Caller, case_id: str, *, reasons: str, version: int | None = None) -> Case:
        """End it; a decision can still be appealed in its time. Raises NotAllowed, NotFound, Conflict, BadInput."""
        with self._acting(by, Step.CLOSE, case_id):
            entered = self._enter(by, case_id, Step.CLOSE, version=version, reasons=reasons)
            changed = msgspec.structs.replace(entered.case, claim=None)
            return self._keep(by, Step.CLOSE, entered, changed, reasons=reasons)

    def reopen(self, by: Caller, case_id: str, *, reasons: str, version: int | None = None) -> Case:
        """Take up a closed or transferred case again. Raises as `close`."""
        with self._acting(by, Step.REOPEN, case_id):
            entered = self._enter(by, case_id, Step.REOPEN, version=version, reasons=reasons)
            changed = msgspec.structs.replace(entered.case, transferred_to=None)
            return self._keep(by, Step.REOPEN, entered, changed, reasons=reasons)

    def escalate(self, case_id: str) -> bool:
        """Note that a case is late, where it still is: an act of this node's. False where somebody came first."""
        with self._store.together():
            try:
                entered = self._enter(None, case_id, Step.ESCALATE)
            except Conflict:
                return False  # decided or closed meanwhile
            case = entered.case
            if not 0 < case.tell <= self._now():
                return False
            detail: dict[str, str | int | float] = {"due": case.due, "times": case.escalated + 1}
            self._keep(None, Step.ESCALATE, entered, case, detail=detail)
        return True

    def _case(self, by: Caller, case_id: str) -> Case:
        self._access.require(by, "case.read")
        case = self._store.cases.get(case_id, self._seen(by))
        if case is None:
            raise NotFound(missing(case_id))
        return case

    def _notes(self, by: Caller, case: Case, texts: Mapping[str, bytes]) -> dict[int, str]:
        seal = self._keys.opened(by, case.id)
        notes = {
            number: seal.open(sealed, label(case.id, numbered(NOTE, number))).decode()
            for number, sealed in of_kind(texts, NOTE).items()
        }
        for number, sealed in of_kind(texts, TOLD).items():
            notes[number] = self._keys.left(by, case.id, sealed, numbered(TOLD, number)).decode()
        return dict(sorted(notes.items()))


def _note(text: str) -> bytes:
    said = text.strip()
    if not MIN_REASON_CHARS <= len(said) <= MAX_NOTE_CHARS:
        raise BadInput(f"a note has {MIN_REASON_CHARS} to {MAX_NOTE_CHARS} characters; longer is a file")
    return said.encode()


def _said_place(case: Case) -> str:
    return f"{RANK[case.urgency]}.{case.received}.{case.id}"


def _place(after: str | None) -> tuple[int, int, str] | None:
    if after is None:
        return None
    rank, _, rest = after.partition(".")
    received, _, case_id = rest.partition(".")
    if not (rank.isdecimal() and received.isdecimal() and len(rank) == 1 and len(received) < 18 and case_id):
        raise BadInput("this is no place in a list of cases: take `after` from the page before")
    return int(rank), int(received), case_id


def _check_category(given: str) -> None:
    refused = refused_subject(given)
    if refused is not None:
        raise BadInput(f"{refused.en} is not a category of conduct: no case is kept under it")
    if category(given) is None:
        listed = ", ".join(entry.id for entry in categories())
        raise BadInput(f"choose a category of conduct from the closed list: {listed}")
