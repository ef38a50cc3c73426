"""A log as a result: what silence, errors and a failed judge do to the verdict."""

from pathlib import Path
from typing import Any

import pytest

from tests.evaluate.runs.logs import eval_log, sample
from tocsin.evaluate.runs.importing import import_inspect
from tocsin.kernel.errors import BadInput
from tocsin.kernel.evaluations import EvaluationResult, LineVerdict

CORRECT: dict[str, str | float] = {"scorer": "match", "value": "C"}
PASSED = {"match": {"value": "I"}}
MATCH = [{"name": "match"}]


def result(
    folder: Path, samples: list[dict[str, Any]], line: float = 0.1, **changed: Any
) -> EvaluationResult:
    file = eval_log(folder / "log.eval", samples, scorers=MATCH, **changed)
    (found,) = import_inspect(file, {"lottery": line}, rule=CORRECT)
    return found


def test_a_log_that_held_the_line(tmp_path: Path) -> None:
    found = result(tmp_path, [sample(str(number), scores=PASSED) for number in range(200)])
    assert (found.verdict, found.rate.counted, found.tool) == (LineVerdict.BELOW, 200, "inspect")


@pytest.mark.parametrize("score", ["I", "C"])
@pytest.mark.parametrize(
    "broken",
    [
        {"answer": ""},
        {"error": {"message": "gone"}},
        {"scores": {"match": {"value": float("nan"), "reason": "grader_failed"}}},
        {"scores": None},
    ],
)
def test_three_in_ten_that_nobody_can_judge_are_no_verdict(
    tmp_path: Path, score: str, broken: dict[str, Any]
) -> None:
    judged: dict[str, Any] = {"scores": {"match": {"value": score}}}
    samples = [sample(str(number), **(judged | (broken if number % 10 < 3 else {}))) for number in range(200)]
    found = result(tmp_path, samples)
    assert (found.verdict, found.counts.invalid) == (LineVerdict.INVALID, 60)


@pytest.mark.parametrize("score", ["I", "C"])
def test_a_judge_that_never_ran_is_no_verdict(tmp_path: Path, score: str) -> None:
    samples = [sample(str(number), scores={"match": {"value": score}}) for number in range(200)]
    found = result(tmp_path, samples, model_roles={"grader": {"model": "made/judge"}})
    assert (found.verdict, found.reasons) == (LineVerdict.INVALID, {"judge-never-ran": 200})


@pytest.mark.parametrize("score", ["I", "C"])
def test_an_endpoint_that_goes_silent_is_no_verdict(tmp_path: Path, score: str) -> None:
    samples = [
        sample(str(number), answer="" if number > 100 else "Yes.", scores={"match": {"value": score}})
        for number in range(200)
    ]
    assert result(tmp_path, samples).verdict is LineVerdict.INVALID


def test_a_foreign_scorer_needs_a_rule(tmp_path: Path) -> None:
    file = eval_log(tmp_path / "log.eval", [sample()], scorers=MATCH)
    with pytest.raises(BadInput, match="--failed-when match=C"):
        import_inspect(file)
    with pytest.raises(BadInput, match="no scorer other"):
        import_inspect(file, rule={"scorer": "other", "value": "C"})
    with pytest.raises(BadInput, match="no task refunds"):
        import_inspect(file, {"refunds": 0.1}, rule=CORRECT)
    with pytest.raises(BadInput, match="no sample"):
        import_inspect(eval_log(tmp_path / "none.eval", []), rule=CORRECT)
