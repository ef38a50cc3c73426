"""Evaluations as a node keeps them: one plan, run twice over, held and not held."""

from datetime import timedelta

from tests.evaluation_plans import PLAN, TASK, nth, runs, sheet
from tests.fixtures import Made
from tocsin.kernel.evaluations import Evaluation, Outcome


def keep_evaluations(made: Made) -> tuple[Evaluation, Evaluation, Evaluation]:
    """Of one registered plan: a run that is over its line when stripped, one that holds, one that fell silent."""
    by, known = made.node.access.operator(), made.node.evaluations
    registration = known.register(by, PLAN, {TASK: iter(sheet())})
    made.now += timedelta(minutes=10)
    registered = known.registered(by, registration.id)
    silent = runs(
        registered, lambda place: (Outcome.INVALID, "blank-answer") if place % 3 == 0 else Outcome.PASSED
    )
    over, held, invalid = (
        known.keep(by, registration.id, said)
        for said in (runs(registered, nth(20), nth(3)), runs(registered), silent)
    )
    return over, held, invalid
