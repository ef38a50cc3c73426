"""When the next step of a case should have been taken: from its arrival, then from the last claim.

Enters: a case, its queue, the act that was done. Leaves: the case with `due` and `tell`. Nothing here moves a case.
"""

import msgspec

from tocsin.cases.states import DECIDED, OVER, Step
from tocsin.kernel.cases import Case, CaseState, Queue

HOUR = 3_600_000_000
DAY = 24 * HOUR
TELL_AGAIN = DAY
"""A case that stays late is told once a day: oftener is noise, and noise is switched off."""

_ARRIVES = (Step.REOPEN, Step.APPEAL, Step.MOVE, Step.UNMERGE)
"""It waits for somebody anew."""


def arrived(case: Case, queue: Queue) -> Case:
    """A new case: somebody should have claimed it by then."""
    return _due(case, case.received + queue.claim_hours * HOUR)


def after(case: Case, queue: Queue, step: Step, *, now: int, renewed: bool = False) -> Case:
    """`case` as the act left it, with its clock. A claim that is renewed gains no time."""
    if case.state in OVER or (case.state in DECIDED and not _undecided(case)):
        return _due(case, 0)
    if step in _ARRIVES:
        return _due(case, now + queue.claim_hours * HOUR)
    if (step is Step.CLAIM and not renewed) or step is Step.OVERTURN:
        return _due(case, now + queue.decide_hours * HOUR)
    if step is Step.ESCALATE:
        return msgspec.structs.replace(case, escalated=case.escalated + 1, tell=now + TELL_AGAIN)
    return case


def claim_until(queue: Queue, now: int) -> int:
    """When a claim of this moment ends by itself."""
    return now + queue.claim_lasts_hours * HOUR


def appeal_until(queue: Queue, decided: int) -> int:
    """Until when a decision may be appealed."""
    return decided + queue.appeal_days * DAY


def _undecided(case: Case) -> bool:
    return case.state is CaseState.OVERTURNED and case.disposition is None


def _due(case: Case, due: int) -> Case:
    return msgspec.structs.replace(case, due=due, tell=due)
