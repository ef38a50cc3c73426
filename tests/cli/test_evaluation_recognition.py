"""The whole exchange by files and commands, as two operators would do it."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import yaml
from typer.testing import CliRunner

from tests.evaluation_plans import PLAN, TASK, run, runs, sheet
from tests.fixtures import Made
from tocsin.app.release_key import release_key
from tocsin.cli.main import app
from tocsin.kernel.evaluations import Outcome
from tocsin.trust.signing_keys import public_pem


def asked(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["evaluation", *map(str, arguments)])
    assert done.exit_code == code, (done.output, done.exception)
    return done.stdout


def test_two_operators_exchange_files(copied: Made, tmp_path: Path, now: datetime) -> None:
    peer = Made(tmp_path / "peer", now)
    ours, theirs = copied.node, peer.node
    plan = msgspec.structs.replace(PLAN, content=(msgspec.structs.replace(PLAN.content[0], samples=100),))
    by = theirs.access.operator()
    registration = theirs.evaluations.register(by, plan, {TASK: sheet(100)})
    (tmp_path / "revealed.json").write_bytes(theirs.evaluations.reveal(by, registration.id))
    registered = theirs.evaluations.registered(by, registration.id)
    peer.now += timedelta(minutes=10)
    made = runs(registered, lambda _: Outcome.PASSED)
    found = theirs.evaluations.keep(by, registration.id, made)
    (tmp_path / "evaluation.json").write_bytes(found.statement)
    keys = {node.node_id: public_pem(release_key(node.data).public_key()).decode() for node in (ours, theirs)}
    for node in (ours, theirs):
        (node.data / "recognition.yaml").write_text(yaml.safe_dump({"version": 1, "nodes": keys}))
    truth = run(registered, said=lambda place: Outcome.FAILED if place % 2 else Outcome.PASSED)
    (tmp_path / "run.json").write_bytes(msgspec.json.encode(truth))
    mine, other = ("--data", ours.data), ("--data", theirs.data)

    refused = asked("recognise", tmp_path / "evaluation.json", *mine, "--json", code=1)
    assert json.loads(refused)["reasons"][0]["code"] == "recognition.no-rule"
    files = {
        name: tmp_path / f"{name}.json" for name in ("challenge", "acceptance", "reveal", "opening", "found")
    }
    begun = asked(
        "challenge", tmp_path / "evaluation.json", "--plan", tmp_path / "revealed.json", *mine, "--sheet",
        f"{TASK}|as-shipped", "--tell", "0.3", "--out", files["challenge"], "--json",
    )  # fmt: skip
    asked("answer", files["challenge"], *other, "--out", files["acceptance"])
    drawn = json.loads(asked("draw", files["acceptance"], *mine, "--json"))
    assert len(drawn["samples"]) == json.loads(begun)["samples"] == 29
    asked("reveal", drawn["draw"], "--run", tmp_path / "run.json", *mine, "--out", files["reveal"])
    asked("answer", files["reveal"], *other, "--out", files["opening"])
    told = json.loads(asked("recognise", files["opening"], *mine, "--out", files["found"], "--json", code=1))
    assert told["outcome"] == "contradicted"
    assert {one["sample"] for one in told["disagreements"]} <= set(drawn["samples"])
    # the one that was contradicted computes it again
    assert "contradicted" in asked("recognise", files["found"], *other, "--lang", "zh", code=1)
    listed = json.loads(asked("recognitions", *mine, "--json"))
    assert [one["outcome"] for one in listed["recognitions"]] == ["contradicted", "not-recognised"]
    assert [one["state"] for one in listed["draws"]] == ["closed"]
    assert "closed" in asked("recognitions", *mine)
    # a joint test: tallies of both, by hand
    asked("tallies", found.id, *other, "--out", tmp_path / "theirs.json", "--notes", "no sandbox")
    own = ours.evaluations.register(ours.access.operator(), plan, {TASK: sheet(100)})
    copied.now += timedelta(minutes=10)
    again = ours.evaluations.registered(ours.access.operator(), own.id)
    kept = ours.evaluations.keep(
        ours.access.operator(),
        own.id,
        runs(again, lambda place: Outcome.FAILED if place == 5 else Outcome.PASSED),
    )
    asked("tallies", kept.id, *mine, "--out", tmp_path / "ours.json", "--json")
    both = (tmp_path / "ours.json", tmp_path / "theirs.json")
    # two institutes have one degree of freedom: pooled, and nothing decided
    told = json.loads(asked("joint", *both, *mine, "--json", code=3))
    forests = told["forests"]
    assert {one["verdict"] for one in told["lines"]} == {"inconclusive"}
    assert [len(one["rows"]) for one in forests] == [2, 2]
    assert forests[0]["pooled"][0] < 0.05
    assert "no sandbox" in asked("joint", *both, *mine, code=3)
    assert "合并" in asked("joint", both[0], *mine, "--lang", "zh", code=3)
    # what we evaluated under the same plan is a run like any other
    asked(
        "challenge", tmp_path / "evaluation.json", "--plan", tmp_path / "revealed.json", *mine, "--sheet",
        f"{TASK}|as-shipped", "--samples", "20", "--again", "with our own", "--out", files["challenge"],
    )  # fmt: skip
    asked("answer", files["challenge"], *other, "--out", files["acceptance"])
    second = json.loads(asked("draw", files["acceptance"], *mine, "--json"))["draw"]
    asked("reveal", second, "--kept", kept.id[:12], *mine, "--out", files["reveal"])
    asked("answer", files["reveal"], *other, "--out", files["opening"])
    told = json.loads(asked("recognise", files["opening"], *mine, "--json", code=3))
    assert (told["outcome"], told["draw"]) == ("inconclusive", 2)
    theirs.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ("recognise",),
        ("recognise", "none.json", "--give-up", "x"),
        ("challenge", "e.json", "--plan", "p.json", "--out", "o.json"),
        ("challenge", "e.json", "--plan", "p.json", "--out", "o.json", "--tell", "0.01"),
    ],
)
def test_wrong_use_is_said(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["evaluation", *arguments, "--data", str(tmp_path)])
    assert done.exit_code != 0
