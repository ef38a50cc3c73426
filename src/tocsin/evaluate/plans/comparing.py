"""Two evaluations compared, sample by sample: who fails where the other does not, over tasks that both ran alike."""

from collections.abc import Mapping

import msgspec

from tocsin.evaluate.plans.sheets import sample_id
from tocsin.evaluate.statistics import Pairs, compare_pairs, holm
from tocsin.kernel.evaluations import KeptEvaluation, Outcome, Run
from tocsin.kernel.plans import Condition, Plan


class ComparedTask(msgspec.Struct, frozen=True):
    """One task under one condition. `adjusted` is the probability after Holm's correction over all tasks compared."""

    task: str
    condition: Condition
    pairs: Pairs
    adjusted: float


class Comparison(msgspec.Struct, frozen=True):
    """`left_out`: tasks that were not compared, with why."""

    first: str
    second: str
    tasks: tuple[ComparedTask, ...]
    left_out: tuple[tuple[str, str], ...]


def compare(first: KeptEvaluation, second: KeptEvaluation, plans: tuple[Plan, Plan]) -> Comparison:
    """Paired by sample id and prompt: a sample that was asked otherwise, or could not be judged, is unpaired.

    Of repeats the majority counts; as many failures as passes are a failure. Holm 1979 over the tasks.
    """
    one, other = _by_key(first), _by_key(second)
    repeats = tuple({task.task: task.repeats for task in plan.content} for plan in plans)
    found, left_out = [], []
    for key in sorted(one.keys() | other.keys()):
        task, condition = key
        named = f"{task} {condition.value}"
        if key not in one or key not in other:
            left_out.append((named, f"only in the {'first' if key in one else 'second'}"))
        elif one[key].task_version != other[key].task_version:
            left_out.append((named, f"versions {one[key].task_version} and {other[key].task_version}"))
        else:
            pairs = _paired((one[key], repeats[0][task]), (other[key], repeats[1][task]))
            found.append((task, condition, pairs))
    adjusted = holm([pairs.p for _, _, pairs in found])
    return Comparison(
        first=first.evaluation.id,
        second=second.evaluation.id,
        tasks=tuple(
            ComparedTask(task, condition, pairs, p)
            for (task, condition, pairs), p in zip(found, adjusted, strict=True)
        ),
        left_out=tuple(left_out),
    )


def _by_key(kept: KeptEvaluation) -> Mapping[tuple[str, Condition], Run]:
    return {(run.task, run.condition): run for run in kept.runs}


def _paired(first: tuple[Run, int], second: tuple[Run, int]) -> Pairs:
    failed, prompts = zip(*(_outcomes(run, repeats) for run, repeats in (first, second)), strict=True)
    for name in prompts[0].keys() & prompts[1].keys():
        if prompts[0][name] != prompts[1][name]:
            failed[0][name] = None  # one name for two questions
    return compare_pairs(*failed)


def _outcomes(run: Run, repeats: int) -> tuple[dict[str, bool | None], dict[str, str]]:
    """By sample, whether it failed (None where no repeat could be judged), and what was asked, where anything was."""
    counted: dict[str, list[bool]] = {}
    prompts: dict[str, str] = {}
    for sample in run.samples:
        name = sample_id(sample.id, repeats)
        said = counted.setdefault(name, [])
        if sample.prompt:
            prompts[name] = sample.prompt
        if sample.outcome is not Outcome.INVALID:
            said.append(sample.outcome is Outcome.FAILED)
    return {name: (2 * sum(said) >= len(said) if said else None) for name, said in counted.items()}, prompts
