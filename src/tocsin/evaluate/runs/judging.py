"""A model as a judge of labelled answers, asked through Inspect, outside any run."""

from collections.abc import Sequence

import anyio
from inspect_ai.model import GenerateConfig, get_model

from tocsin.evaluate.runs import registry as registry  # makes our models known, entry point or not
from tocsin.evaluate.runs.calibration import QUESTION, LabelledAnswer, grade, question_of
from tocsin.evaluate.runs.running import CALL_RETRIES, CONNECTIONS, quietly
from tocsin.kernel.evaluations import Outcome


def by_model(
    name: str, answers: Sequence[LabelledAnswer], template: str = QUESTION, seed: int = 0
) -> dict[str, Outcome]:
    """What the model says of each; INVALID for silence, a broken call, and words without a grade."""
    with quietly():
        return anyio.run(_asked, name, answers, template, seed)


async def _asked(
    name: str, answers: Sequence[LabelledAnswer], template: str, seed: int
) -> dict[str, Outcome]:
    said: dict[str, Outcome] = {}
    room = anyio.Semaphore(CONNECTIONS)
    async with get_model(name, config=GenerateConfig(seed=seed, max_retries=CALL_RETRIES)) as model:

        async def ask(row: LabelledAnswer) -> None:
            async with room:
                try:
                    output = await model.generate(question_of(template, row))
                except Exception:  # noqa: BLE001 - a provider's fault, of any kind, is a judge that did not judge
                    said[row.id] = Outcome.INVALID
                else:
                    said[row.id] = grade(output.completion)

        async with anyio.create_task_group() as tasks:
            for row in answers:
                tasks.start_soon(ask, row)
    return said
