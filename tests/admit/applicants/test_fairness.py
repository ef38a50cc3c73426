"""Ten thousand applicants that differ only in name, script, country of service or language."""

import random
from typing import Any

from tests.applicants import PURPOSE, sources
from tests.wallet import IDENTITY, Issuer
from tocsin.admit.applicants import by_mail, by_presentation, by_review, subject_of
from tocsin.admit.applicants.sources import Purpose
from tocsin.kernel.admission import VerificationLevel
from tocsin.kernel.applicants import Applicant, Method, Verification

NOW = 1_795_000_000_000_000
DAY = 86_400_000_000
APPLICANTS = 10_000
NAMES = (
    "Amara",
    "Батбаяр",
    "李伟",
    "محمد",
    "Ngọc",
    "Zoë",
    "О'Коннор",
    "ᠪᠠᠲᠤ",
    "निशा",
    "Ægir",
    "יעל",
    "Нурсултан",
)
COUNTRIES = ("mn", "cn", "us", "ng", "ir", "de", "br", "in", "ru", "cu", "fr", "kp")
LANGUAGES = ("mn", "zh", "en", "ha", "fa", "de", "pt", "hi", "ru", "es", "fr", "ko")


def test_the_same_evidence_is_worth_the_same_whoever_shows_it() -> None:
    """What differs is where it can be in evidence: in a mailbox, a digest, a pseudonym. The answers are one answer."""
    drawn = random.Random(9)
    believed = sources(Issuer(), organisations=["university.example"])
    answers = set()
    for number in range(APPLICANTS):
        who = f"{drawn.choice(NAMES)}.{number}.{drawn.choice(LANGUAGES)}"
        country = drawn.choice(COUNTRIES)
        applicant = Applicant(
            number=who, secret_digest=bytes(32), made=NOW, subject=f"ps_{number:032x}", consents=()
        )
        results: list[Verification] = []
        for evidence in (
            by_mail(believed, f"{who}@mail.{country}.example", digest=f"{number:064x}", now=NOW),
            by_mail(believed, f"{who}@university.example", digest=f"{number:064x}", now=NOW),
            by_presentation(
                believed.issuers[0],
                IDENTITY,
                expires=NOW // 1_000_000 + 86_400,
                digest=f"{number:064x}",
                now=NOW,
            ),
        ):
            results.append(kept(applicant, evidence, len(results)))
        purpose: Purpose = believed.purposes[PURPOSE]
        vetting = by_review(PURPOSE, purpose, tuple(results), days=9, digest=f"{number:064x}", now=NOW)
        results.append(kept(applicant, vetting, 3))
        subject = subject_of(applicant, results, NOW + 1)
        answers.add(
            (
                tuple((one.level, one.until - NOW, one.purpose) for one in subject.held),
                subject.standing,
                subject.level(NOW + 1),
            )
        )
    assert len(answers) == 1
    assert answers.pop()[2] is VerificationLevel.VETTED


def kept(applicant: Applicant, evidence: Any, number: int) -> Verification:
    return Verification(
        id=f"result_{number}",
        applicant=applicant.number,
        level=evidence.level,
        method=Method(evidence.method),
        at=NOW,
        until=evidence.until,
        evidence=evidence.evidence,
        purpose=evidence.purpose,
        rests_on=evidence.rests_on,
    )


def test_no_noun_of_an_applicant_has_a_place_for_who_somebody_is() -> None:
    told = {name for noun in (Applicant, Verification) for name in noun.__struct_fields__}
    assert told.isdisjoint(
        {"name", "country", "nationality", "lang", "language", "email", "address", "birth"}
    )
