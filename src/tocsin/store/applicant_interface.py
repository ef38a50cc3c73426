"""What a store promises of applicants: results and digests, questions that are used once. A part of `interface`."""

from typing import Protocol

from tocsin.kernel.applicants import Applicant, ApplicantReview, Question, Stage, Verification


class ApplicantStore(Protocol):
    """Who applied, what was found, what is under way."""

    def add(self, applicant: Applicant) -> None:
        """Raises Conflict when the number or the subject is there."""
        ...

    def replace(self, applicant: Applicant) -> None:
        """Raises NotFound."""
        ...

    def get(self, number: str) -> Applicant | None: ...
    def by_subject(self, subject: str) -> Applicant | None: ...
    def secret_digest(self, number: str) -> bytes | None: ...

    def page(self, *, after: int | None = None, limit: int = 100) -> tuple[Applicant, ...]:
        """Newest first, made before `after`."""
        ...

    def count(self) -> int: ...

    def forget(self, number: str) -> None:
        """Delete an applicant with all results, questions and reviews. Pseudonyms given to others stay sealed."""
        ...

    def grant(self, result: Verification) -> None:
        """Keep a result. Raises Conflict when it is there."""
        ...

    def change(self, result: Verification) -> None:
        """Keep a result as it is now. Raises NotFound."""
        ...

    def results(self, applicant: str) -> tuple[Verification, ...]:
        """Oldest first."""
        ...

    def of_source(self, source: str) -> tuple[Verification, ...]:
        """All that one source vouched for, oldest first."""
        ...

    def of_person(self, person: str) -> tuple[Verification, ...]:
        """All about one person, by pseudonym, whatever their number; oldest first."""
        ...

    def ask(self, question: Question) -> None:
        """Keep a question. Raises Conflict when its state is there."""
        ...

    def question(self, state: str) -> Question | None: ...

    def step(self, question: Question, before: Stage) -> bool:
        """Keep a question as it is now, if it stood at `before`; False when somebody was quicker."""
        ...

    def asked_of(self, applicant: str) -> tuple[Question, ...]: ...

    def forget_questions(self, *, before: int) -> int:
        """Delete those that ended before a moment; returns how many."""
        ...

    def add_review(self, review: ApplicantReview) -> None:
        """Raises Conflict when the report is there."""
        ...

    def reviews(self, applicant: str) -> tuple[ApplicantReview, ...]:
        """Oldest first."""
        ...

    def of_case(self, case: str) -> ApplicantReview | None: ...

    def name(self, pseudonym: str, at: int, sealed: bytes) -> None:
        """Keep whose a pseudonym is; what is there already stays."""
        ...

    def named(self, pseudonym: str) -> bytes | None: ...


class ApplicantStores(Protocol):
    @property
    def applicants(self) -> ApplicantStore: ...
