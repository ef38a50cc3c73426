"""Estimates at the command line, and the rule of many accounts and one workload."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures import Made
from tests.nodes import tocsin
from tocsin.kernel import EventLine, Kind, Observable, ObservableType, RuleState, WarningKind

ESTIMATE = ("access", "compute", "estimate")


def test_an_estimate_beside_every_regime() -> None:
    given = (
        "--parameters", "405B", "--tokens", "15T..16T", "--chips", "16384", "--chip", "h100-sxm",
        "--utilisation", "38%..43%", "--time", "54d..80d", "--fine-tuning-tokens", "10B",
    )  # fmt: skip
    found = json.loads(tocsin(*ESTIMATE, *given, "--json").stdout)
    assert [one["kind"] for one in found["stages"]] == ["training", "fine-tuning"]
    answers = {one["regime"]: one["answer"] for one in found["regimes"]}
    assert answers["eu-gpai-systemic-risk"] == "above"
    assert answers["us-ca-sb53"] == "below"
    told = tocsin(*ESTIMATE, "--operations", "9e25..2e26", "--fine-tuning", "1e24", "--lang", "zh").stdout
    assert "not-decided" in told
    apart = tocsin(*ESTIMATE, "--operations", "1e24", "--parameters", "70B", "--tokens", "15T").stdout
    assert "do not overlap" in apart


@pytest.mark.parametrize(
    "given",
    [
        (),
        ("--parameters", "70B"),
        ("--tokens", "15T"),
        ("--parameters", "70", "--tokens", "15T"),
        ("--chips", "100", "--time", "3d"),
        ("--chips", "100", "--time", "3d", "--utilisation", "40%"),
        ("--operations", "1e25", "--fine-tuning-tokens", "10B"),
    ],
)
def test_half_an_estimate_is_refused(given: tuple[str, ...]) -> None:
    assert tocsin(*ESTIMATE, *given, check=False).returncode == 2


def test_lists_and_own_thresholds(tmp_path: Path) -> None:
    assert "ended" in tocsin("access", "compute", "regimes").stdout
    listed = json.loads(tocsin("access", "compute", "chips", "--json").stdout)["chips"]
    assert {one["confirmed"] for one in listed} == {"secondary", "memory"}
    (tmp_path / "compute").mkdir()
    (tmp_path / "compute" / "own.yaml").write_text("version: 3", "utf-8")
    bad = tocsin("access", "compute", "chips", "--data", str(tmp_path), check=False)
    assert bad.returncode == 2
    assert "own.yaml" in bad.stderr


def test_many_accounts_with_one_workload_ring_after_an_operator_turned_it_on(
    copied: Made, tmp_path: Path
) -> None:
    node = copied.node
    jobs = [
        EventLine(
            id=f"job-{at}",
            time=copied.now - timedelta(hours=2) + timedelta(minutes=at),
            source="jobs",
            kind=Kind.TOOL_CALL,
            actor=f"account-{at}",
            text="",
            tool="run",
            observables=(Observable(ObservableType.FILE_HASH, "c" * 64),),
        )
        for at in range(24)
    ]

    def rung() -> list[int]:
        node.lookouts.tick()
        return [one.actors for one in node.store.warnings.list(kind=WarningKind.RULE)]

    node.acceptor.accept(jobs)
    assert rung() == []  # nothing is on by itself
    text = tocsin("access", "compute", "rule", "jobs").stdout
    kept = node.rules.add(node.access.operator(), text)
    assert kept.kept.state is RuleState.SHADOW
    assert rung() == []
    node.rules.set_state(
        node.access.operator(), kept.kept.id, RuleState.ENABLED, why="our cloud agreed to look"
    )
    node.rules.refresh(now=True)
    again = [
        EventLine(
            id=f"again-{at}",
            time=copied.now - timedelta(minutes=30) + timedelta(seconds=at),
            source="jobs",
            kind=Kind.TOOL_CALL,
            actor=f"account-{at}",
            text="",
            tool="run",
            observables=(Observable(ObservableType.FILE_HASH, "c" * 64),),
        )
        for at in range(24)
    ]
    node.acceptor.accept(again)
    assert rung() == [24]


def test_a_source_that_would_write_yaml_is_refused() -> None:
    assert tocsin("access", "compute", "rule", "x\n  y: 1", check=False).returncode == 2
