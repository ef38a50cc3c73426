"""What people decide about applicants, each time in a case: a vetting asked for, an access in question, an appeal.

Enters: an applicant's words, a reviewer's reasons. Leaves: a case in the queue of applicants, and what follows from
its decision. Refuses: a vetting without a decided case and an identity to rest on; a standing lost without a case, its
reasons and its appeal. What an applicant writes lies sealed in the case and is destroyed with it.
"""

import hashlib

import msgspec

from tocsin.admit.applicants import by_review
from tocsin.app.access import Access
from tocsin.app.applicants import CHECK, Applicants
from tocsin.app.cases import Cases
from tocsin.app.public_reports import Followed, Holder, PublicReports
from tocsin.app.queues import Queues
from tocsin.cases.states import MAX_REASON_CHARS, MIN_REASON_CHARS
from tocsin.kernel import BadInput, Caller, Conflict, NotFound
from tocsin.kernel.admission import SubjectStanding
from tocsin.kernel.applicants import Applicant, ApplicantReview, Method, Verification
from tocsin.kernel.cases import APPLICANTS, Case, CaseOrigin
from tocsin.kernel.disposing import Measure, Outcome
from tocsin.kernel.reports import ReportContent
from tocsin.store import Store

MAX_OPEN_REVIEWS = 3
"""Of one applicant at a time."""
TAKING = frozenset(one for one in Measure if one.value.startswith(("account.", "provision.")))
"""Measures that take access away."""
VET = "applicant.vet"


class Reviewed(msgspec.Struct, frozen=True):
    """A case about an applicant, as they follow it."""

    review: ApplicantReview
    followed: Followed


class ApplicantReviews:
    """Joins applicants and cases."""

    def __init__(
        self,
        store: Store,
        access: Access,
        applicants: Applicants,
        reports: PublicReports,
        cases: Cases,
        queues: Queues,
    ) -> None:
        self._store = store
        self._access = access
        self._applicants = applicants
        self._reports = reports
        self._cases = cases
        self._queues = queues

    # ---- the applicant

    def ask(self, number: str, secret: str, purpose: str, text: str, *, lang: str = "en") -> str:
        """Ask people to vet for a purpose; returns the number of the case's report. Raises BadInput, Conflict."""
        applicant = self._applicants.opened(number, secret)
        if purpose not in self._applicants.sources.purposes:
            raise BadInput("choose one of the listed purposes")
        if not MIN_REASON_CHARS <= len(text.strip()) <= MAX_REASON_CHARS:
            raise BadInput(
                f"say what you want to do and why, in {MIN_REASON_CHARS} to {MAX_REASON_CHARS:,} characters"
            )
        waiting = [one for one in self.followed(number, secret) if one.followed.open]
        if len(waiting) >= MAX_OPEN_REVIEWS or any(one.review.purpose == purpose for one in waiting):
            raise Conflict("people look at this already: add what is missing there")
        return self._opened(applicant, text.strip(), purpose, lang).report

    def followed(self, number: str, secret: str) -> tuple[Reviewed, ...]:
        """The cases of an applicant, oldest first. Raises NotFound."""
        applicant = self._applicants.opened(number, secret)
        return tuple(
            Reviewed(one, self._reports.follow(one.report, secret))
            for one in self._store.applicants.reviews(applicant.number)
        )

    def appeal(self, number: str, secret: str, report: str, why: str) -> None:
        """Object to what was decided. Raises NotFound, Conflict, BadInput."""
        self._reports.appeal(self._own(number, secret, report), secret, why)

    def add(self, number: str, secret: str, report: str, text: str) -> None:
        """Add something to a case. Raises NotFound, BadInput."""
        self._reports.add(self._own(number, secret, report), secret, text)

    # ---- people here

    def vet(self, by: Caller, number: str, purpose: str, *, days: int) -> Verification:
        """Vet somebody for a purpose, as a case decided that bears out what they asked.

        1. The act. 2. The purpose is the operator's. 3. They are in good standing. 4. A case of theirs for this
        purpose was decided in their favour, and the decision stands. 5. An identity is in force that it rests on.
        Raises NotAllowed, NotFound, BadInput, Conflict.
        """
        self._access.require(by, CHECK)  # 1
        terms = self._applicants.sources.purposes.get(purpose)
        if terms is None:
            raise BadInput("name a purpose of applicants.yaml")  # 2
        with self._store.together():
            applicant = self._applicants.named(number)
            if applicant.standing is not SubjectStanding.GOOD:
                raise Conflict("their access is in question: decide that case first")  # 3
            case = self._favourable(applicant, purpose)  # 4
            digest = hashlib.sha256(f"{case.id}/{case.version}".encode()).hexdigest()
            evidence = by_review(  # 5
                purpose,
                terms,
                self._store.applicants.results(applicant.number),
                days=days,
                digest=digest,
                now=self._applicants.now(),
            )
            self._access.audit(by.user, VET, subject=applicant.subject, purpose=purpose)
            return self._applicants.grant(applicant, evidence, by=by.user)

    def renew(self, by: Caller, number: str, purpose: str, *, days: int) -> Verification:
        """Vet somebody again who is vetted for it, on what is in force now. Raises as `vet`."""
        self._access.require(by, CHECK)
        applicant = self._applicants.named(number)
        now = self._applicants.now()
        if not any(
            one.purpose == purpose and one.method is Method.REVIEW and one.stands(now)
            for one in self._store.applicants.results(applicant.number)
        ):
            raise Conflict("they are not vetted for this now: `tocsin access applicants vet`")
        return self.vet(by, number, purpose, days=days)

    def question(self, by: Caller, number: str, reasons: str, *, lang: str = "en") -> ApplicantReview:
        """Suspend somebody's access at once and open the case that decides about it. Raises NotAllowed, BadInput.

        They follow the case with their own secret, and object there.
        """
        self._access.require(by, CHECK)
        applicant = self._applicants.named(number)
        if not MIN_REASON_CHARS <= len(reasons.strip()) <= MAX_REASON_CHARS:
            raise BadInput(f"give reasons, in {MIN_REASON_CHARS} to {MAX_REASON_CHARS:,} characters")
        if applicant.standing is not SubjectStanding.GOOD:
            raise Conflict("their access is in question already: see their case")
        review = self._opened(applicant, reasons.strip(), "", lang)
        with self._store.together():
            self._applicants.stand(
                self._applicants.named(applicant.number),
                SubjectStanding.SUSPENDED,
                by=by.user,
                reasons=f"case {review.case}",
            )
        return review

    # ---- what a decision does, inside its transaction

    def disposed(self, case: Case) -> None:
        """A decision stands: measures that take access away end it; a question decided otherwise gives it back."""
        if (decided := case.disposition) is None:
            return
        for review, applicant in self._of(case):
            taking = not TAKING.isdisjoint(decided.measures)
            wanted = SubjectStanding.REVOKED if taking else self._left(applicant, case)
            if applicant.standing is not wanted and (taking or not review.purpose):
                self._applicants.stand(applicant, wanted, by=decided.decided_by, reasons=f"case {case.id}")

    def judged(self, case: Case) -> None:
        """An appeal was judged: where the decision fell, what it took is given back."""
        if case.appeal is None or case.appeal.upheld:
            return
        for _, applicant in self._of(case):
            wanted = self._left(applicant, case)
            if applicant.standing is not wanted:
                by = case.appeal.judged_by or "node"
                self._applicants.stand(applicant, wanted, by=by, reasons=f"case {case.id}, appeal")

    def _left(self, applicant: Applicant, besides: Case) -> SubjectStanding:
        """What an applicant's other cases leave of their access: no case gives back what another one took."""
        left = SubjectStanding.GOOD
        for review in self._store.applicants.reviews(applicant.number):
            case = self._case_of(review)
            if case is None or case.id == besides.id:
                continue
            if case.disposition is not None and not TAKING.isdisjoint(case.disposition.measures):
                return SubjectStanding.REVOKED
            if not review.purpose and case.disposition is None and case.appeal is None:
                left = SubjectStanding.SUSPENDED
        return left

    def _case_of(self, review: ApplicantReview) -> Case | None:
        """The case that decides now about a review."""
        case = self._store.cases.get(review.case, self._queues.ids())
        if case is not None and case.merged_into is not None:
            case = self._store.cases.get(case.merged_into, self._queues.ids())
        return case

    def _of(self, case: Case) -> list[tuple[ApplicantReview, Applicant]]:
        found = []
        for case_id in (case.id, *case.parts):
            review = self._store.applicants.of_case(case_id)
            applicant = review and self._store.applicants.get(review.applicant)
            if review and applicant:
                found.append((review, applicant))
        return found

    def _opened(self, applicant: Applicant, text: str, purpose: str, lang: str) -> ApplicantReview:
        receipt = self._reports.submit(
            ReportContent(what=text, lang=lang, affected=True),
            origin=CaseOrigin.APPLICATION,
            queue=APPLICANTS,
            holder=Holder(applicant.secret_digest, applicant.answer_key),
        )
        report = self._store.public_reports.get(receipt.number)
        assert report is not None
        review = ApplicantReview(
            report=receipt.number,
            applicant=applicant.number,
            case=report.case,
            purpose=purpose,
            at=self._applicants.now(),
        )
        self._store.applicants.add_review(review)
        return review

    def _favourable(self, applicant: Applicant, purpose: str) -> Case:
        for review in reversed(self._store.applicants.reviews(applicant.number)):
            if review.purpose != purpose:
                continue
            case = self._case_of(review)
            decided = case.disposition if case else None
            overturned = case is not None and case.appeal is not None and case.appeal.upheld is False
            if (
                case
                and decided
                and not overturned
                and decided.outcome is Outcome.BORNE_OUT
                and TAKING.isdisjoint(decided.measures)
            ):
                return case
        raise Conflict(
            "no case of theirs for this purpose was decided in their favour: they ask for it on their page, and "
            "`tocsin case dispose` decides it"
        )

    def _own(self, number: str, secret: str, report: str) -> str:
        applicant = self._applicants.opened(number, secret)
        if report not in {one.report for one in self._store.applicants.reviews(applicant.number)}:
            raise NotFound("there is no such case of yours")
        return report
