"""What a planned task will ask, before it asks: the samples that a registration commits to."""

from collections.abc import Iterable
from typing import Any

from inspect_ai import Task
from inspect_ai._eval.loader import (
    load_tasks,
)  # what `inspect eval NAME` does; there is no public name for it
from inspect_ai._util.error import PrerequisiteError
from inspect_ai.dataset import Sample

from tocsin.evaluate.runs import registry as registry  # makes our tasks known, entry point or not
from tocsin.evaluate.runs.asked import cluster_and_language, prompt_digest
from tocsin.evaluate.runs.models import PROVIDER
from tocsin.kernel.errors import BadInput
from tocsin.kernel.plans import PlannedSample, PlannedTask

OWN = f"{PROVIDER}/"


def sample_sheet(planned: PlannedTask) -> list[PlannedSample]:
    """Its samples in the order they are asked in, with the digests that a log of them has.

    Raises BadInput where the task is not there, is of another version, or has not as many samples. A task of others
    may fetch its data set now: that is its own doing.
    """
    return list(_sheet(chosen(task_named(planned), planned)))


def task_named(planned: PlannedTask, limit: int | None = None) -> Task:
    """The task as Inspect makes it. `limit` takes fewer samples, for a trial. Raises BadInput."""
    arguments: dict[str, Any] = dict(planned.arguments)
    if planned.task.startswith(OWN):
        # whole clusters are taken, which only the family knows
        arguments.setdefault("limit", planned.samples if limit is None else min(limit, planned.samples))
    try:
        tasks = load_tasks([planned.task], arguments)
    except PrerequisiteError as error:
        raise BadInput(f"Inspect cannot make the task {planned.task}: {error}") from None
    except (OSError, ImportError, ValueError, TypeError, LookupError) as error:
        raise BadInput(f"the task {planned.task} cannot be made ({type(error).__name__}: {error})") from None
    if len(tasks) != 1:
        raise BadInput(
            f"{planned.task} names {len(tasks)} tasks; name one, as in FILE.py@TASK or PACKAGE/TASK"
        )
    task = tasks[0]
    if str(task.version) != planned.version:
        raise BadInput(
            f"{planned.task} is version {task.version} here and {planned.version} in the plan: a task that"
            " changed makes another plan"
        )
    return task


def chosen(task: Task, planned: PlannedTask, limit: int | None = None) -> list[Sample]:
    """The samples of its data set that are asked: the first ones, as many as planned. Raises BadInput."""
    samples = list(task.dataset)
    if limit is not None:
        return samples[: min(limit, planned.samples)]
    own = planned.task.startswith(OWN)
    if len(samples) < planned.samples or (own and len(samples) != planned.samples):
        raise BadInput(
            f"{planned.task} has {len(samples)} samples with these arguments; the plan says {planned.samples}"
        )
    return samples[: planned.samples]


def named_id(number: int, sample: Sample) -> str:
    """Its id, or its place from one: Inspect numbers what has none."""
    return str(sample.id if sample.id is not None else number)


def _sheet(samples: Iterable[Sample]) -> Iterable[PlannedSample]:
    for number, sample in enumerate(samples, 1):
        name = named_id(number, sample)
        told = sample.metadata if isinstance(sample.metadata, dict) else {}
        asked = (
            sample.input
            if isinstance(sample.input, str)
            else [message.model_dump(include={"role", "content"}) for message in sample.input]
        )
        prompt = prompt_digest(asked, sample.choices)
        cluster, language = cluster_and_language(told, prompt)
        yield PlannedSample(id=name, prompt=prompt, cluster=cluster, language=language)
