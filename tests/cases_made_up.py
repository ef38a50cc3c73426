"""Cases and people as tests of several rooms make them up. The texts are harmless."""

from typing import Any

import msgspec

from tests.fixtures import Made
from tocsin.app.cases import NewCase
from tocsin.kernel import Caller, Means, Role
from tocsin.kernel.cases import Case, CaseOrigin, CaseWords, Urgency
from tocsin.kernel.disposing import Disposition, Ground, Measure, Outcome

CATEGORY = "fraud.scam"
WHY = "two letters about a lottery refund"


def person(made: Made, name: str, *roles: Role, means: Means = Means.SESSION) -> Caller:
    """A new user who is there."""
    access = made.node.access
    access.add_user(access.operator(), name, roles)
    return msgspec.structs.replace(access.operator(name), means=means)


def disposition(*measures: Measure, **changed: Any) -> Disposition:
    """A decision; without measures that nothing was borne out."""
    plain = Disposition(
        outcome=Outcome.BORNE_OUT if measures else Outcome.NOT_BORNE_OUT,
        measures=measures or (Measure.NONE,),
        ground=Ground.TERMS if measures else Ground.NONE,
        ground_text="Terms of use, 4.1" if measures else "",
        explanation="The letters ask for a fee." if measures else "",
        facts="Two letters were looked at.",
        reasons="Two letters about a lottery refund were sent.",
        lang="en",
        decided_by="",
        at=0,
    )
    return msgspec.structs.replace(plain, **changed)


def opened(made: Made, **changed: Any) -> Case:
    """A case from the public door."""
    plain = NewCase(
        origin=CaseOrigin.REPORT,
        words=CaseWords(
            title="Lottery refund", what="A letter promises a lottery refund.", notes=("It came twice.",)
        ),
        report="R-1",
    )
    return made.node.cases.open(None, msgspec.structs.replace(plain, **changed))


def verified(made: Made, by: Caller, **changed: Any) -> Case:
    """A case that `by` claimed, triaged and verified."""
    cases, case = made.node.cases, opened(made, **changed)
    cases.claim(by, case.id)
    cases.triage(by, case.id, category=CATEGORY, urgency=Urgency.NORMAL, reasons=WHY)
    return cases.verify(by, case.id, outcome=Outcome.BORNE_OUT, reasons=WHY)
