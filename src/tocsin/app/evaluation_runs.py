"""Runs a plan, registered or not: the models' digests are those that inspecting them gives."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.app.evaluations import Evaluations
from tocsin.kernel import Caller, system_clock
from tocsin.kernel.errors import Change, Deviation
from tocsin.kernel.evaluations import Evaluation, EvaluationResult
from tocsin.kernel.plans import Plan, PlannedSample, RegisteredPlan

if TYPE_CHECKING:  # Inspect takes seconds to import
    from tocsin.evaluate.runs.running import Ran


def artefact_digest(path: Path) -> str:
    """Of a model's file or folder, as `tocsin model inspect` names it: "sha256:..."."""
    from tocsin.assure import inspect

    return f"sha256:{inspect(path, clock=system_clock).artefact}"


def sheets_of(plan: Plan) -> dict[str, list[PlannedSample]]:
    """By task, what the plan will ask: what a registration commits to. Raises BadInput, Unavailable."""
    from tocsin.evaluate.runs.extra import require_inspect

    require_inspect()
    from tocsin.evaluate.runs.sheets import sample_sheet

    return {task.task: sample_sheet(task) for task in plan.content}


def run_unregistered(plan: Plan, folder: Path, **options: Any) -> "list[Ran]":
    """A plan tried: its runs, which decide nothing. `options` as `run_plan` takes them."""
    from tocsin.evaluate.runs.extra import require_inspect

    require_inspect()
    from tocsin.evaluate.runs.running import run_plan

    return run_plan(plan, folder, digest_of=artefact_digest, **options)


def run_registered(
    evaluations: Evaluations, by: Caller, registration: str, plan: Plan, folder: Path, **options: Any
) -> "tuple[Evaluation, list[Ran]]":
    """A registered plan run, judged and kept. What differs is told before the first sample is asked.

    Raises Deviation, Conflict, NotFound, NotAllowed, BadInput, Unavailable.
    """
    registered = evaluations.registered(by, registration)
    sheets = sheets_of(plan)
    _require_registered(registered, plan, sheets)
    ran = run_unregistered(plan, folder, registration=registered.registration.id, **options)
    runs = [one.run for one in ran]
    return evaluations.keep(by, registered.registration.id, runs, plan=plan, sheets=sheets), ran


def results_of(plan: Plan, ran: "Sequence[Ran]") -> tuple[EvaluationResult, ...]:
    """What was counted, without lines: a plan that was not registered before its run decides nothing."""
    from tocsin.evaluate.tally import result_of_run

    return tuple(result_of_run(one.run, plan.measurement.invalid_limit) for one in ran)


def _require_registered(
    registered: RegisteredPlan, plan: Plan, sheets: dict[str, list[PlannedSample]]
) -> None:
    from tocsin.evaluate.plans.deviations import plan_changes
    from tocsin.evaluate.plans.sheets import sheet_roots

    changes = list(plan_changes(registered.plan, plan))
    roots = sheet_roots(sheets)
    changes.extend(
        Change("samples of", task, root[:16], roots.get(task, "nothing")[:16])
        for task, root in registered.registration.sheets.items()
        if roots.get(task) != root
    )
    if changes:
        raise Deviation(changes)
