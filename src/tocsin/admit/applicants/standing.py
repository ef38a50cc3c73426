"""What follows from results: the subject that access decisions see, and what ends when something ends."""

from collections.abc import Iterable

from tocsin.kernel.admission import MAX_HELD, Held, Subject, SubjectStanding, VerificationLevel
from tocsin.kernel.applicants import Applicant, Verification


def subject_of(
    applicant: Applicant, results: Iterable[Verification], now: int, *, named: str = ""
) -> Subject:
    """As access decisions see them, under `named` or their pseudonym here: what stands, newest first, up to MAX_HELD.

    A vetting whose basis does not stand is not there.
    """
    every = tuple(results)
    standing = {one.id for one in every if one.stands(now)}
    held = [
        Held(level=one.level, until=one.until, evidence=one.evidence, purpose=one.purpose)
        for one in sorted(every, key=lambda one: (-one.at, one.id))
        if one.id in standing and (not one.rests_on or one.rests_on in standing)
    ]
    return Subject(named or applicant.subject, tuple(held[:MAX_HELD]), applicant.standing, applicant.revision)


def dependants(results: Iterable[Verification], ended: str) -> tuple[Verification, ...]:
    """Results in force that rest on one that ended."""
    return tuple(one for one in results if one.rests_on == ended and one.ended is None)


def matched(
    applicant: Applicant, results: Iterable[Verification], purpose: str, now: int
) -> tuple[bytes, ...]:
    """Sealed handles of an applicant that may be matched for a purpose: consented, in good standing, vetted for it."""
    every = tuple(results)
    vetted = any(
        one.level is VerificationLevel.VETTED and one.purpose == purpose
        for one in subject_of(applicant, every, now).held
    )
    if purpose not in applicant.consents or applicant.standing is not SubjectStanding.GOOD or not vetted:
        return ()
    return tuple(one.handle for one in every if one.handle and one.stands(now))
