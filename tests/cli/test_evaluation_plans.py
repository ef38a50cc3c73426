"""`tocsin evaluation plan` and what is kept: the way of a plan on the command line."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from tests.evaluate.plans.test_plan_files import filled
from tests.evaluation_plans import PLAN, TASK, nth, runs, sheet
from tocsin.app.node import Node
from tocsin.cli import evaluation_joint, evaluation_rerun, evaluation_run, evaluation_words, study_words
from tocsin.cli.main import app
from tocsin.evaluate.plans.canonical import canonical_bytes

Run = Callable[..., Any]


@pytest.fixture
def run(prepared: tuple[Path, str], tmp_path: Path) -> Run:
    """Runs `tocsin evaluation ...`; gives the output, as JSON where that was asked."""
    shutil.copytree(prepared[0], tmp_path / "node")

    def run(*words: str, exit_code: int = 0, node: bool = True) -> Any:
        place = ["--data", str(tmp_path / "node")] if node else []
        said = CliRunner().invoke(app, ["evaluation", *words, *place])
        assert int(getattr(said.exception, "exit_code", said.exit_code)) == exit_code, said.output
        return json.loads(said.stdout) if "--json" in words else said.stdout

    return run


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.yaml"
    review = (datetime.now(UTC) + timedelta(days=200)).date().isoformat()
    improved = msgspec.structs.replace(PLAN.improvement, review_by=review)
    file.write_bytes(canonical_bytes(msgspec.structs.replace(PLAN, improvement=improved)))
    return file


@pytest.fixture
def samples(tmp_path: Path) -> str:
    file = tmp_path / "refusal.jsonl"
    file.write_bytes(b"\n".join(map(msgspec.json.encode, sheet())))
    return f"{TASK}={file}"


def test_a_plan_is_written_and_checked_without_a_node(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    run("plan", "template", "--out", str(file), node=False)
    assert file.read_text("utf-8") == run("plan", "template", node=False)
    run("plan", "template", "--out", str(file), node=False, exit_code=2)
    assert "goal.domain: is one of" in run("plan", "check", str(file), node=False, exit_code=1)
    file.write_text(filled().replace("2027-05-01", "2020-05-01"), "utf-8")
    found = run("plan", "check", str(file), "--json", node=False, exit_code=1)
    assert [one["field"] for one in found["problems"]] == ["improvement.review_by"]
    run("plan", "check", str(tmp_path / "none"), node=False, exit_code=2)


def test_the_way_of_a_plan(run: Run, plan: Path, samples: str, tmp_path: Path) -> None:
    assert "can be registered" in run("plan", "check", str(plan), node=False)
    assert "No plan is registered" in run("plan", "list")
    stated, opened, key = tmp_path / "stated.json", tmp_path / "opened.json", tmp_path / "key.pem"
    made = run("plan", "register", str(plan), "--sheet", samples, "--out", str(stated), "--json")
    assert b"lottery" not in stated.read_bytes()
    assert "lottery refunds" in run("plan", "list")
    shown = run("plan", "show", made["registration"][:8], "--json")
    assert shown["content"]["name"] == "lottery refunds"
    assert shown["samples"] == {TASK: 60}
    assert "salt" not in shown
    assert "Not covered: everything but lottery refunds" in run("plan", "show", made["registration"])
    key.write_text(run("plan", "reveal", made["registration"], "--out", str(opened), "--json")["public_key"])
    assert "It holds" in run("plan", "verify", str(opened), "--key", str(key), node=False)
    chinese = run("plan", "verify", str(opened), "--key", str(key), "--lang", "zh", node=False)
    assert "登记于" in chinese
    assert "It holds" not in chinese
    run("plan", "list", "--lang", "fr", exit_code=2)
    opened.write_bytes(opened.read_bytes().replace(b"0.2", b"0.3"))
    run("plan", "verify", str(opened), "--key", str(key), node=False, exit_code=1)
    run("plan", "register", str(plan), "--sheet", "refusal.jsonl", exit_code=2)
    run("plan", "register", str(plan), "--sheet", f"{TASK}={tmp_path / 'none'}", exit_code=2)


def test_what_was_found_is_listed_compared_and_verified(
    run: Run, plan: Path, samples: str, tmp_path: Path
) -> None:
    assert "No evaluation is kept" in run("list")
    made = run("plan", "register", str(plan), "--sheet", samples, "--json")
    node = Node(tmp_path / "node", clock=lambda: datetime.now(UTC) + timedelta(hours=1))
    operator = node.access.operator()
    registered = node.evaluations.registered(operator, made["registration"])
    bad, good = (
        node.evaluations.keep(operator, made["registration"], runs(registered, nth(every)))
        for every in (3, 0)
    )
    node.close()
    listed = run("list", "--json")["evaluations"]
    assert [(one["id"], one["attempt"]) for one in listed] == [(good.id, 2), (bad.id, 1)]
    assert "below" in run("list")
    assert "statement" not in run("show", good.id, "--json")
    told = run("show", bad.id[:10])
    assert "above" in told
    assert "Attempt 1 of this registration" in told
    assert run("compare", bad.id, good.id, "--json")["tasks"][0]["pairs"]["only_first"] == 20
    assert "Holm" in run("compare", bad.id, good.id)
    assert "仅前者失败" in run("compare", bad.id, good.id, "--lang", "zh")
    assert "本次登记的第 1 次" in run("show", bad.id[:10], "--lang", "zh")
    file, key, proof = tmp_path / "signed.json", tmp_path / "key.pem", tmp_path / "proof.json"
    key.write_text(run("attest", bad.id, "--out", str(file), "--json")["public_key"])
    run("prove", bad.id, "--task", TASK, "--sample", "s003", "--out", str(proof))
    told = run("verify", str(file), "--key", str(key), "--proof", str(proof), node=False)
    assert "It holds" in told
    assert "s003 of tocsin/refusal as-shipped: failed" in told
    proof.write_bytes(proof.read_bytes().replace(b'"failed"', b'"passed"'))
    run("verify", str(file), "--key", str(key), "--proof", str(proof), node=False, exit_code=1)
    assert run("verify", str(file), "--key", str(key), "--json", node=False)["id"] == bad.id
    run("show", "0" * 64, exit_code=1)
    words = (
        "--method",
        "output-policy-test",
        "--capability",
        "L",
        "--basis",
        "Registered before the first sample.",
    )
    said = run("say", bad.id[:10], *words, "--json")["reports"]
    assert len(said) == len({line.condition for line in bad.lines})
    run("say", bad.id, *words[:2], "--capability", "much", *words[4:], exit_code=2)


def test_a_strangers_words_move_no_cursor() -> None:
    from tocsin.cli.output import plain
    from tocsin.kernel.errors import Change

    assert plain("a\x1b[2Jb\nc\u202e") == "a?[2Jb\nc?"
    assert "\x1b" not in Change("sample added to", "t\x1b", "", "1 (\x1b[2J)").sentence


@pytest.mark.parametrize(
    "told", [evaluation_words, evaluation_joint, evaluation_rerun, evaluation_run, study_words]
)
def test_both_languages_say_the_same_figures(told: ModuleType) -> None:
    english, chinese = (flat(told._WORDS[language]) for language in ("en", "zh"))
    assert english.keys() == chinese.keys()
    for name, text in english.items():
        assert places(text) == places(chinese[name]), name
        assert text.count("|") == chinese[name].count("|"), name


def flat(told: dict[str, str] | str) -> dict[str, str]:
    return {"": told} if isinstance(told, str) else told


def places(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}
