"""The command line arranges warnings, and says so in JSON."""

import json

from typer.testing import CliRunner

from tests.console import a_warning, furnish
from tests.fixtures import Made
from tocsin.cli.main import app


def run(made: Made, *words: str) -> dict[str, object]:
    result = CliRunner().invoke(app, ["watch", *words, "--data", str(made.node.data), "--json"])
    assert result.exit_code == 0, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


def test_merge_split_snooze_by_command(made: Made) -> None:
    first, second, *_ = furnish(made)
    why = ("--statement", "the same people under two names")
    run(made, "merge", first.id, second.id, *why)
    listed = run(made, "warnings")["warnings"]
    assert isinstance(listed, list)
    rows = {row["id"]: row for row in listed}
    assert rows[first.id]["merged"] == [second.id]
    assert (rows[second.id]["status"], rows[second.id]["merged_into"]) == ("merged", first.id)
    assert rows[first.id]["combined"]["band"] in {"low", "medium", "high"}
    assert run(made, "unmerge", second.id, *why)["status"] == "open"
    apart = run(made, "split", first.id, "--event", "sample-2", *why)
    assert apart["events"] == 1
    third = a_warning(3, now=made.now)
    asleep = run(made, "snooze", third.id, "--reason", "waiting for an answer", "--days", "1")
    assert asleep["status"] == "snoozed"
    assert run(made, "wake", third.id) == {"warning": third.id, "status": "open"}


def test_people_read_sentences(made: Made) -> None:
    first, second, *_ = furnish(made)
    result = CliRunner().invoke(
        app,
        [
            "watch",
            "merge",
            first.id,
            second.id,
            "--statement",
            "one and the same",
            "--data",
            str(made.node.data),
        ],
    )
    assert "is one thing with" in result.output
    listed = CliRunner().invoke(app, ["watch", "warnings", "--data", str(made.node.data)])
    assert "MERGED" in listed.output
    guards = CliRunner().invoke(app, ["watch", "guards", "--data", str(made.node.data)])
    assert "docs/guards.md" in guards.output
    drawn = CliRunner().invoke(app, ["watch", "sampling", "list", "--data", str(made.node.data)])
    assert "sample_share is 0" in drawn.output
