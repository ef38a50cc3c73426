"""Who reported something reads the decision, also when the command line made it and knew nothing of the public door."""

from pathlib import Path

from tests.fixtures import Made
from tests.kept_cases import removal, staff
from tests.nodes import tocsin
from tocsin.app.node import Node
from tocsin.kernel.cases import CaseState, Urgency
from tocsin.kernel.disposing import Outcome
from tocsin.kernel.reports import ReportContent


def test_a_decision_made_elsewhere_answers_the_reporter(made: Made) -> None:
    people = staff(made)
    receipt = made.node.public_reports.submit(ReportContent(what="A page asks for a fee."))
    (case,) = made.node.cases.page(people.analyst).cases
    elsewhere = Node(made.node.data, clock=made.clock)
    cases, by = elsewhere.cases, people.analyst
    cases.claim(by, case.id)
    cases.triage(by, case.id, category="fraud.scam", urgency=Urgency.NORMAL, reasons="It asks for a fee.")
    cases.verify(by, case.id, outcome=Outcome.BORNE_OUT, reasons="Seen on the page itself.")
    cases.dispose(by, case.id, removal(made, by))
    elsewhere.close()
    followed = made.node.public_reports.follow(receipt.number, receipt.secret)
    assert followed.state is CaseState.DISPOSED
    assert followed.decision is not None
    assert followed.decision.reasons.startswith("The page was removed")


def test_the_command_line_takes_a_case_there_too(made: Made, tmp_path: Path) -> None:
    receipt = made.node.public_reports.submit(ReportContent(what="A page asks for a fee."))
    (case,) = made.node.cases.page(made.node.access.operator()).cases
    shown = tocsin("case", "show", "--data", str(made.node.data), case.id, "--json")
    assert case.id in shown.stdout
    assert "A page asks for a fee." not in shown.stdout
    assert receipt.secret not in shown.stdout
