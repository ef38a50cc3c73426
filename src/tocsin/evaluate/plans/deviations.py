"""What was run, held against what was registered: each difference by its name.

1. the plan that was run is the registered one, field by field
2. so are the samples that were drawn
3. each run is of a planned task and version, on a planned model and condition, and began after the registration
4. each planned task was run once under each planned condition
5. each run has exactly the planned samples, each asked what was planned
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tocsin.evaluate.plans.sheets import outcome_id, sample_id
from tocsin.kernel.clock import at_micros
from tocsin.kernel.errors import Change
from tocsin.kernel.evaluations import Outcome, Run
from tocsin.kernel.plans import Condition, Plan, PlannedModel, PlannedSample, PlannedTask, RegisteredPlan

MAX_IDS_TOLD = 20
"""Samples that one change names."""

MAX_VALUE_CHARS = 120
_NAMED = ("id", "task", "name")
"""What tells the entries of a list apart; models are told apart by their condition."""


def deviations(
    registered: RegisteredPlan,
    runs: Sequence[Run],
    *,
    at: int,
    plan: Plan | None = None,
    sheets: Mapping[str, Iterable[PlannedSample]] | None = None,
) -> tuple[Change, ...]:
    """Empty when `runs` are what was registered. `at` is now, microseconds; `plan` and `sheets` are what the runner
    says it ran, where it says so.
    """
    changes: list[Change] = []
    if plan is not None:
        changes.extend(plan_changes(registered.plan, plan))  # 1
    if sheets is not None:
        for task, listed in registered.samples.items():  # 2
            changes.extend(_sheet(task, listed, tuple(sheets.get(task, ()))))
    changes.extend(_runs(registered, runs, at))
    return tuple(changes)


def plan_changes(old: Plan, new: Plan) -> Iterator[Change]:
    """Fields that differ, with where they are."""
    for where, was, now in _differences(msgspec.to_builtins(old), msgspec.to_builtins(new), ""):
        yield Change("plan field", where, _short(was), _short(now))


_ABSENT = object()


def _differences(old: Any, new: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        names = _keys(old), _keys(new)
        if None in names:
            if old != new:
                yield where, old, new
            return
        one, other = (
            dict(zip(keys or (), listed, strict=True)) for keys, listed in zip(names, (old, new), strict=True)
        )
        for name in one | other:
            yield from _differences(one.get(name, _ABSENT), other.get(name, _ABSENT), f"{where}[{name}]")
    elif isinstance(old, dict) and isinstance(new, dict):
        for name in old | new:
            inner = f"{where}.{name}" if where else str(name)
            yield from _differences(old.get(name, _ABSENT), new.get(name, _ABSENT), inner)
    elif old != new:
        yield where, old, new


def _keys(listed: Sequence[Any]) -> list[str] | None:
    """What each entry is called, None where they have no names or share them."""
    if not all(isinstance(one, dict) for one in listed):
        return None
    keys = [next((str(one[name]) for name in ("condition", *_NAMED) if name in one), "") for one in listed]
    return keys if len(set(keys)) == len(keys) and "" not in keys else None


def _short(value: Any) -> str:
    if value is _ABSENT:
        return "nothing"
    text = value if isinstance(value, str) and value else msgspec.json.encode(value).decode()
    return text if len(text) <= MAX_VALUE_CHARS else text[: MAX_VALUE_CHARS - 3] + "..."


def _sheet(task: str, old: Sequence[PlannedSample], new: Sequence[PlannedSample]) -> Iterator[Change]:
    before, now = {one.id: one for one in old}, {one.id: one for one in new}
    yield from _ids("planned sample dropped from", task, before.keys() - now.keys())
    yield from _ids("planned sample added to", task, now.keys() - before.keys())
    for name in sorted(before.keys() & now.keys()):
        for field in ("prompt", "cluster", "language"):
            was, found = getattr(before[name], field), getattr(now[name], field)
            if was != found:
                yield Change(f"{field} of sample", f"{name} of {task}", was or "nothing", found or "nothing")


def _runs(registered: RegisteredPlan, runs: Sequence[Run], at: int) -> Iterator[Change]:
    tasks = {task.task: task for task in registered.plan.content}
    models = {model.condition: model for model in registered.plan.method.models}
    met: Counter[tuple[str, Condition]] = Counter()
    for run in runs:
        place = f"{run.task} {run.condition.value}"
        task, model = tasks.get(run.task), models.get(run.condition)
        met[run.task, run.condition] += 1
        if task is None:  # 3
            yield Change("task that is not in the plan:", run.task[:MAX_VALUE_CHARS], "", "")
        elif run.task_version != task.version:
            yield Change(
                "version of task", run.task, task.version, run.task_version[:MAX_VALUE_CHARS] or "nothing"
            )
        if model is None:
            yield Change("condition that is not in the plan:", place, "", "")
        else:
            yield from _model(model, run, place)
        if run.began < registered.registration.at:
            yield Change(
                "began before the registration:", place, _when(registered.registration.at), _when(run.began)
            )
        if not run.began <= run.ended <= at:
            yield Change(
                "ended before it began, or in the future:", place, _when(run.began), _when(run.ended)
            )
        if task is not None:
            yield from _samples(task, registered.samples.get(task.task, ()), run, place)  # 5
    for name in tasks:  # 4
        for condition in models:
            if (number := met[name, condition]) == 0:
                yield Change("planned and not run:", f"{name} {condition.value}", "", "")
            elif number > 1:
                yield Change(
                    "run more than once, so that one could choose:",
                    f"{name} {condition.value}",
                    "1",
                    str(number),
                )


def _model(model: PlannedModel, run: Run, place: str) -> Iterator[Change]:
    was, now = model.digest.removeprefix("sha256:"), run.model_digest.removeprefix("sha256:")
    if was != now:
        yield Change("model digest of", place, was, now[:MAX_VALUE_CHARS] or "nothing")
    if model.claimed and run.model != model.name:
        # nobody saw its bytes: the name is all there is
        yield Change("model of", place, model.name, run.model[:MAX_VALUE_CHARS] or "nothing")


def _samples(task: PlannedTask, listed: Sequence[PlannedSample], run: Run, place: str) -> Iterator[Change]:
    planned = {one.id: one for one in listed}
    wanted = {
        outcome_id(one.id, repeat, task.repeats) for one in listed for repeat in range(1, task.repeats + 1)
    }
    found = Counter(sample.id for sample in run.samples)
    yield from _ids("sample dropped from", place, wanted - found.keys())
    yield from _ids("sample added to", place, found.keys() - wanted)
    yield from _ids(
        "sample told more than once in", place, {name for name, number in found.items() if number > 1}
    )
    told = 0
    for sample in run.samples:
        if sample.id not in wanted:
            continue
        was = planned[sample_id(sample.id, task.repeats)].prompt
        # where nothing could be asked there is no prompt, and no answer that would count
        if sample.prompt == was or (sample.outcome is Outcome.INVALID and not sample.prompt):
            continue
        told += 1
        if told <= MAX_IDS_TOLD:
            yield Change("prompt of sample", f"{sample.id} of {place}", was, sample.prompt[:64] or "nothing")
    if told > MAX_IDS_TOLD:
        yield Change("prompts of more samples of", place, "", f"{told - MAX_IDS_TOLD} more")


def _ids(what: str, where: str, names: Iterable[str]) -> Iterator[Change]:
    listed = sorted(names)
    if listed:
        more = len(listed) - MAX_IDS_TOLD
        shown = ", ".join(name[:MAX_VALUE_CHARS] for name in listed[:MAX_IDS_TOLD])
        yield Change(what, where, "", f"{len(listed)} ({shown}{f', and {more} more' if more > 0 else ''})")


def _when(value: int) -> str:
    try:
        return at_micros(value).isoformat()
    except OverflowError:
        return str(value)
