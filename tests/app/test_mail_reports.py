"""A message becomes a report once, sealed like any other, with its sender apart."""

from email.message import EmailMessage

import pytest

from tests.fixtures import Made
from tests.kept_cases import staff
from tests.public_reporters import PNG
from tocsin.kernel import BadInput, NotAllowed, Role
from tocsin.kernel.cases import CaseFlag, CaseOrigin

TOLD = "A page asks for a fee before it pays a lottery refund."


def message(**headers: str) -> EmailMessage:
    made = EmailMessage()
    chosen = {
        "From": "somebody@example.org",
        "Subject": "A refund",
        "Message-ID": "<a1@example.org>",
    } | headers
    for name, value in chosen.items():
        made[name] = value
    made.set_content(TOLD)
    return made


def test_a_message_is_one_report_however_often_it_is_brought(made: Made) -> None:
    people, reports = staff(made), made.node.mail_reports
    first = reports.take(people.analyst, bytes(message()), lang="mn")
    again = reports.take(people.analyst, bytes(message(Subject="Fwd: A refund")), lang="mn")
    assert first.receipt is not None
    assert (again.number, again.receipt) == (first.number, None)
    (case,) = made.node.cases.page(people.analyst).cases
    assert (case.origin, case.lang) == (CaseOrigin.MAIL, "mn")
    words = made.node.cases.words(people.analyst, case.id)
    assert words.what == f"A refund\n\n{TOLD}"
    assert "somebody@example.org" not in repr(words)
    assert (
        made.node.public_reports.contact(people.analyst, case.id, "to ask what they saw")
        == "somebody@example.org"
    )
    followed = made.node.public_reports.follow(first.receipt.number, first.receipt.secret)
    assert followed.contact


def test_attachments_are_taken_or_said_to_be_left_out(made: Made) -> None:
    people = staff(made)
    sent = message()
    sent.add_attachment(PNG, maintype="image", subtype="png", filename="mine.png")
    sent.add_attachment(b"MZ" + bytes(60), maintype="application", subtype="octet-stream", filename="a.exe")
    taken = made.node.mail_reports.take(people.analyst, bytes(sent))
    assert taken.files == 1
    assert len(taken.refused) == 1
    (case,) = made.node.cases.page(people.analyst).cases
    (exhibit,) = made.node.exhibits.of(people.analyst, case.id)
    assert exhibit.media_type == "image/png"
    assert "mine" not in exhibit.name
    assert "[left out: application/octet-stream" in made.node.cases.words(people.analyst, case.id).what


def test_where_child_abuse_is_suspected_no_file_is_taken(made: Made) -> None:
    people = staff(made)
    sent = message()
    sent.add_attachment(PNG, maintype="image", subtype="png")
    taken = made.node.mail_reports.take(people.analyst, bytes(sent), flags=(CaseFlag.CHILD_MATERIAL,))
    assert (taken.files, len(taken.refused)) == (0, 1)


def test_who_does_not_work_on_cases_brings_none_and_junk_is_refused(made: Made) -> None:
    people, access = staff(made), made.node.access
    access.add_user(access.operator(), "eve", (Role.AUDITOR,))
    with pytest.raises(NotAllowed):
        made.node.mail_reports.take(access.operator("eve"), bytes(message()))
    with pytest.raises(BadInput):
        made.node.mail_reports.take(people.analyst, b"nothing")
