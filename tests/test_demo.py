"""The demo whole: real nodes, real doors, recorded wires. And a build that leaks, to show that the counter sees."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.warm import warm
from tocsin.app.demo import Options, Outcome, Step, run_demo
from tocsin.app.demo_nodes import COMMANDS, NODE_COMMAND
from tocsin.kernel import system_clock

SEED = 4
IMPORTS = (
    *(f"tocsin.cli.{name}" for name in ("node", "person", "peer", "share", "watch")),
    *(f"tocsin.store.{name}" for name in ("erasing", "erasures", "jobs", "parquet", "recalls", "releases")),
    *("tocsin.app.lookouts", "tocsin.app.views", "tocsin.trust.policy_tests", "tocsin.web.server"),
    *("alembic.command", "pydantic", "pyarrow.parquet", "pygments", "typer.rich_utils", "uvicorn"),
)
"""What the demo's commands import when they are asked for: as each would, once for all of them."""

pytestmark = [pytest.mark.net, pytest.mark.slow, pytest.mark.timeout(300)]


def _demo(*words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([*NODE_COMMAND, "demo", *words], capture_output=True, check=False, timeout=280)


@pytest.fixture(scope="module")
def command() -> Iterator[Sequence[str]]:
    """`tocsin`, each time a process of its own, forked from one; the first test runs it as `make demo` does."""
    with warm("tocsin.cli", *IMPORTS) as command:
        yield command


def _played(options: Options, command: Sequence[str], commands: str = COMMANDS) -> Outcome:
    steps: list[Step] = []
    with run_demo(
        options, steps.append, clock=system_clock, node_command=command, commands=commands
    ) as running:
        assert all(0 <= step.done <= step.total for step in steps)
        return running.outcome


def _children_of(pid: int) -> set[int]:
    """Programs that any thread of a process started and that still run."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for found in lists for child in found.read_text().split()}


def test_the_demo_prints_one_document_that_says_who_heard_what() -> None:
    done = _demo("--once", "--json", "--seed", str(SEED))
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["seed"] == SEED
    assert result["campaign"] == {"found_alone": ["platform"], "found_after_sharing": ["platform", "lab"]}
    assert result["false_warnings"] == 0
    act = result["thin_campaign"]
    every = (*result["nodes"], *act["aggregators"])
    assert {(row["from"], row["to"]) for row in result["left"]} == set(permutations(every, 2))
    assert all(row["raw_values"] == 0 for row in result["left"])
    assert act["found_alone"] == []
    assert act["found_after_summing"] == act["held_by"]
    assert len(act["held_by"]) >= 2
    assert act["false_warnings"] == 0
    assert act["cost"]["bytes"] > 0
    assert all(act["candidates"].values()), "the crowd that all have was summed too"
    records = {(row["from"], row["to"]): row["records"] for row in result["left"]}
    assert records["platform", "lab"] >= 3
    assert records["platform", "institute"] >= 3
    assert records["lab", "institute"] >= 1
    assert records["institute", "platform"] == records["institute", "lab"] == 0
    assert all(row["bytes"] > 0 for row in result["left"])
    picture = result["common_picture"]
    assert picture["node"] == "institute"
    assert {sight["node"] for sight in picture["sightings"]} == {"platform", "lab"}
    assert result["nodes"]["platform"]["events"] > 5000


def test_without_sharing_only_the_strong_node_knows(command: Sequence[str]) -> None:
    outcome = _played(Options(seed=SEED, sharing=False), command)
    assert outcome.campaign.found_alone == outcome.campaign.found_after_sharing == ("platform",)
    assert outcome.thin_campaign is None
    assert outcome.common_picture is not None
    assert outcome.common_picture.sightings == ()
    assert all(row.records == row.raw_values == 0 for row in outcome.left)


def test_a_leaking_build_is_seen_on_the_wire() -> None:
    with warm("tests.leaky_node", *IMPORTS) as leaky:
        outcome = _played(Options(seed=SEED, sums=False), leaky, "tests.leaky_node")
    assert outcome.thin_campaign is None
    assert {row.sender for row in outcome.left} == set(outcome.nodes), "only one demo plays the second act"
    leaked = {(row.sender, row.receiver): row.raw_values for row in outcome.left}
    assert leaked["platform", "lab"] > 0
    assert leaked["platform", "institute"] > 0


def test_the_users_own_events_are_divided_by_source(tmp_path: Path, command: Sequence[str]) -> None:
    file = tmp_path / "own.jsonl"
    events = [
        {
            "id": f"e{number}",
            "time": "2026-01-02T03:04:05Z",
            "source": f"place-{number % 2}",
            "kind": "content.post",
            "actor": f"person-number-{number}",
            "text": f"an ordinary text about {number} and nothing else that matters to anybody",
        }
        for number in range(60)
    ]
    file.write_text("\n".join(map(json.dumps, events)))
    outcome = _played(Options(input=file, data=tmp_path / "kept"), command)
    assert outcome.seed is None
    assert outcome.false_warnings is None
    assert {name: node.events for name, node in outcome.nodes.items()} == {"place-0": 30, "place-1": 30}
    assert (tmp_path / "kept" / "node-1" / "settings.toml").is_file()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_no_program_outlives_the_demo(ending: signal.Signals) -> None:
    demo = subprocess.Popen(
        [*NODE_COMMAND, "demo", "--seed", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # tests that a script runs in the background ignore SIGINT, and so would what they start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        deadline = time.monotonic() + 120
        seen: set[int] = set()
        while len(seen) < 3 and time.monotonic() < deadline and demo.poll() is None:
            seen |= _children_of(demo.pid)
            time.sleep(0.1)
        assert demo.poll() is None
        demo.send_signal(ending)
        demo.wait(90)
    finally:
        demo.kill()
        demo.wait()
    for child in seen:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)
