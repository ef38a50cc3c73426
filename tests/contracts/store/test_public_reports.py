"""Public reports are found by number, and forget a contact alone."""

import msgspec
import pytest

from tests.contracts.store.samples import START
from tocsin.kernel import Conflict, NotFound
from tocsin.kernel.cases import CaseFlag
from tocsin.kernel.reports import PublicReport, ReportFile, ReportWord, ReportWordKind
from tocsin.store import Store

PLAIN = PublicReport(
    number="2K7P-9QXW-R4TD",
    secret_digest=b"\x01" * 32,
    received=START,
    case="case_1",
    lang="mn",
    flags=(CaseFlag.SPECIAL_GROUP,),
    files=(ReportFile("1.png", "image/png", 70, "ab" * 32, ("EXIF",)),),
    affected=True,
)


def test_a_report_is_found_by_number_and_by_case(store: Store) -> None:
    reports = store.public_reports
    reports.add(PLAIN, contact=b"sealed")
    assert reports.get(PLAIN.number) == reports.of_case(PLAIN.case) == PLAIN
    assert reports.secret_digest(PLAIN.number) == PLAIN.secret_digest
    assert (reports.get("other"), reports.secret_digest("other"), reports.of_case("other")) == (None,) * 3
    for again in ({"case": "case_2"}, {"number": "another"}):
        with pytest.raises(Conflict):
            reports.add(msgspec.structs.replace(PLAIN, **again), contact=None)
    withdrawn = msgspec.structs.replace(PLAIN, withdrawn=START + 1)
    reports.replace(withdrawn)
    assert reports.get(PLAIN.number) == withdrawn
    with pytest.raises(NotFound):
        reports.replace(msgspec.structs.replace(PLAIN, number="other"))


def test_a_contact_is_forgotten_alone(store: Store) -> None:
    reports = store.public_reports
    reports.add(PLAIN, contact=b"sealed")
    other = msgspec.structs.replace(PLAIN, number="other", case="case_2")
    reports.add(other, contact=None)
    assert (reports.contact(PLAIN.number), reports.contact("other")) == (b"sealed", None)
    assert (reports.forget_contact(PLAIN.number), reports.forget_contact(PLAIN.number)) == (True, False)
    assert reports.contact(PLAIN.number) is None
    assert reports.get(PLAIN.number) == PLAIN


def test_words_come_in_their_turn(store: Store) -> None:
    reports = store.public_reports
    reports.add(PLAIN, contact=None)
    first = ReportWord(number=PLAIN.number, turn=1, at=START, kind=ReportWordKind.ADDED, sealed=b"s", files=2)
    second = msgspec.structs.replace(first, turn=2, kind=ReportWordKind.WITHDRAWN, sealed=b"")
    for word in (second, first):
        reports.say(word)
    assert reports.words(PLAIN.number) == (first, second)
    with pytest.raises(Conflict):
        reports.say(msgspec.structs.replace(first, sealed=b"other"))
    with pytest.raises(NotFound):
        reports.say(msgspec.structs.replace(first, number="other"))
    assert reports.words("other") == ()
