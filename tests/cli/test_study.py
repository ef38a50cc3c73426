"""`tocsin study`: sentences, one JSON document, exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.cli.main import app


def run(*arguments: str | Path) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["study", *map(str, arguments)])
    # an error of ours becomes its code in `main`, around the app
    return int(getattr(ran.exception, "exit_code", ran.exit_code)), ran.stdout


@pytest.fixture
def file(tmp_path: Path) -> Path:
    code, text = run("template")
    assert code == 0
    found = tmp_path / "study.yaml"
    found.write_text(text, "utf-8")
    return found


def test_a_study_is_checked(file: Path) -> None:
    code, text = run("check", file, "--json")
    assert code == 0
    assert json.loads(text)["planned"] == 880
    file.write_text(file.read_text("utf-8").replace("line: 1.5", "line: 0.5"), "utf-8")
    assert run("check", file)[0] == 2
    assert run("check", file.parent / "none.yaml")[0] == 2


def test_too_few_participants_are_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.evaluate.uplift.power.study_power.__defaults__", (200,))
    assert run("power", file)[0] == 0
    file.write_text(
        file.read_text("utf-8").replace("participants_per_arm: 440", "participants_per_arm: 76"), "utf-8"
    )
    code, text = run("power", file, "--json")
    assert code == 1
    found = json.loads(text)
    assert not found["enough"]
    assert found["power"]["needed"] > 300
    assert "Underpowered" in run("power", file)[1]
