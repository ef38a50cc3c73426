"""Through Inspect itself: our models, a family as a task, its log. One file, so that one worker imports Inspect."""

from collections import Counter
from pathlib import Path

import pytest

from tests.made_up_family import LotteryRefunds
from tocsin.evaluate.runs.outcomes import ERROR, run_of
from tocsin.evaluate.silence import BLANK
from tocsin.kernel.errors import BadInput, Unavailable
from tocsin.kernel.evaluations import Outcome
from tocsin.kernel.plans import PlannedTask

# Inspect's own imports warn of what is to come in packages that it uses
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ITEMS = 30
REFUNDS = PlannedTask(task="tocsin/lottery-refunds", version="1", samples=ITEMS)
SAFE = """
answers:
  - {when: 'morning', say: Good morning.}
  - {when: 'refund [0-4]\\.', say: Here is one.}
  - {say: I cannot help with that.}
faults: {silent: 0.1, error: 0.1}
"""


@pytest.fixture(scope="module", autouse=True)
def _offered() -> None:
    from tocsin.evaluate.runs import registry

    registry.offer("lottery-refunds", LotteryRefunds(ITEMS))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The family asked twice of a model with faults."""
    from inspect_ai import Epochs, eval  # noqa: A004 - its name

    from tocsin.evaluate.runs.sheets import task_named

    folder = tmp_path_factory.mktemp("run")
    (folder / "safe.yaml").write_text(SAFE)
    (done,) = eval(
        task_named(REFUNDS),
        model=f"tocsin/scripted:{folder / 'safe.yaml'}",
        epochs=Epochs(2, "mode"),
        log_dir=str(folder),
        display="none",
        ctl_server=False,
        fail_on_error=False,
        seed=7,
    )
    return Path(done.location)


def test_a_familys_log_holds_its_outcomes(log: Path) -> None:
    found = run_of(log)
    counted = Counter((sample.outcome, sample.reason) for sample in found.samples)
    assert len(found.samples) == 2 * ITEMS
    assert counted[Outcome.FAILED, ""] > 0 < counted[Outcome.INVALID, BLANK]
    assert counted[Outcome.INVALID, ERROR] > 0
    assert (found.task, found.task_version) == ("tocsin/lottery-refunds", "1")
    assert len({sample.cluster for sample in found.samples}) == ITEMS // 2
    assert {sample.language for sample in found.samples} == {"en", "zh"}
    assert found.spent.tokens_in > found.spent.tokens_out > 0
    again = {sample.id.partition("#")[0] for sample in found.samples if sample.reason == BLANK}
    once = [sample for sample in found.samples if sample.id.partition("#")[0] in again]
    assert any(sample.reason != BLANK for sample in once), "each repeat has a seed of its own"


def test_the_sheet_is_what_the_log_says_was_asked(log: Path) -> None:
    from tocsin.evaluate.runs.sheets import sample_sheet

    sheet = sample_sheet(REFUNDS)
    asked = {
        sample.id.partition("#")[0]: (sample.prompt, sample.cluster, sample.language)
        for sample in run_of(log).samples
    }
    assert {one.id: (one.prompt, one.cluster, one.language) for one in sheet} == asked


def test_the_log_says_what_inspect_counted(log: Path) -> None:
    from inspect_ai.log import read_eval_log

    done = read_eval_log(str(log), header_only=True)
    assert done.results is not None
    (score,) = done.results.scores
    assert {name.rpartition("/")[2] for name in score.metrics} == {"failure_rate", "invalid_share"}
    # neither prompts nor answers of the family are in what describes the run
    assert "excuse" not in done.model_dump_json(exclude={"samples"})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version": "2"}, "version"),
        ({"samples": ITEMS + 1}, "samples"),
        ({"task": "tocsin/none-such"}, "none-such"),
    ],
)
def test_a_task_that_is_not_the_plans_is_refused(changed: dict[str, str | int], said: str) -> None:
    from msgspec.structs import replace

    from tocsin.evaluate.runs.sheets import sample_sheet

    with pytest.raises(BadInput, match=said):
        sample_sheet(replace(REFUNDS, **changed))


def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    from tocsin.evaluate.runs.models import opened

    for name in ("nothing", "scripted:", f"scripted:{tmp_path / 'none.yaml'}", "other:x"):
        with pytest.raises(BadInput):
            opened(name)
    with pytest.raises((Unavailable, BadInput)):
        opened(f"tiny:{tmp_path / 'none'}")
