"""tocsin watch rules: from import to enabling, on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.sigma_rules import SAYS_REFUND, rule, uuid_of
from tocsin.app.setup import initialise
from tocsin.cli.main import app
from tocsin.kernel import system_clock

Run = Callable[..., Any]

TESTS = "- {name: it rings, events: [{text: A lottery refund}], rings: true}\n"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `tocsin watch rules ...`; gives the output, as JSON where that was asked."""
    initialise(tmp_path / "node", name="node", clock=system_clock)

    def run(*words: str, exit_code: int = 0) -> Any:
        said = CliRunner().invoke(
            app, ["watch", "rules", words[0], "--data", str(tmp_path / "node"), *words[1:]]
        )
        assert said.exit_code == exit_code, said.output
        return json.loads(said.stdout) if "--json" in words else said.stdout

    return run


def test_the_life_of_a_rule(run: Run, tmp_path: Path) -> None:
    assert "No rules" in run("list")
    (tmp_path / "mine.yml").write_text(rule(SAYS_REFUND) + "# a note\n", "utf-8")
    (tmp_path / "mine.tests.yaml").write_text(TESTS, "utf-8")
    assert "kept in shadow" in run("import", str(tmp_path / "mine.yml"))
    assert run("test", "--json") == {"tests": 1, "failed": []}
    found = run("backtest", uuid_of(1), "--purpose", "before enabling it", "--json")
    assert (found["read"], found["warnings"]) == (0, [])
    assert run("enable", uuid_of(1)[:9], "--why", "it holds", "--json")["state"] == "enabled"
    (row,) = run("list", "--json")["rules"]
    assert (row["title"], row["state"], row["precision"]) == ("rule 1", "enabled", None)
    shown = run("show", uuid_of(1), "--json")
    assert shown["backtest"]["read"] == 0
    assert "# a note" in shown["text"]
    assert "it would have warned 0 times" in run("show", uuid_of(1))
    assert "note" not in run("export", uuid_of(1))
    assert run("shadow", uuid_of(1), "--why", "too wide", "--json")["state"] == "shadow"
    assert run("disable", uuid_of(1), "--why", "too wide", "--json")["state"] == "disabled"
    assert "Removed" in run("remove", uuid_of(1))
    assert run("list", "--json") == {"rules": []}


def test_a_test_that_fails_is_named_and_exits_with_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(rule(SAYS_REFUND), "utf-8")
    (tmp_path / "mine.tests.yaml").write_text(TESTS.replace("true", "false"), "utf-8")
    run("import", str(tmp_path / "mine.yml"))
    assert "rule 1: it rings: rang" in run("test", exit_code=1)
    assert run("test", uuid_of(1), "--json", exit_code=1)["failed"][0]["rang"] is True
