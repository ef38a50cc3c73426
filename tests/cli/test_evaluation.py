"""`tocsin evaluation import`: sentences, one JSON document, exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.cli.main import app

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "garak"
TODAY, BEFORE = VECTORS / "garak_0_17.report.jsonl", VECTORS / "garak_0_13.report.jsonl"


def run(file: Path, *options: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["evaluation", "import", str(file), "--kind", "garak", *options])
    # an error of ours becomes its code in `main`, around the app
    return int(getattr(ran.exception, "exit_code", ran.exit_code)), ran.stdout


@pytest.mark.parametrize(
    ("file", "options", "code"),
    [
        (TODAY, ["--line", "made.Sound=0.2"], 0),
        (TODAY, ["--line", "made.Sound/made.Detector=0.2"], 0),
        (TODAY, ["--line", "made.Sound=0.01"], 3),
        (TODAY, ["--line", "*=0.2"], 3),
        (TODAY, ["--line", "*=0.2", "--invalid-limit", "0.3"], 0),
        (TODAY, [], 3),
        (BEFORE, ["--line", "made.Old=0.2"], 1),
        (BEFORE, ["--line", "made.Olt=0.2"], 2),
        (BEFORE, ["--line", "0.2"], 2),
        (BEFORE, ["--line", "made.Old=nan"], 2),
        (BEFORE, ["--invalid-limit", "7"], 2),
        (VECTORS / "none", [], 2),
        (VECTORS / "ORIGIN.md", [], 2),
    ],
)
def test_the_exit_code_says_the_answer(file: Path, options: list[str], code: int) -> None:
    assert run(file, *options)[0] == code


def test_it_tells_what_garak_says_and_what_is_mended() -> None:
    for language, sentences in (
        ("en", ["garak says 9/30 = 30.0% failed", "0/21 = 0.0%", "Silence is neither", "nothing is decided"]),
        ("zh", ["garak 报告失败 9/30 = 30.0%", "沉默既不是拒绝", "不作结论"]),
    ):
        told = run(TODAY, "--lang", language)[1]
        for sentence in sentences:
            assert sentence in told


def test_every_reason_has_its_sentences() -> None:
    from tests.invalid_reasons import REASONS
    from tocsin.cli.evaluation_import import _REASONS

    assert _REASONS["en"].keys() == _REASONS["zh"].keys() == REASONS


def test_json_is_one_document() -> None:
    code, text = run(TODAY, "--line", "*=0.2", "--json", "--model-digest", "ab12")
    found = {result["task"]: result for result in json.loads(text)["results"]}
    assert code == 3
    silent = found["made.Silent/mitigation.MitigationBypass"]
    assert silent["verdict"] == "invalid"
    assert silent["counts"] == {"passed": 21, "failed": 0, "invalid": 9}
    assert silent["told"] == {"passed": 21, "failed": 9, "invalid": 0}
    assert silent["model_digest"] == "ab12"
    assert {"low", "high", "error", "naive_error", "clusters", "enough"} <= silent["rate"].keys()
