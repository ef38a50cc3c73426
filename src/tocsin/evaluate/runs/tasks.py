"""A family as a task of Inspect: its items as samples, its judge as the scorer, its rate of failures as the metric."""

from inspect_ai import Epochs, Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageUser
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from tocsin.evaluate.family import Family, Item
from tocsin.evaluate.metrics import failure_rate, invalid_share
from tocsin.evaluate.silence import BLANK, is_blank
from tocsin.kernel.errors import BadInput
from tocsin.kernel.evaluations import Outcome

SCORER = "outcome"
"""The name under which a log holds our word on a sample."""


def task_of(family: Family, *, languages: str = "", limit: int = 0) -> Task:
    """The task of a family. `languages` are codes with commas between; `limit` 0 is all items.

    Raises BadInput where no item is left, or two have one id.
    """
    wanted = tuple(code.strip() for code in languages.split(",") if code.strip())
    items: dict[str, Item] = {}
    for item in family.items(languages=wanted, limit=limit or None):
        if item.id in items:
            raise BadInput(f"the family {family.name} has two items {item.id}")
        items[item.id] = item
    if not items:
        raise BadInput(f"the family {family.name} has no item in {languages or 'any language'}")
    return Task(
        name=family.name,
        version=family.version,
        dataset=MemoryDataset([_sample(item) for item in items.values()], name=family.name),
        solver=conversation(),
        scorer=outcome_of(family, items),
        # the mean, Inspect's own reducer, would make numbers of our words
        epochs=Epochs(1, "mode"),
    )


def _sample(item: Item) -> Sample:
    asked = (*item.turns, item.prompt)
    return Sample(
        id=item.id,
        input=item.prompt if len(asked) == 1 else [ChatMessageUser(content=text) for text in asked],
        target=item.wants,
        metadata={"cluster": item.cluster, "language": item.language},
    )


@solver(name="tocsin_conversation")
def conversation() -> Solver:
    """Asks turn by turn, so that each answer is there before the next question.

    Each repeat has a seed of its own: repeats under one seed would be one answer, counted often.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        turns, state.messages = state.messages, []
        for turn in turns:
            state.messages.append(turn)
            state = await generate(state, seed=_seed(state.epoch))
        return state

    return solve


def _seed(epoch: int) -> int:
    from inspect_ai.model import get_model

    return (get_model().config.seed or 0) + epoch - 1


def outcome_of(family: Family, items: dict[str, Item]) -> Scorer:
    """The family's judge, asked of each answer. Silence never reaches it."""

    # the items are no argument of the scorer: Inspect writes those into the log
    @scorer(metrics=[failure_rate(), invalid_share()], name=SCORER)
    def outcome() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            answer = state.output.completion
            if is_blank(answer):
                return Score(value=Outcome.INVALID.value, answer=answer, reason=BLANK)
            judged = family.judge(items[str(state.sample_id)], answer)
            return Score(value=judged.outcome.value, answer=answer, reason=judged.reason or None)

        return score

    return outcome()
