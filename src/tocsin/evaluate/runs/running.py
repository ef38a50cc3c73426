"""Runs a plan: each of its tasks on each of its models, through Inspect, from where it was left.

A task on a model has a folder of its own under the log folder, named by what it depends on. Run again, what lies there
is taken as it is and the rest is asked: no sample twice. Nothing of Inspect is shown; it opens no control socket, and
the one thing of its environment that would send logs away (INSPECT_TELEMETRY) is out of its sight.
"""

import glob
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import rfc8785
from inspect_ai import Epochs, Task, eval_set
from inspect_ai._util.error import PrerequisiteError
from inspect_ai.model import CachePolicy

from tocsin.evaluate.runs.logs import opened_log
from tocsin.evaluate.runs.named import NamedModel, named_model
from tocsin.evaluate.runs.outcomes import LogReading, failed_when, judging_models, run_of_reading
from tocsin.evaluate.runs.prices import Prices
from tocsin.evaluate.runs.sheets import OWN, chosen, named_id, task_named
from tocsin.evaluate.runs.watching import Count, Watcher, watched_by
from tocsin.kernel.errors import BadInput, Conflict, Unavailable
from tocsin.kernel.evaluations import Run
from tocsin.kernel.plans import Condition, Plan, PlannedModel, PlannedTask

CONNECTIONS = 8
"""Samples and calls at once: what small accounts of providers allow."""

SAMPLE_SECONDS = 600
"""Of one sample; an endpoint that never answers ends there, and the sample is invalid."""

CALL_RETRIES = 3
"""Of one call that was turned away or timed out, by Inspect, waiting longer each time."""

KEY_CHARS = 16


class Only(msgspec.Struct, frozen=True):
    """Some samples of one task in one condition, by their ids in the plan's sheet, each as often as it says."""

    task: str
    condition: Condition
    ids: tuple[str, ...]


class Ran(msgspec.Struct, frozen=True):
    """One task on one model. `reused` samples lay in the log folder already, `cached` answers in Inspect's cache."""

    run: Run
    log: str
    reused: int
    cached: int


def run_plan(
    plan: Plan,
    folder: Path,
    *,
    digest_of: Callable[[Path], str],
    registration: str = "",
    limit: int | None = None,
    only: Only | None = None,
    prices: Prices | None = None,
    connections: int = CONNECTIONS,
    sample_seconds: int = SAMPLE_SECONDS,
    cache: bool = False,
    watcher: Watcher | None = None,
) -> list[Ran]:
    """The runs of a plan, tasks within models. Logs lie under `folder`. `digest_of` is the digest of a local model.

    `registration` is the id of a registered plan: samples of another are not taken for its own. `only` asks some
    samples of one task in one condition, and nothing else; what such a run says of a whole plan is nothing.

    Raises Conflict for a model that is not the plan's, before anything is asked and again after; BadInput for a limit
    on a registered plan and for what Inspect cannot make; Unavailable where no log came of it.
    """
    if limit is not None and (registration or limit < 1):
        raise BadInput("a registered plan is run whole: --limit is for trying a plan that is not registered")
    tasks = [
        (planned, task_named(planned, limit))
        for planned in plan.content
        if only is None or planned.task == only.task
    ]
    models = [
        (model, named_model(model.name))
        for model in plan.method.models
        if only is None or model.condition is only.condition
    ]
    for planned_model, named in models:
        require_planned(planned_model, named, digest_of)
    for planned, task in tasks:
        _require_there(only, {named_id(*one) for one in enumerate(chosen(task, planned, limit), 1)})
    count = Count(watcher)
    done: list[Ran] = []
    with watched_by(count), quietly():
        for planned_model, named in models:
            for planned, task in tasks:
                asked = _Asked(plan, planned_model, planned, limit, sample_seconds, registration, only)
                done.append(_one(asked, task, folder, connections, cache, count, prices))
            require_planned(planned_model, named, digest_of)
    return done


def require_planned(planned: PlannedModel, named: NamedModel, digest_of: Callable[[Path], str]) -> None:
    """Raises Conflict where a local model's bytes are not the plan's, BadInput where nobody took a digest."""
    if named.path is None:
        if not planned.claimed:
            raise BadInput(
                f"{planned.name} is not on this machine, so that no digest can be taken: write `claimed: true`"
                " beside the digest of what its provider says"
            )
        return
    if not named.path.exists():
        raise BadInput(f"{planned.name}: there is no {named.path}")
    found = digest_of(named.path)
    if found.removeprefix("sha256:") != planned.digest.removeprefix("sha256:"):
        raise Conflict(
            f"{planned.name} is not the model of the plan: its digest is sha256:{found.removeprefix('sha256:')},"
            f" the plan says {planned.digest}. Put that one there, or write another plan"
        )


def _require_there(only: Only | None, names: set[str]) -> None:
    lacking = sorted(set(only.ids) - names) if only is not None else []
    if lacking:
        raise BadInput(f"{len(lacking)} samples are not in the task, {lacking[0][:100]} first")


class _Asked(msgspec.Struct, frozen=True):
    """What a log depends on."""

    plan: Plan
    model: PlannedModel
    task: PlannedTask
    limit: int | None
    seconds: int
    registration: str
    only: Only | None = None

    @property
    def folder(self) -> str:
        """Readable, and another for anything that makes the answers others."""
        judges = [judge for judge in self.plan.measurement.judges if judge.kind == "model"]
        depends: list[Any] = [
            self.model,
            self.task,
            self.limit,
            self.plan.method.seed,
            judges,
            self.registration,
        ]
        if self.only is not None:
            depends.append(sorted(self.only.ids))
        known = rfc8785.dumps(msgspec.to_builtins(depends))
        slug = "".join(letter if letter.isalnum() else "-" for letter in self.task.task)[-60:]
        return f"{self.model.condition.value}/{slug}-{sha256(known).hexdigest()[:KEY_CHARS]}"

    @property
    def judges(self) -> list[str]:
        return list(judging_models(self.plan, self.task))

    @property
    def asking(self) -> dict[str, Any]:
        """Which samples, as Inspect takes it."""
        if self.only is not None:
            # Inspect takes ids for patterns
            return {"sample_id": [glob.escape(one) for one in self.only.ids]}
        if self.task.task.startswith(OWN):
            return {}
        return {"limit": self.limit or self.task.samples}


def _one(
    asked: _Asked,
    task: Task,
    folder: Path,
    connections: int,
    cache: bool,
    count: Count,
    prices: Prices | None,
) -> Ran:
    place = folder / asked.folder
    those = chosen(task, asked.task, asked.limit) if asked.only is None else asked.only.ids
    samples = len(those) * asked.task.repeats
    count.began(f"{asked.task.task} {asked.model.condition.value}", samples, _lying(place))
    options: dict[str, Any] = (
        {"cache": CachePolicy(expiry=None, scopes={"model": asked.model.digest})} if cache else {}
    )
    if asked.judges:
        options["model_roles"] = {"grader": asked.judges[0] if len(asked.judges) == 1 else asked.judges}
    try:
        _, logs = eval_set(
            [task],
            log_dir=str(place),
            model=asked.model.name,
            epochs=Epochs(asked.task.repeats, "mode"),
            seed=asked.plan.method.seed,
            # a sample that breaks off is counted as invalid; it does not end the run
            fail_on_error=False,
            time_limit=asked.seconds,
            max_retries=CALL_RETRIES,
            max_samples=connections,
            max_connections=connections,
            metadata={
                "tocsin": {
                    "plan": sha256(rfc8785.dumps(msgspec.to_builtins(asked.plan))).hexdigest(),
                    "model_digest": asked.model.digest,
                    "condition": asked.model.condition.value,
                }
            },
            display="none",
            log_level="error",
            log_format="eval",
            retry_attempts=0,
            retry_immediate=False,
            ctl_server=False,
            acp_server=False,
            **asked.asking,
            **options,
        )
    except PrerequisiteError as error:
        raise BadInput(
            f"Inspect cannot run {asked.task.task} on {asked.model.name}: {error.message}"
        ) from None
    location = next((log.location for log in logs if log.location), "")
    if not location:
        raise Unavailable(f"no log came of {asked.task.task} on {asked.model.name}; run it again")
    log = Path(location.removeprefix("file://"))
    reused = max(0, samples - count.sampled_now)
    return Ran(run=_read(log, asked, prices), log=str(log), reused=reused, cached=count.cached)


def _read(file: Path, asked: _Asked, prices: Prices | None) -> Run:
    judges = tuple(name for name in asked.judges if name != asked.model.name)
    with opened_log(file) as log:
        reading = LogReading(log, failed_when(asked.task.failed_when), judges)
        run = run_of_reading(log, reading)
    cost = None if prices is None else prices.total(reading.usage)
    return msgspec.structs.replace(
        run,
        # a task in a file is registered under another name than a plan has for it
        task=asked.task.task,
        spent=msgspec.structs.replace(
            run.spent, cost=cost, currency="" if prices is None or cost is None else prices.currency
        ),
    )


def _lying(place: Path) -> int:
    """Samples that an earlier run ended; of several logs the fullest holds what the others do."""
    most = 0
    for file in sorted(place.glob("*.eval")) if place.is_dir() else ():
        try:
            with opened_log(file) as log:
                most = max(most, sum(sample.error is None for sample, _ in log.samples()))
        except BadInput:
            # cut off in the middle of a write: Inspect recovers what it can
            continue
    return most


@contextmanager
def quietly() -> Iterator[None]:
    """Inspect and the tasks print nowhere, and Inspect sees no telemetry of the user's other work.

    The level it gives all logging is taken back: what else runs in this process would warn nobody afterwards.
    """
    away = os.environ.pop("INSPECT_TELEMETRY", None)
    root = logging.getLogger()
    level = root.level
    try:
        with Path(os.devnull).open("w") as nothing, redirect_stdout(nothing):
            yield
    finally:
        root.setLevel(level)
        if away is not None:
            os.environ["INSPECT_TELEMETRY"] = away


def spent(ran: Sequence[Ran]) -> tuple[int, int, float | None]:
    """Tokens in and out, and money, of all; no sum of money where one part is unknown."""
    costs = [one.run.spent.cost for one in ran]
    known = [cost for cost in costs if cost is not None]
    return (
        sum(one.run.spent.tokens_in for one in ran),
        sum(one.run.spent.tokens_out for one in ran),
        sum(known) if len(known) == len(costs) else None,
    )
