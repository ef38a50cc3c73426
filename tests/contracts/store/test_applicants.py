"""Applicants, results, questions that are used once, reviews, pseudonyms."""

import msgspec
import pytest

from tests.contracts.store.samples import START
from tocsin.kernel import Conflict, NotFound
from tocsin.kernel.admission import SubjectStanding, VerificationLevel
from tocsin.kernel.applicants import (
    Applicant,
    ApplicantReview,
    Method,
    Question,
    Stage,
    Verification,
)
from tocsin.store import Store


def applicant(number: int = 1) -> Applicant:
    return Applicant(
        number=f"2K7P-9QXW-R4T{number}",
        secret_digest=bytes(32),
        made=START + number,
        subject=f"ps_{number:032x}",
    )


def result(number: int = 1, of: int = 1, source: str = "ps_s") -> Verification:
    return Verification(
        id=f"result_{number}",
        applicant=applicant(of).number,
        level=VerificationLevel.EMAIL,
        method=Method.MAIL,
        at=START + number,
        until=START + 100,
        evidence="sha256:aa",
        source=source,
        person=f"ps_p{number}",
    )


def question(state: str = "s1", expires: int = START + 60) -> Question:
    return Question(
        state=state,
        applicant=applicant().number,
        method=Method.PRESENTATION,
        source="wallet",
        nonce="n",
        made=START,
        expires=expires,
    )


def test_applicants_and_their_results(store: Store) -> None:
    kept = store.applicants
    for number in (1, 2):
        kept.add(applicant(number))
    with pytest.raises(Conflict):
        kept.add(msgspec.structs.replace(applicant(3), subject=applicant(1).subject))
    assert kept.page() == (applicant(2), applicant(1))
    assert kept.page(after=START + 2) == (applicant(1),)
    assert kept.by_subject(applicant(2).subject) == kept.get(applicant(2).number) == applicant(2)
    assert (kept.count(), kept.secret_digest(applicant().number), kept.secret_digest("none")) == (
        2,
        bytes(32),
        None,
    )
    changed = msgspec.structs.replace(applicant(), standing=SubjectStanding.SUSPENDED, revision=1)
    kept.replace(changed)
    assert kept.get(changed.number) == changed
    with pytest.raises(NotFound):
        kept.replace(applicant(9))
    kept.grant(result(2, source="ps_other"))
    kept.grant(result(1))
    with pytest.raises(Conflict):
        kept.grant(result(1))
    assert kept.results(applicant().number) == (result(1), result(2, source="ps_other"))
    assert kept.of_source("ps_s") == (result(1),)
    assert kept.of_person("ps_p1") == (result(1),)
    ended = msgspec.structs.replace(result(1), ended=START + 5)
    kept.change(ended)
    assert kept.results(applicant().number)[0] == ended
    with pytest.raises(NotFound):
        kept.change(result(9))
    kept.forget(applicant().number)
    assert (kept.get(applicant().number), kept.results(applicant().number), kept.count()) == (None, (), 1)


def test_a_question_takes_each_step_once(store: Store) -> None:
    kept = store.applicants
    kept.ask(question())
    with pytest.raises(Conflict):
        kept.ask(question())
    answered = msgspec.structs.replace(question(), stage=Stage.ANSWERED)
    assert kept.step(answered, Stage.ASKED)
    assert not kept.step(answered, Stage.ASKED)
    assert not kept.step(question("none"), Stage.ASKED)
    assert kept.question("s1") == answered
    kept.ask(question("s2", START + 10))
    assert [one.state for one in kept.asked_of(applicant().number)] == ["s2", "s1"]
    assert kept.forget_questions(before=START + 20) == 1
    assert kept.question("s2") is None


def test_reviews_and_pseudonyms(store: Store) -> None:
    kept = store.applicants
    review = ApplicantReview(report="r1", applicant=applicant().number, case="case_1", purpose="p", at=START)
    kept.add_review(review)
    with pytest.raises(Conflict):
        kept.add_review(review)
    assert kept.reviews(applicant().number) == (review,)
    assert kept.of_case("case_1") == review
    assert kept.of_case("case_2") is None
    kept.name("ps_1", START, b"first")
    kept.name("ps_1", START, b"second")
    assert (kept.named("ps_1"), kept.named("ps_2")) == (b"first", None)
