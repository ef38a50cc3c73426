"""What Inspect finds of us, by the entry point `inspect_ai`: the models `tocsin/...` and a task for each family."""

from importlib import import_module
from pathlib import Path
from typing import Any

from inspect_ai import Task, task
from inspect_ai.model import ModelAPI, modelapi

from tocsin.evaluate.families import families
from tocsin.evaluate.families.adapters import PublicSet
from tocsin.evaluate.family import Family
from tocsin.evaluate.runs.models import PROVIDER, TocsinModel
from tocsin.evaluate.runs.tasks import task_of


@modelapi(name=PROVIDER)
def tocsin() -> type[ModelAPI]:
    """Our own models."""
    return TocsinModel


def offer(name: str, family: Family) -> Any:
    """Makes a family known to Inspect as the task `tocsin/NAME`; its arguments are a plan's `arguments`."""

    @task(name=name)
    def offered(languages: str = "", limit: int = 0) -> Task:
        return task_of(family, languages=languages, limit=limit)

    return offered


@task(name="public-set")
def public_set(kind: str, file: str, sha256: str = "", languages: str = "", limit: int = 0) -> Task:
    """A public set that lies here, asked and judged as `refusal`. `sha256` is the file's: a plan commits to it."""
    return task_of(PublicSet(kind, Path(file), expected=sha256), languages=languages, limit=limit)


for _name, _family in families().items():
    if _family.own_task:
        # tools, or another way of asking: its module makes the task known when it is imported
        import_module(_family.own_task)
    else:
        offer(_name, _family)
