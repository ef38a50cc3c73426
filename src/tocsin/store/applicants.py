"""Applicants in tables: what was found of whom, and what is under way."""

from typing import Any

import msgspec
import sqlalchemy as sa

from tocsin.kernel import Conflict, NotFound
from tocsin.kernel.applicants import Applicant, ApplicantReview, Question, Stage, Verification
from tocsin.store.applicant_tables import (
    applicant_pseudonyms,
    applicant_questions,
    applicant_results,
    applicant_reviews,
    applicants,
)
from tocsin.store.dialect import insert_new, written
from tocsin.store.engine import Database

_ENCODE = msgspec.msgpack.Encoder().encode
_APPLICANT = msgspec.msgpack.Decoder(Applicant)
_RESULT = msgspec.msgpack.Decoder(Verification)
_QUESTION = msgspec.msgpack.Decoder(Question)
_REVIEW = msgspec.msgpack.Decoder(ApplicantReview)


class SqlApplicants:
    """Keeps applicant_interface.ApplicantStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, applicant: Applicant) -> None:
        row = {
            "number": applicant.number,
            "subject": applicant.subject,
            "made": applicant.made,
            "body": _ENCODE(applicant),
        }
        self._insert(applicants, row, "somebody has this number or pseudonym already")

    def replace(self, applicant: Applicant) -> None:
        change = sa.update(applicants).where(applicants.c.number == applicant.number)
        with self._database.writing() as connection:
            if not connection.execute(change.values(body=_ENCODE(applicant))).rowcount:
                raise NotFound("there is no such applicant: `tocsin access applicants list` shows them")

    def get(self, number: str) -> Applicant | None:
        return self._applicant(applicants.c.number == number)

    def by_subject(self, subject: str) -> Applicant | None:
        return self._applicant(applicants.c.subject == subject)

    def secret_digest(self, number: str) -> bytes | None:
        found = self.get(number)
        return None if found is None else found.secret_digest

    def page(self, *, after: int | None = None, limit: int = 100) -> tuple[Applicant, ...]:
        query = sa.select(applicants.c.body).order_by(applicants.c.made.desc(), applicants.c.number)
        if after is not None:
            query = query.where(applicants.c.made < after)
        return tuple(map(_APPLICANT.decode, self._bodies(query.limit(limit))))

    def count(self) -> int:
        with self._database.reading() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(applicants)).scalar_one())

    def forget(self, number: str) -> None:
        with self._database.writing() as connection:
            for table in (applicant_results, applicant_questions, applicant_reviews):
                connection.execute(sa.delete(table).where(table.c.applicant == number))
            connection.execute(sa.delete(applicants).where(applicants.c.number == number))

    def grant(self, result: Verification) -> None:
        row = {
            "id": result.id,
            "applicant": result.applicant,
            "source": result.source,
            "person": result.person,
            "at": result.at,
            "body": _ENCODE(result),
        }
        self._insert(applicant_results, row, "this result is kept already")

    def change(self, result: Verification) -> None:
        change = sa.update(applicant_results).where(applicant_results.c.id == result.id)
        with self._database.writing() as connection:
            if not connection.execute(change.values(body=_ENCODE(result))).rowcount:
                raise NotFound("there is no such result of an applicant")

    def results(self, applicant: str) -> tuple[Verification, ...]:
        return self._results(applicant_results.c.applicant == applicant)

    def of_source(self, source: str) -> tuple[Verification, ...]:
        return self._results(applicant_results.c.source == source)

    def of_person(self, person: str) -> tuple[Verification, ...]:
        return self._results(applicant_results.c.person == person)

    def ask(self, question: Question) -> None:
        row = {
            "state": question.state,
            "applicant": question.applicant,
            "expires": question.expires,
            "body": _ENCODE(question),
        }
        self._insert(applicant_questions, row, "this question is asked already")

    def question(self, state: str) -> Question | None:
        query = sa.select(applicant_questions.c.body).where(applicant_questions.c.state == state)
        found = self._bodies(query)
        return _QUESTION.decode(found[0]) if found else None

    def step(self, question: Question, before: Stage) -> bool:
        there = applicant_questions.c.state == question.state
        with self._database.writing() as connection:
            body = connection.execute(
                sa.select(applicant_questions.c.body).where(there).with_for_update()
            ).scalar()
            if body is None or _QUESTION.decode(body).stage is not before:
                return False
            connection.execute(sa.update(applicant_questions).where(there).values(body=_ENCODE(question)))
            return True

    def asked_of(self, applicant: str) -> tuple[Question, ...]:
        query = sa.select(applicant_questions.c.body).where(applicant_questions.c.applicant == applicant)
        query = query.order_by(applicant_questions.c.expires, applicant_questions.c.state)
        return tuple(map(_QUESTION.decode, self._bodies(query)))

    def forget_questions(self, *, before: int) -> int:
        gone = sa.delete(applicant_questions).where(applicant_questions.c.expires < before)
        with self._database.writing() as connection:
            return connection.execute(gone).rowcount

    def add_review(self, review: ApplicantReview) -> None:
        row = {
            "report": review.report,
            "applicant": review.applicant,
            "case": review.case,
            "at": review.at,
            "body": _ENCODE(review),
        }
        self._insert(applicant_reviews, row, "this review is kept already")

    def reviews(self, applicant: str) -> tuple[ApplicantReview, ...]:
        query = sa.select(applicant_reviews.c.body).where(applicant_reviews.c.applicant == applicant)
        query = query.order_by(applicant_reviews.c.at, applicant_reviews.c.report)
        return tuple(map(_REVIEW.decode, self._bodies(query)))

    def of_case(self, case: str) -> ApplicantReview | None:
        query = sa.select(applicant_reviews.c.body).where(applicant_reviews.c.case == case)
        found = self._bodies(query)
        return _REVIEW.decode(found[0]) if found else None

    def name(self, pseudonym: str, at: int, sealed: bytes) -> None:
        row = {"pseudonym": pseudonym, "at": at, "sealed": sealed}
        with self._database.writing() as connection:
            connection.execute(insert_new(connection, applicant_pseudonyms).values(row))

    def named(self, pseudonym: str) -> bytes | None:
        query = sa.select(applicant_pseudonyms.c.sealed).where(applicant_pseudonyms.c.pseudonym == pseudonym)
        with self._database.reading() as connection:
            return connection.execute(query).scalar()

    def _applicant(self, which: sa.ColumnElement[bool]) -> Applicant | None:
        found = self._bodies(sa.select(applicants.c.body).where(which))
        return _APPLICANT.decode(found[0]) if found else None

    def _results(self, which: sa.ColumnElement[bool]) -> tuple[Verification, ...]:
        query = sa.select(applicant_results.c.body).where(which)
        query = query.order_by(applicant_results.c.at, applicant_results.c.id)
        return tuple(map(_RESULT.decode, self._bodies(query)))

    def _bodies(self, query: sa.Select[Any]) -> list[bytes]:
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def _insert(self, table: sa.Table, row: dict[str, Any], taken: str) -> None:
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, table).values(row)):
                raise Conflict(taken)
