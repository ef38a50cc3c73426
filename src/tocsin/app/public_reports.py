"""Reports without an account: taken in, followed, added to, objected to, withdrawn; by number and secret alone.

What was said is sealed under its case's key; what comes later, and how to reach the reporter, is left for the case
(`CaseKeys.leave`). What is answered is sealed to a key that is made from the reporter's secret, at the moment of the
decision. So where a case is restricted this node passes words on both ways and can read them back in neither.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from tocsin.app.access import Access
from tocsin.app.case_keys import CaseKeys
from tocsin.app.group_commit import GroupCommit
from tocsin.app.queues import Queues
from tocsin.app.report_answers import Decision, ReportAnswers
from tocsin.app.report_checks import check_content, check_words
from tocsin.cases.due import appeal_until
from tocsin.cases.evidence.packing import ENDINGS
from tocsin.cases.states import MAX_REASON_CHARS, MIN_REASON_CHARS, TABLE, Step
from tocsin.ingest.uploads import Upload, accept
from tocsin.kernel import BadInput, Caller, Clock, Conflict, NotFound, micros
from tocsin.kernel.cases import Case, CaseFlag, CaseOrigin, CaseState, CaseWords
from tocsin.kernel.disposing import Appeal, Appellant
from tocsin.kernel.reports import (
    PublicReport,
    ReportContent,
    ReportFile,
    ReportReceipt,
    ReportWordKind,
)
from tocsin.store import Store
from tocsin.trust import report_receipts as receipts
from tocsin.trust.seal import Entropy

if TYPE_CHECKING:
    from tocsin.app.cases import Cases
    from tocsin.app.exhibits import Exhibits

MAX_FILES_OF_A_REPORT = 24
MIN_PURPOSE_CHARS, MAX_PURPOSE_CHARS = 8, 400
REPORT = "report"
"""As whom what came with a report is kept."""
CONTACT = "contact"
CONTACT_ACT = "case.contact"
UNKNOWN = (
    "there is no report with this number and this secret: look at each sign again;"
    " there is no letter O and no letter I among them"
)
ADDED = "The reporter added:"
_ENDED = (CaseState.CLOSED, CaseState.TRANSFERRED)


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """What a reporter is shown. Nothing of what they wrote: somebody else may hold their receipt.

    Times in microseconds; `appeal_until` is 0 where nothing can be objected to; `turn` is how much was added.
    """

    number: str
    received: int
    lang: str
    state: CaseState
    open: bool
    takes_files: bool
    contact: bool
    turn: int
    appeal_until: int = 0
    withdrawn: int | None = None
    decision: Decision | None = None
    files: tuple[ReportFile, ...] = ()
    words: tuple["Word", ...] = ()


class Word(msgspec.Struct, frozen=True):
    """That something was said, and when."""

    at: int
    kind: ReportWordKind
    files: int


class Holder(msgspec.Struct, frozen=True):
    """What is kept of a secret: its digest, and the public half of what it makes."""

    secret_digest: bytes
    answer_key: bytes


class PublicReports:
    """The public door's service."""

    def __init__(
        self,
        store: Store,
        access: Access,
        cases: "Cases",
        queues: Queues,
        case_keys: CaseKeys,
        exhibits: "Exhibits",
        clock: Clock,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._access = access
        self._cases = cases
        self._queues = queues
        self._case_keys = case_keys
        self._exhibits = exhibits
        self._clock = clock
        self._entropy = entropy
        self._commits = GroupCommit(store)
        self._answers = ReportAnswers(store, clock)
        self.decided = self._answers.decided
        """What a decision is told to, whoever makes it by whatever door (`Services.cases`)."""
        self.judged = self._answers.judged

    def submit(
        self,
        content: ReportContent,
        files: Sequence[tuple[bytes, str]] = (),
        *,
        origin: CaseOrigin = CaseOrigin.REPORT,
        number: str = "",
        queue: str | None = None,
        holder: Holder | None = None,
    ) -> ReportReceipt:
        """Take a report in; durable when this returns, and the secret is nowhere else.

        `files` are bytes and the media type that was said. A `number` is given by who must know it again, drawn
        otherwise. A `holder` has a secret already, which then opens this as well; the receipt has none. Raises
        BadInput, Conflict for a number that is there, TooLarge, Unavailable.
        """
        check_content(content, files=len(files))
        uploads = [accept(body, declared) for body, declared in files]
        secret = "" if holder else receipts.draw_secret(self._entropy)
        held_by = holder or Holder(receipts.digest_of(secret), receipts.answer_box(secret).public)
        kept_as = number or receipts.draw_number(self._entropy)
        self._commits.run(lambda: self._keep(kept_as, held_by, content, uploads, origin, queue))
        return ReportReceipt(number=kept_as, secret=secret)

    def known(self, number: str) -> bool:
        """Whether a report has this number: for who gave it one, and never for who types it."""
        return self._store.public_reports.get(number) is not None

    def follow(self, number: str, secret: str) -> Followed:
        """What became of a report. Raises NotFound, the same for a wrong number and a wrong secret."""
        report = self._opened(number, secret)
        case = self._case(report)
        words = self._store.public_reports.words(report.number)
        return Followed(
            number=report.number,
            received=report.received,
            lang=report.lang,
            state=case.state,
            open=case.state not in _ENDED,
            takes_files=CaseFlag.CHILD_MATERIAL not in report.flags,
            contact=self._store.public_reports.contact(report.number) is not None,
            turn=len(words),
            appeal_until=self._appeal_until(case, report),
            withdrawn=report.withdrawn,
            decision=self._answers.standing(report, secret, words),
            files=report.files,
            words=tuple(Word(word.at, word.kind, word.files) for word in words),
        )

    def add(
        self,
        number: str,
        secret: str,
        text: str = "",
        files: Sequence[tuple[bytes, str]] = (),
        *,
        turn: int | None = None,
    ) -> None:
        """Add text, files or both. With a `turn` that is past, it was added already, and is not added again.

        It goes into the case's notes as told from outside; where the case was merged, into the one that speaks for it.

        Raises BadInput, Conflict, NotFound, TooLarge.
        """
        report = self._opened(number, secret)
        if not text.strip() and not files:
            raise BadInput("there is nothing to add: write something, or choose a file")
        check_words(text, least=0)
        if files and CaseFlag.CHILD_MATERIAL in report.flags:
            raise BadInput("no files are taken for this report: write where they are instead")
        if len(report.files) + len(files) > MAX_FILES_OF_A_REPORT:
            raise BadInput(f"a report holds {MAX_FILES_OF_A_REPORT} files: write where the others are")
        uploads = [accept(body, declared) for body, declared in files]

        told = text.strip() or f"{len(uploads)} files were added"

        def keep() -> None:
            if self._answers.say(report, ReportWordKind.ADDED, files=len(uploads), turn=turn):
                self._cases.told(
                    self._case(report).id, told if len(told) >= MIN_REASON_CHARS else f"{ADDED} {told}"
                )
                fresh = self._store.public_reports.get(report.number) or report
                kept = self._take(report.case, uploads, first=len(fresh.files) + 1)
                self._store.public_reports.replace(
                    msgspec.structs.replace(fresh, files=(*fresh.files, *kept))
                )

        self._commits.run(keep)

    def appeal(self, number: str, secret: str, why: str) -> None:
        """Object to the decision. Raises BadInput, Conflict when it cannot be objected to (any more), NotFound."""
        report = self._opened(number, secret)
        check_words(why, least=MIN_REASON_CHARS, most=MAX_REASON_CHARS)
        appeal = Appeal(by=_as_whom(report), at=micros(self._clock()), lang=report.lang)

        def keep() -> None:
            case = self._case(report)
            if not self._appeal_until(case, report):
                raise Conflict("there is no decision that can be objected to now: look at the report again")
            self._answers.say(report, ReportWordKind.APPEALED)
            self._cases.appeal(case.id, appeal, why)

        self._commits.run(keep)

    def withdraw(self, number: str, secret: str) -> None:
        """Say that it shall not be followed up. Doing so again changes nothing. Raises NotFound."""
        report = self._opened(number, secret)
        if report.withdrawn is not None:
            return

        def keep() -> None:
            self._answers.say(report, ReportWordKind.WITHDRAWN)
            self._cases.told(self._case(report).id, "The reporter withdrew this report.")
            withdrawn = msgspec.structs.replace(report, withdrawn=micros(self._clock()))
            self._store.public_reports.replace(withdrawn)

        self._commits.run(keep)

    def erase_contact(self, number: str, secret: str) -> bool:
        """Delete how to reach the reporter. False when nothing was held. Raises NotFound."""
        report = self._opened(number, secret)

        def keep() -> bool:
            erased = self._store.public_reports.forget_contact(report.number)
            if erased:
                self._answers.say(report, ReportWordKind.CONTACT_ERASED)
            return erased

        return self._commits.run(keep)

    def contact(self, by: Caller, case_id: str, purpose: str) -> str:
        """How to reach the reporter; "" when they did not say, or had it erased. An audited act.

        Raises BadInput for a purpose that says nothing, and as `CaseKeys.opened`.
        """
        if not MIN_PURPOSE_CHARS <= len(purpose.strip()) <= MAX_PURPOSE_CHARS:
            raise BadInput(f"say why in {MIN_PURPOSE_CHARS} to {MAX_PURPOSE_CHARS} characters")
        report = self._of_case(by, case_id)
        # written before it is opened: a crash between the two leaves a line too many, never one too few
        case = self._store.cases.get(case_id, self._queues.visible_to(by))
        open_to_all = case is not None and not self._queues.get(case.queue).restricted
        # no auditor learns that a restricted case is there (`CaseDesk._audit`): the purpose stays, the name does not
        named = case_id if open_to_all else ""
        self._access.audit(by.user, CONTACT_ACT, subject=named, purpose=purpose.strip())
        sealed = self._store.public_reports.contact(report.number)
        return "" if sealed is None else self._case_keys.left(by, case_id, sealed, CONTACT).decode()

    def _keep(
        self,
        number: str,
        holder: Holder,
        content: ReportContent,
        uploads: Sequence[Upload],
        origin: CaseOrigin,
        queue: str | None,
    ) -> None:
        from tocsin.app.cases import NewCase

        case = self._cases.open(
            None,
            NewCase(
                origin=origin,
                words=CaseWords(
                    what=content.what, where=content.where, notes=(content.when,) if content.when else ()
                ),
                flags=content.flags,
                lang=content.lang,
                category=content.category,
                report=number,
                queue=queue,
            ),
        )
        contact = content.contact.strip()
        self._store.public_reports.add(
            PublicReport(
                number=number,
                secret_digest=holder.secret_digest,
                received=case.received,
                case=case.id,
                lang=content.lang,
                flags=content.flags,
                files=self._take(case.id, uploads, first=1),
                affected=content.affected,
                answer_key=holder.answer_key,
            ),
            contact=self._case_keys.leave(case.id, contact.encode(), CONTACT) if contact else None,
        )

    def _take(self, case_id: str, uploads: Sequence[Upload], *, first: int) -> tuple[ReportFile, ...]:
        kept = []
        for place, upload in enumerate(uploads, first):
            name = f"{place}.{ENDINGS.get(upload.media_type, 'bin')}"
            self._exhibits.take(
                case_id,
                content=upload.content,
                media_type=upload.media_type,
                name=name,
                by=REPORT,
                source="a public report",
                received_sha256=upload.original_sha256,
                stripped=upload.stripped,
            )
            # its digest lies sealed with the exhibit: here it would say which known file it is
            kept.append(ReportFile(name, upload.media_type, len(upload.content), "", upload.stripped))
        return tuple(kept)

    def _opened(self, number: str, secret: str) -> PublicReport:
        number = receipts.number_as_written(number)
        right = receipts.matches(secret, self._store.public_reports.secret_digest(number))
        report = self._store.public_reports.get(number)
        if not right or report is None:
            raise NotFound(UNKNOWN)
        return report

    def _of_case(self, by: Caller, case_id: str) -> PublicReport:
        self._case_keys.opened(by, case_id)  # the same answer for a case that is not there, or not for them
        report = self._store.public_reports.of_case(case_id)
        if report is None:
            raise NotFound("this case began with no report from outside")
        return report

    def _case(self, report: PublicReport) -> Case:
        """The case that speaks for a report: one that it was merged into, where it was."""
        queues = self._queues.ids()
        case = self._store.cases.get(report.case, queues)
        if case is not None and case.merged_into is not None:
            case = self._store.cases.get(case.merged_into, queues) or case
        if case is None:
            raise NotFound(UNKNOWN)
        return case

    def _appeal_until(self, case: Case, report: PublicReport) -> int:
        """Until when this reporter may object to the decision that stands; 0 where they may not."""
        decided, appealed = case.disposition, case.appeal
        if decided is None or (case.state, Step.APPEAL) not in TABLE:
            return 0
        if (
            case.state is not CaseState.OVERTURNED
            and appealed is not None
            and appealed.by is _as_whom(report)
        ):
            return 0  # it was heard
        until = appeal_until(self._queues.get(case.queue), max(decided.at, decided.approved_at))
        return until if until > micros(self._clock()) else 0


def _as_whom(report: PublicReport) -> Appellant:
    return Appellant.AFFECTED if report.affected else Appellant.REPORTER
