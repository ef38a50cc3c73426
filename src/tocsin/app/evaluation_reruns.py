"""Runs the drawn samples of a peer's evaluation again, with our runner, and reads what another runner made of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tocsin.app.evaluation_runs import artefact_digest
from tocsin.app.recognitions import Recognitions
from tocsin.kernel import Caller
from tocsin.kernel.errors import BadInput, Change, Deviation
from tocsin.kernel.evaluations import Run
from tocsin.kernel.plans import Plan, PlannedTask, RegisteredPlan
from tocsin.kernel.recognition import Draw

if TYPE_CHECKING:  # Inspect takes seconds to import
    from tocsin.evaluate.recognition.protocol import Subset
    from tocsin.evaluate.runs.running import Ran

MAX_RUNS = 2
"""The first is compared, the second says what repeats explain."""


def rerun_drawn(
    recognitions: Recognitions,
    by: Caller,
    draw_id: str,
    folder: Path,
    *,
    model: str = "",
    runs: int = 1,
    **options: Any,
) -> "tuple[Draw, list[Ran]]":
    """Exactly the drawn samples run here, `runs` times, and the draw as it is when we have committed to what was found.

    `model` says where the model of the plan lies on this machine, where its name there is another; its digest must be
    the plan's. Logs lie under `folder`; the same call goes on where it was left. `options` as `run_plan` takes them.

    Raises NotAllowed, NotFound; Conflict when the draw is not at that point or the model is another one; Deviation,
    before anything is asked, when the task asks something else here than was registered; BadInput, Unavailable.
    """
    from tocsin.evaluate.runs.extra import require_inspect

    if not 1 <= runs <= MAX_RUNS:
        raise BadInput(f"the drawn samples are run once or {MAX_RUNS} times")
    _, drawn, registered = recognitions.to_run(by, draw_id)
    require_inspect()
    from tocsin.evaluate.plans.sheets import sample_id
    from tocsin.evaluate.runs.running import Only, run_plan

    planned = _planned(registered, drawn)
    ids = tuple(dict.fromkeys(sample_id(one, planned.repeats) for one in drawn.ids))
    _require_prompts(registered, planned, ids)
    plan = _here(registered.plan, drawn, model)
    ran: list[Ran] = []
    for number in range(1, runs + 1):
        ran += run_plan(
            plan,
            folder / f"run-{number}",
            digest_of=artefact_digest,
            registration=registered.registration.id,
            only=Only(drawn.task, drawn.condition, ids),
            **options,
        )
    return recognitions.reveal(by, draw_id, [one.run for one in ran]), ran


def run_of_log(recognitions: Recognitions, by: Caller, draw_id: str, log: Path) -> Run:
    """A run of the drawn samples out of a log of Inspect, judged as the plan judges.

    Raises NotAllowed, NotFound, Conflict, BadInput, TooLarge.
    """
    from tocsin.evaluate.runs.outcomes import judging_models, run_of

    _, drawn, registered = recognitions.to_run(by, draw_id)
    planned = _planned(registered, drawn)
    judges = judging_models(registered.plan, planned)
    run = run_of(log, planned.failed_when, judges=judges)
    # a task in a file is registered under another name than a plan has for it
    return replace(run, task=planned.task) if planned.task.endswith(f"@{run.task}") else run


def _planned(registered: RegisteredPlan, drawn: "Subset") -> PlannedTask:
    return next(one for one in registered.plan.content if one.task == drawn.task)


def _here(plan: Plan, drawn: "Subset", model: str) -> Plan:
    models = tuple(
        replace(one, name=model) if model and one.condition is drawn.condition else one
        for one in plan.method.models
    )
    return replace(plan, method=replace(plan.method, models=models))


def _require_prompts(registered: RegisteredPlan, planned: PlannedTask, ids: tuple[str, ...]) -> None:
    from tocsin.evaluate.runs.sheets import sample_sheet

    here = {one.id: one.prompt for one in sample_sheet(planned)}
    there = {one.id: one.prompt for one in registered.samples[planned.task]}
    changes = [
        Change("prompt of", one, there[one][:16], here.get(one, "nothing")[:16])
        for one in ids
        if here.get(one) != there[one]
    ]
    if changes:
        raise Deviation(changes)
