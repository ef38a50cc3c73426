"""A case that was decided, as tests meet it: harmless, with identifiers that must not get out."""

from typing import Any

import msgspec

from tests.fixtures import Made
from tocsin.app.cases import NewCase
from tocsin.kernel import Caller, Means, Role
from tocsin.kernel.cases import GENERAL, Case, CaseOrigin, CaseState, CaseWords, Urgency
from tocsin.kernel.disposing import Disposition, Ground, Measure, Outcome

START = 1_790_000_000_000_000
DAY = 86_400_000_000
MAIL = "marigold@flowers.example"


def decided(**changes: Any) -> Disposition:
    fields: dict[str, Any] = {
        "outcome": Outcome.BORNE_OUT,
        "measures": (Measure.VISIBILITY_REMOVED, Measure.ACCOUNT_SUSPENDED),
        "ground": Ground.TERMS,
        "ground_text": "rule 4.2 of the terms",
        "explanation": "A refund was promised for a fee, which the rule names.",
        "facts": f"Forty accounts sent one text about a lottery refund; answers went to {MAIL}.",
        "reasons": "The text asks people for money for a refund that there is not.",
        "lang": "en",
        "decided_by": "user_one",
        "at": START,
        "ends": START + 30 * DAY,
    }
    return Disposition(**fields | changes)


def case(**changes: Any) -> Case:
    fields: dict[str, Any] = {
        "id": "case_1f2e3d4c",
        "queue": GENERAL,
        "state": CaseState.DISPOSED,
        "origin": CaseOrigin.REPORT,
        "received": START - DAY,
        "updated": START,
        "category": "fraud.scam",
        "disposition": decided(),
    }
    return Case(**fields | changes)


def person(made: Made, name: str, *roles: Role, means: Means = Means.SESSION) -> Caller:
    """A new user who is there."""
    access = made.node.access
    access.add_user(access.operator(), name, roles)
    return msgspec.structs.replace(access.operator(name), means=means)


def opened(made: Made, **changes: Any) -> Case:
    """A case that came through the public door."""
    new = NewCase(
        origin=CaseOrigin.REPORT,
        words=CaseWords(title="Lottery refund", what="A letter promises a refund."),
        lang="mn",
        report="R-1",
    )
    return made.node.cases.open(None, msgspec.structs.replace(new, **changes))


def verified(made: Made, by: Caller, **changes: Any) -> Case:
    """A case that somebody claimed, triaged and verified."""
    cases, one = made.node.cases, opened(made, **changes)
    cases.claim(by, one.id)
    cases.triage(by, one.id, category="fraud.scam", urgency=Urgency.NORMAL, reasons="it is about a refund")
    return cases.verify(by, one.id, outcome=Outcome.BORNE_OUT, reasons="two letters were looked at")


def disposed(made: Made, by: Caller, given: Disposition | None = None, **changes: Any) -> Case:
    """A case that was decided."""
    one = verified(made, by, **changes)
    return made.node.cases.dispose(by, one.id, given or decided())
