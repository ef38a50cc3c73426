"""A report that only members may read is answered to its reporter, and this node can read neither back."""

from pathlib import Path

import msgspec
import pytest

from tests.fixtures import Made
from tests.member_queue import quick_keys, two_members
from tests.public_reporters import decide, only_case
from tocsin.app.report_checks import WrongField
from tocsin.kernel import BadInput, NotFound
from tocsin.kernel.cases import CHILD_SAFETY, CaseFlag, CaseState
from tocsin.kernel.reports import ReportContent
from tocsin.trust.seal import SealBroken

__all__ = ["quick_keys"]

WHAT = "In the group lottery.example they show what they did."
REASONS = "We told the police, and they took the group away."


@pytest.mark.usefixtures("quick_keys")
def test_the_answer_of_a_restricted_case_opens_with_the_secret_alone(made: Made) -> None:
    ana, bold = two_members(made)
    reports = made.node.public_reports
    content = ReportContent(what=WHAT, contact="8800-0000", flags=(CaseFlag.CHILD_MATERIAL,))
    with pytest.raises(WrongField):
        reports.submit(content, [(b"a text", "text/plain")])
    receipt = reports.submit(content)
    case = only_case(made)
    assert case.queue == CHILD_SAFETY
    with pytest.raises(NotFound):
        made.node.case_keys.for_node(case.id)
    reports.add(receipt.number, receipt.secret, "It is still there.")
    with pytest.raises(BadInput):
        reports.add(receipt.number, receipt.secret, files=[(b"a text", "text/plain")])
    assert made.node.cases.words(ana, case.id).notes == ("It is still there.",)
    assert reports.contact(bold, case.id, "to ask where it is now") == "8800-0000"
    with pytest.raises(NotFound):
        reports.contact(made.node.access.operator(), case.id, "to see who it was")
    decide(made, ana, case.id, REASONS)
    followed = reports.follow(receipt.number, receipt.secret)
    assert followed.state is CaseState.DISPOSED
    assert followed.decision
    assert followed.decision.reasons == REASONS
    kept = made.node.store.public_reports
    other = reports.submit(ReportContent(what="Something else altogether."))
    report = kept.get(receipt.number)
    assert report is not None
    with pytest.raises(SealBroken):
        reports._answers.standing(report, other.secret, kept.words(receipt.number))
    for path in Path(made.node.data).rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            for words in (WHAT, REASONS, "8800-0000", "It is still there.", receipt.secret):
                assert words.encode() not in held, path.name


def test_a_reporter_can_do_only_so_much(made: Made) -> None:
    reports = made.node.public_reports
    receipt = reports.submit(ReportContent(what="They asked for a lottery refund."))
    with pytest.raises(BadInput):
        reports.add(receipt.number, receipt.secret, "  ")
    for wrong in ("", "what", "0" * 28):
        for work in (reports.follow, reports.withdraw, reports.erase_contact):
            with pytest.raises(NotFound):
                work(receipt.number, wrong)
    reports.withdraw(receipt.number, receipt.secret)
    reports.withdraw(receipt.number, receipt.secret)
    assert len(reports.follow(receipt.number, receipt.secret).words) == 1
    assert not reports.erase_contact(receipt.number, receipt.secret)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"what": " a "}, "what"),
        ({"what": "x" * 20_001}, "what"),
        ({"where": "x" * 2_001}, "where"),
        ({"contact": "x" * 401}, "contact"),
        ({"category": "political"}, "category"),
        ({"lang": "e"}, "lang"),
    ],
)
def test_what_is_wrong_is_told_by_field(made: Made, changed: dict[str, str], field: str) -> None:
    with pytest.raises(WrongField) as wrong:
        plain = ReportContent(what="a lottery refund")
        made.node.public_reports.submit(msgspec.structs.replace(plain, **changed))
    assert set(wrong.value.fields) == {field}
