"""Exhibits of a restricted queue: taken in by a node that cannot open them, for members alone, not there for others."""

import pytest

from tests.app.test_exhibits import CONTENT, PURPOSE, person, taken
from tests.fixtures import Made
from tests.member_queue import QUEUE, quick_keys, two_members
from tocsin.app.cases import NewCase
from tocsin.cases.evidence.checking import check_package
from tocsin.kernel import NotFound, Role
from tocsin.kernel.cases import CaseOrigin, CaseWords

__all__ = ["quick_keys"]


@pytest.mark.usefixtures("quick_keys")
def test_only_members_know_of_a_restricted_cases_exhibits(made: Made) -> None:
    ana, bold = two_members(made)
    node = made.node
    words = CaseWords(title="lottery refund")
    case = node.cases.open(None, NewCase(origin=CaseOrigin.OWN, words=words, queue=QUEUE)).id
    kept = taken(made, case)
    with pytest.raises(NotFound):
        node.case_keys.for_node(case)
    assert node.exhibits.of(ana, case) == (kept,)
    assert node.exhibits.open(bold, kept.id, PURPOSE) == CONTENT
    hold = node.exhibits.hold(ana, case, reason="a court asked for it")
    package = node.evidence_packages.export(ana, case, PURPOSE)
    assert check_package(package.content).exhibits == 1

    outsider = person(made, "rea", Role.REVIEWER)
    said = set()
    for exhibit_id in (kept.id, "ex_" + "0" * 20):
        for ask in (
            lambda one: node.exhibits.open(outsider, one, PURPOSE),
            lambda one: node.exhibits.custody(outsider, one),
            lambda one: node.exhibits.quarantine(outsider, one),
        ):
            with pytest.raises(NotFound) as refused:
                ask(exhibit_id)
            said.add(refused.value.message.replace(exhibit_id, "ID"))
    assert len(said) == 1
    said = set()
    for case_id in (case, "case_" + "0" * 32):
        for look in (node.exhibits.of, node.exhibits.holds):
            with pytest.raises(NotFound) as refused:
                look(outsider, case_id)
            said.add(refused.value.message.replace(case_id, "ID"))
    assert len(said) == 1
    for hold_id in (hold.id, "hold_none"):
        with pytest.raises(NotFound, match="there is no hold"):
            node.exhibits.release(outsider, hold_id, reason="the court is done")
    evidence = [row for row in node.store.audit.read() if row.act.startswith(("evidence", "exhibit"))]
    assert evidence
    assert not any(case in f"{row.subject} {row.purpose} {row.detail}" for row in evidence)
