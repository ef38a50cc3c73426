"""The command line names channels, and shows nothing secret of them."""

import json

import pytest
from typer.testing import CliRunner

from tests.fixtures import Made
from tests.hostile_peer import HostilePeer, honest
from tocsin.cli.main import app

pytestmark = pytest.mark.net


def run(made: Made, *words: str, code: int = 0) -> dict[str, object]:
    result = CliRunner().invoke(
        app, ["watch", "channels", *words, "--data", str(made.node.data), "--json"], catch_exceptions=True
    )
    assert result.exit_code == code, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


def test_a_channel_from_its_naming_to_its_end(made: Made) -> None:
    with HostilePeer(honest(b"{}")) as peer:
        added = run(
            made,
            "add",
            "soar",
            "webhook",
            peer.url + "in/secretpath",
            "--risk",
            "7",
            "--warning-kind",
            "guard",
            "--allow-private",
        )
        assert str(added["secret"]).startswith("whsec_")
        assert added["rule"] == "kind is guard; risk is at least 7"
        assert run(made, "test", "soar") == {"name": "soar", "taken": True}
        listed = run(made, "list")["channels"]
    assert isinstance(listed, list)
    (row,) = listed
    assert (row["name"], row["kind"], row["waiting"], row["dead"]) == ("soar", "webhook", 0, 0)
    assert "secretpath" not in json.dumps(listed)
    assert run(made, "dead") == {"dead": []}
    assert run(made, "remove", "soar") == {"name": "soar", "removed": True}
    assert run(made, "list") == {"channels": []}


def test_people_are_told_that_nobody_is_told(made: Made) -> None:
    result = CliRunner().invoke(app, ["watch", "channels", "list", "--data", str(made.node.data)])
    assert "nobody is told" in result.output
