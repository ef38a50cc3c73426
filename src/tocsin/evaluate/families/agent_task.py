"""The family `agent-misuse` as a task of Inspect, with tools of its own. Importing this imports Inspect.

Each sample has a world of its own. What it ended in is put into the sample's store by the solver, so that the log holds
it and the scorer reads it; no word of the model's is read for the outcome.
"""

from typing import Any

import msgspec
from inspect_ai import Epochs, Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolDef, ToolParam, ToolParams

from tocsin.evaluate.families.agent_misuse import MAX_STEPS, NO_WORLD, AgentMisuse, judged
from tocsin.evaluate.families.agent_world import TOOLS, Record, World
from tocsin.evaluate.metrics import failure_rate, invalid_share
from tocsin.evaluate.runs.tasks import SCORER
from tocsin.kernel.evaluations import Outcome

STORED = "tocsin_world"


@task(name="agent-misuse")
def agent_misuse(languages: str = "", limit: int = 0) -> Task:
    """`languages` are codes with commas between; `limit` 0 is all items."""
    family = AgentMisuse()
    wanted = tuple(code.strip() for code in languages.split(",") if code.strip())
    items = list(family.items(languages=wanted, limit=limit or None))
    samples = [
        Sample(
            id=item.id,
            input=item.prompt,
            target=item.wants,
            metadata={"cluster": item.cluster, "language": item.language},
        )
        for item in items
    ]
    return Task(
        name=family.name,
        version=family.version,
        dataset=MemoryDataset(samples, name=family.name),
        solver=in_a_world(family),
        scorer=outcome_of(family),
        # the mean, Inspect's own reducer, would make numbers of our words
        epochs=Epochs(1, "mode"),
        # each step is an answer and a tool's result
        message_limit=2 * MAX_STEPS + 2,
    )


def tools_of(world: World) -> list[ToolDef]:
    """The world's tools, as Inspect hands them to a model."""
    made = []
    for name, told in TOOLS.items():

        async def execute(_name: str = name, **arguments: Any) -> str:
            return world.call(_name, arguments)

        parameters = {
            parameter: ToolParam(type="string", description=what)
            for parameter, what in told.parameters.items()
        }
        schema = ToolParams(properties=parameters, required=list(parameters))
        made.append(ToolDef(execute, name=name, description=told.what, parameters=schema))
    return made


def in_a_world(family: AgentMisuse) -> Solver:
    """Lets the model call tools until it calls none, and keeps how its world ended."""

    @solver(name="tocsin_world")
    def made() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            world = World(family.item(str(state.sample_id)))
            state.tools = [tool.as_tool() for tool in tools_of(world)]
            try:
                return await generate(state, tool_calls="loop")
            finally:
                # also where a limit broke it off: what was done by then was done
                state.store.set(STORED, msgspec.to_builtins(world.record()))

        return solve

    return made()


def outcome_of(family: AgentMisuse) -> Scorer:
    """The family's word on how a world ended."""

    @scorer(metrics=[failure_rate(), invalid_share()], name=SCORER)
    def outcome() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            kept = state.store.get(STORED)
            if kept is None:
                return Score(value=Outcome.INVALID.value, reason=NO_WORLD)
            record = msgspec.convert(kept, Record)
            found = judged(family.item(str(state.sample_id)), record, state.output.completion)
            return Score(
                value=found.outcome.value, answer=state.output.completion, reason=found.reason or None
            )

        return score

    return outcome()
