"""Cases like this one: shown with why, bounded, and never a restricted one."""

import pytest

from tests.cases_made_up import decided, disposed, person, verified
from tests.fixtures import Made
from tests.member_queue import quick_keys, two_members
from tocsin.kernel import BadInput, Conflict, NotAllowed, Role
from tocsin.kernel.cases import CaseFlag, CaseWords
from tocsin.kernel.disposing import Measure

__all__ = ["quick_keys"]

LONG = (
    "A letter promises a refund of the lottery to everybody who pays a small fee before the end of the month."
)
OTHER = (
    "Somebody sells garden chairs that never arrive, and answers no letter that is written to them about it."
)
SAID = "A promise of a refund for a fee is a scam, whoever it is said to come from."


def test_the_nearest_come_first_and_say_why(made: Made) -> None:
    ana, otto = person(made, "ana", Role.ANALYST), person(made, "otto", Role.AUDITOR)
    far = disposed(made, ana, report="A", words=CaseWords(what=OTHER))
    near = disposed(made, ana, report="B", words=CaseWords(what=LONG + " Thank you."))
    case = verified(made, ana, report="C", words=CaseWords(what=LONG))
    found = made.node.similar_cases.beside(ana, case.id)
    assert [one.case.id for one in found] == [near.id, far.id]
    assert [why.what for why in found[0].why] == ["category", "words"]
    assert (found[0].why[-1].share or 0) > 0.5
    assert [why.what for why in found[1].why] == ["category"]
    assert all(
        why.what != "words" for one in made.node.similar_cases.beside(otto, case.id) for why in one.why
    )
    made.node.cases.dispose(ana, case.id, decided(measures=(Measure.VISIBILITY_REMOVED,), ends=None))
    alike = made.node.similar_cases.beside(ana, case.id)[0]
    assert [(why.what, why.value) for why in alike.why[1:-1]] == [
        ("measure", "visibility.removed"),
        ("ground", "incompatible-content"),
    ]
    assert made.node.store.audit.read(act="case.compare")[0].subject == case.id


@pytest.mark.usefixtures("quick_keys")
def test_a_restricted_case_neither_asks_nor_is_found(made: Made) -> None:
    ana, _ = two_members(made)
    hidden = disposed(made, ana, report="S", flags=(CaseFlag.CHILD_MATERIAL,))
    case = verified(made, ana, report="C")
    assert made.node.similar_cases.beside(ana, case.id) == ()
    assert made.node.similar_cases.beside(ana, hidden.id) == ()
    with pytest.raises(Conflict, match="restricted"):
        made.node.similar_cases.add_precedent(ana, hidden.id, reasoning=SAID, stands_for=SAID)


def test_a_key_case_is_decided_and_names_nobody(made: Made) -> None:
    ana, rolf = person(made, "ana", Role.ANALYST), person(made, "rolf", Role.REVIEWER)
    service, case = made.node.similar_cases, disposed(made, ana)
    with pytest.raises(NotAllowed):
        service.add_precedent(ana, case.id, reasoning=SAID, stands_for=SAID)
    for wrong in ("short", f"{SAID} Ask marigold@flowers.example."):
        with pytest.raises(BadInput):
            service.add_precedent(rolf, case.id, reasoning=wrong, stands_for=SAID)
    made_of = service.add_precedent(rolf, case.id, reasoning=SAID, stands_for=SAID)
    assert service.precedents(ana, "fraud.scam") == (made_of,)
    assert service.precedents(ana, "cyber.phishing") == ()
    with pytest.raises(Conflict):
        service.add_precedent(rolf, case.id, reasoning=SAID, stands_for=SAID)
    with pytest.raises(Conflict, match="decided"):
        service.add_precedent(rolf, verified(made, ana, report="N").id, reasoning=SAID, stands_for=SAID)
