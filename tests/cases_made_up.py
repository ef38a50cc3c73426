"""Cases and people as tests of several rooms make them up: harmless, with identifiers that must not get out."""

from typing import Any

import msgspec

from tests.fixtures import Made
from tocsin.app.cases import NewCase
from tocsin.kernel import Caller, Means, Role
from tocsin.kernel.cases import GENERAL, Case, CaseOrigin, CaseState, CaseWords, Urgency
from tocsin.kernel.disposing import Disposition, Ground, Measure, Outcome

CATEGORY = "fraud.scam"
WHY = "two letters about a lottery refund"
START = 1_790_000_000_000_000
DAY = 86_400_000_000
MAIL = "marigold@flowers.example"


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


def decided(**changed: Any) -> Disposition:
    """A decision as persons concerned are told of it: with an address in its facts, and an end."""
    told = disposition(
        Measure.VISIBILITY_REMOVED,
        Measure.ACCOUNT_SUSPENDED,
        ground_text="rule 4.2 of the terms",
        explanation="A refund was promised for a fee, which the rule names.",
        facts=f"Forty accounts sent one text about a lottery refund; answers went to {MAIL}.",
        reasons="The text asks people for money for a refund that there is not.",
        decided_by="user_one",
        at=START,
        ends=START + 30 * DAY,
    )
    return msgspec.structs.replace(told, **changed)


def case(**changed: Any) -> Case:
    """A case that was decided, without a node."""
    plain = Case(
        id="case_1f2e3d4c",
        queue=GENERAL,
        state=CaseState.DISPOSED,
        origin=CaseOrigin.REPORT,
        received=START - DAY,
        updated=START,
        category=CATEGORY,
        disposition=decided(),
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


def triaged(made: Made, by: Caller, one: Case, urgency: Urgency = Urgency.NORMAL) -> Case:
    """Claimed by somebody, and sorted."""
    made.node.cases.claim(by, one.id)
    return made.node.cases.triage(by, one.id, category=CATEGORY, urgency=urgency, reasons=WHY)


def verified(made: Made, by: Caller, one: Case | None = None, **changed: Any) -> Case:
    """A case, a new one if none is given, that somebody claimed, sorted and verified."""
    one = triaged(made, by, one or opened(made, **changed))
    return made.node.cases.verify(by, one.id, outcome=Outcome.BORNE_OUT, reasons=WHY)


def disposed(
    made: Made, by: Caller, given: Disposition | None = None, one: Case | None = None, **changed: Any
) -> Case:
    """A case that was decided, or that waits for another person's yes to it."""
    return made.node.cases.dispose(by, verified(made, by, one, **changed).id, given or decided())
