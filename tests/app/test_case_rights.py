"""What a person may ask of their report, and what ends: shown to who holds the receipt, gone for good, or held."""

from datetime import timedelta

import msgspec
import pytest

from tests.cases_made_up import decided, person
from tests.fixtures import Made
from tests.member_queue import quick_keys, two_members
from tocsin.kernel import BadInput, Caller, Conflict, NotAllowed, NotFound, Role, micros
from tocsin.kernel.cases import CaseFlag, CaseState, Urgency
from tocsin.kernel.disposing import Measure, Outcome
from tocsin.kernel.reports import ReportContent, ReportReceipt
from tocsin.store.exhibit_interface import HoldRow

__all__ = ["quick_keys"]

WORDS = "A letter promises a lottery refund for a fee."


def reported(made: Made, **changes: object) -> tuple[ReportReceipt, str]:
    """A report, and the id of its case."""
    content = ReportContent(what=WORDS, where="a letter", lang="mn", contact="marigold@flowers.example")
    receipt = made.node.public_reports.submit(msgspec.structs.replace(content, **changes))
    kept = made.node.store.public_reports.get(receipt.number)
    assert kept is not None
    return receipt, kept.case


def closed(made: Made, by: Caller, case_id: str) -> None:
    cases = made.node.cases
    cases.claim(by, case_id)
    cases.triage(by, case_id, category="fraud.scam", urgency=Urgency.NORMAL, reasons="about a refund")
    cases.verify(by, case_id, outcome=Outcome.BORNE_OUT, reasons="the letter was looked at")
    cases.dispose(by, case_id, decided(measures=(Measure.WARNED,), ends=None))
    cases.close(by, case_id, reasons="it is settled")


def test_who_holds_the_receipt_is_shown_all_that_is_held(made: Made) -> None:
    receipt, case_id = reported(made)
    rights = made.node.case_rights
    before = rights.held(receipt.number, receipt.secret)
    assert before.words == {"what": WORDS, "where": "a letter"}
    assert (before.contact, before.kept_until, before.letters) == (True, None, ())
    closed(made, person(made, "ana", Role.ANALYST), case_id)
    after = rights.held(receipt.number, receipt.secret)
    assert len(after.letters) == 1
    assert after.kept_until is not None
    assert WORDS in after.text
    assert msgspec.json.decode(msgspec.json.encode(after))["state"] == CaseState.CLOSED.value
    with pytest.raises(NotFound):
        rights.held(receipt.number, "not the secret")
    assert len(made.node.store.audit.read(act="rights.held")) == 2


def test_withdrawing_takes_the_contact_at_once(made: Made) -> None:
    receipt, _ = reported(made)
    made.node.case_rights.withdraw(receipt.number, receipt.secret)
    held = made.node.case_rights.held(receipt.number, receipt.secret)
    assert (held.contact, held.withdrawn is not None) == (False, True)
    assert made.node.case_rights.erase_contact(receipt.number, receipt.secret) is False


@pytest.mark.usefixtures("quick_keys")
def test_of_a_restricted_report_the_node_can_show_no_words(made: Made) -> None:
    two_members(made)
    receipt, _ = reported(made, flags=(CaseFlag.CHILD_MATERIAL,))
    held = made.node.case_rights.held(receipt.number, receipt.secret)
    assert held.words is None
    assert "ask" in held.sealed
    assert WORDS not in held.text


def test_words_go_when_their_time_is_over_and_acts_stay(made: Made) -> None:
    receipt, case_id = reported(made)
    other, open_id = reported(made)
    ana = person(made, "ana", Role.ANALYST)
    closed(made, ana, case_id)
    rights = made.node.case_rights
    assert rights.expire() == 0
    made.now += timedelta(days=401)
    assert rights.expire() == 1
    assert rights.expire() == 0
    held = rights.held(receipt.number, receipt.secret)
    assert (held.words, held.sealed, held.letters, held.contact) == (None, "erased", (), False)
    with pytest.raises(NotFound):
        made.node.cases.words(ana, case_id)
    assert [act.act for act in made.node.cases.acts(ana, case_id)][-2:] == ["dispose", "close"]
    assert rights.held(other.number, other.secret).words
    assert made.node.store.cases.get(open_id, made.node.queues.ids())


def test_a_hold_or_an_appeal_that_can_be_made_keeps_them(made: Made) -> None:
    _, case_id = reported(made)
    closed(made, person(made, "ana", Role.ANALYST), case_id)
    rights, rolf = made.node.case_rights, person(made, "rolf", Role.REVIEWER)
    with pytest.raises(Conflict, match="appealed"):
        rights.erase(rolf, case_id, "the person asked for it")
    made.now += timedelta(days=200)
    hold = HoldRow("hold_1", case_id, None, micros(made.now), rolf.user, b"sealed")
    made.node.store.exhibits.hold(hold)
    with pytest.raises(Conflict, match="hold_1"):
        rights.erase(rolf, case_id, "the person asked for it")
    made.now += timedelta(days=300)
    assert rights.expire() == 0
    made.node.store.exhibits.release("hold_1", at=micros(made.now))
    with pytest.raises(BadInput):
        rights.erase(rolf, case_id, " ")
    with pytest.raises(NotAllowed):
        rights.erase(person(made, "ann", Role.ANALYST), case_id, "the person asked for it")
    rights.erase(rolf, case_id, "the person asked for it")
    assert made.node.store.case_keys.lock(case_id) is None
    outcomes = [row.outcome for row in made.node.store.audit.read(act="case.erase")]
    assert outcomes == ["done", "refused", "refused"]


def test_what_is_not_over_is_not_erased(made: Made) -> None:
    _, case_id = reported(made)
    rolf = person(made, "rolf", Role.REVIEWER)
    made.now += timedelta(days=500)
    assert made.node.case_rights.expire() == 0
    with pytest.raises(Conflict, match="not over"):
        made.node.case_rights.erase(rolf, case_id, "the person asked for it")
    with pytest.raises(NotFound):
        made.node.case_rights.erase(rolf, "case_that_is_not", "the person asked for it")
