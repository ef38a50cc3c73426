"""What a person may ask about a report of theirs, and what ends by itself: access, withdrawal, erasure, retention.

Whoever holds a receipt (number and secret) is the person; nobody else is asked for by name here. Words of a case that
is over are erased by destroying its key, everywhere and for good; its acts stay without words, for counts. A legal hold
stops that, and so does an appeal that can still be made.
"""

from typing import Any

import msgspec

from tocsin.app.access import Access
from tocsin.app.case_keys import CaseKeys, label
from tocsin.app.case_texts import WORDS, words_in
from tocsin.app.public_reports import PublicReports
from tocsin.app.queues import Queues
from tocsin.app.statements import Statements
from tocsin.cases.due import DAY, appeal_until
from tocsin.kernel import BadInput, Caller, Clock, Conflict, NotFound, micros
from tocsin.kernel.cases import RANK, Case, CaseState
from tocsin.kernel.disposing import Appellant
from tocsin.store.case_interface import CaseFilter
from tocsin.store.interface import Store

MIN_REASON_CHARS, MAX_REASON_CHARS = 8, 400
AT_ONCE = 200
"""Cases looked at in one piece while retention is enforced."""
ENDED = (CaseState.CLOSED, CaseState.TRANSFERRED, CaseState.MERGED)
PUBLIC, NODE = "public", "node"


class HeldReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is held of one report, for the person who made it. Times in microseconds.

    `words` are their own; None where they lie sealed to people, or were erased: `sealed` says which of the two.
    """

    number: str
    received: int
    lang: str
    state: str
    flags: tuple[str, ...]
    words: dict[str, str] | None
    sealed: str
    files: tuple[dict[str, Any], ...]
    added: int
    contact: bool
    withdrawn: int | None
    letters: tuple[str, ...]
    kept_until: int | None
    """When what was said is erased by itself, if nothing more is done; None while the case is not over."""

    @property
    def text(self) -> str:
        """The same for who reads it."""
        return "\n".join(
            f"{name}: {value if not isinstance(value, (dict, list, tuple)) else msgspec.json.encode(value).decode()}"
            for name, value in msgspec.structs.asdict(self).items()
        )


class CaseRights:
    """Access, withdrawal and erasure of reports and of cases' words."""

    def __init__(
        self,
        store: Store,
        access: Access,
        case_keys: CaseKeys,
        queues: Queues,
        reports: PublicReports,
        statements: Statements,
        clock: Clock,
        *,
        retention_days: int,
    ) -> None:
        self._store = store
        self._access = access
        self._case_keys = case_keys
        self._queues = queues
        self._reports = reports
        self._statements = statements
        self._clock = clock
        self._retention = retention_days * DAY

    def held(self, number: str, secret: str) -> HeldReport:
        """All that is held of a report, for who made it; audited. Raises NotFound, the same for a wrong secret."""
        followed = self._reports.follow(number, secret)
        report = self._store.public_reports.get(followed.number)
        case = self._store.cases.get(report.case, self._queues.ids()) if report else None
        if report is None or case is None:
            raise NotFound("there is no report with this number and this secret")
        words, sealed = self._own_words(case)
        self._access.audit(PUBLIC, "rights.held", subject=followed.number, purpose="asked with the receipt")
        audience = Appellant.AFFECTED if report.affected else Appellant.REPORTER
        return HeldReport(
            number=followed.number,
            received=followed.received,
            lang=followed.lang,
            state=case.state.value,
            flags=tuple(flag.value for flag in report.flags),
            words=words,
            sealed=sealed,
            files=tuple(msgspec.to_builtins(one) for one in followed.files),
            added=followed.turn,
            contact=followed.contact,
            withdrawn=followed.withdrawn,
            letters=tuple(one.text for one in self._statements.all_for_case(case.id, audience)),
            kept_until=self._ends(case),
        )

    def withdraw(self, number: str, secret: str) -> None:
        """The report shall not be followed up; how to reach the person goes at once. Raises NotFound."""
        self._reports.withdraw(number, secret)
        self._reports.erase_contact(number, secret)

    def erase_contact(self, number: str, secret: str) -> bool:
        """Delete how to reach the person. False when nothing was held. Raises NotFound."""
        return self._reports.erase_contact(number, secret)

    def erase(self, by: Caller, case_id: str, reason: str) -> None:
        """Erase the words of a case that is over, before its retention: its key is destroyed, its acts stay.

        Raises NotAllowed, NotFound, BadInput, and Conflict while a hold stands or the case is not over.
        """
        self._access.require(by, "case.approve")
        if not MIN_REASON_CHARS <= len(reason.strip()) <= MAX_REASON_CHARS:
            raise BadInput(f"say why in {MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters, without a name")
        case = self._store.cases.get(case_id, self._queues.visible_to(by))
        if case is None:
            raise NotFound(f"there is no case {case_id}: `tocsin case list` shows those that you work on")
        why_not = self._keeps(case)
        if why_not:
            self._access.audit(by.user, "case.erase", subject=case_id, purpose=why_not, outcome="refused")
            raise Conflict(f"its words are not erased: {why_not}")
        self._destroy(case, by.user, reason.strip())

    def expire(self) -> int:
        """Erase the words of cases whose retention is over, unless something keeps them; how many.

        What a kill cuts short is done at the next run: a key is destroyed before its letters go.
        """
        now, erased = micros(self._clock()), 0
        for state in ENDED:
            after: tuple[int, int, str] | None = None
            while True:
                page = self._store.cases.page(
                    self._queues.ids(), CaseFilter(state=state, after=after, limit=AT_ONCE)
                )
                for case in page:
                    ends = self._ends(case)
                    if ends is not None and ends <= now and not self._keeps(case):
                        erased += self._destroy(case, NODE, "retention")
                if len(page) < AT_ONCE:
                    break
                last = page[-1]
                after = (RANK[last.urgency], last.received, last.id)
        return erased

    def _destroy(self, case: Case, who: str, why: str) -> bool:
        done = self._case_keys.destroy(case.id)
        with self._store.together():
            letters = self._store.reasons.forget(case.id)
            contact = bool(case.report) and self._store.public_reports.forget_contact(str(case.report))
            if done:
                self._access.audit(
                    who,
                    "case.erase",
                    subject="" if self._queues.get(case.queue).restricted else case.id,
                    purpose=why,
                    detail={"letters": letters, "contact": int(contact)},
                )
        return done

    def _keeps(self, case: Case) -> str:
        """Why the words of a case stay; "" where nothing keeps them."""
        now = micros(self._clock())
        if case.state not in ENDED:
            return f"the case is {case.state}, and not over"
        for hold in self._store.exhibits.holds(case.id):
            if hold.released is None and (hold.until is None or hold.until > now):
                return f"a legal hold stands ({hold.id})"
        if self._until_appeal(case) > now:
            return "the decision can still be appealed"
        return ""

    def _until_appeal(self, case: Case) -> int:
        if case.disposition is None:
            return 0
        since = max(case.disposition.at, case.disposition.approved_at)
        return appeal_until(self._queues.get(case.queue), since)

    def _ends(self, case: Case) -> int | None:
        if case.state not in ENDED:
            return None
        return max(case.updated + self._retention, self._until_appeal(case))

    def _own_words(self, case: Case) -> tuple[dict[str, str] | None, str]:
        if self._store.case_keys.lock(case.id) is None:
            return None, "erased"
        if self._queues.get(case.queue).restricted:
            return None, "to the people who handle such reports; ask, and one of them answers"
        sealed = self._store.cases.texts(case.id, self._queues.ids()).get(WORDS)
        if sealed is None:
            return None, "erased"
        words = words_in(self._case_keys.for_node(case.id).open(sealed, label(case.id, WORDS)))
        return {"what": words.what, "where": words.where}, ""
