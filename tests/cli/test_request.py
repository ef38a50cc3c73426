"""The command line of authorities' requests: from its arrival to the count."""

import json
from pathlib import Path

import pytest

from tests.cases_made_up import opened
from tests.console import token_for
from tests.fixtures import Made
from tests.nodes import tocsin
from tocsin.kernel import Role


@pytest.fixture
def served(made: Made) -> tuple[Path, str, str]:
    """A folder, a case in it, and a reviewer's token."""
    token, case = token_for(made, "rolf", Role.REVIEWER), opened(made)
    made.node.close()
    return made.node.data, case.id, token


def run(data: Path, *arguments: str) -> dict[str, object]:
    said = tocsin("request", *arguments, "--data", str(data), "--json").stdout
    found: dict[str, object] = json.loads(said)
    return found


def test_a_request_from_its_arrival_to_the_count(served: tuple[Path, str, str]) -> None:
    data, case, token = served
    asked = (
        "--kind",
        "court",
        "--jurisdiction",
        "MN",
        "--authority",
        "District court",
        "--asked",
        "decision",
    )
    many = run(data, "open", "--case", case, "--case", "other", *asked, "--basis", "article 12")
    assert (many["state"], many["floor"]) == ("refused", "bulk")
    one = str(run(data, "open", "--case", case, *asked, "--basis", "article 12")["id"])
    assert tocsin("request", "approve", one, "--data", str(data), check=False).returncode == 1
    assert run(data, "approve", one, "--token", token)["state"] == "granted"
    package = "sha256:" + "0" * 64
    assert run(data, "answer", one, "--package", package, "--told")["state"] == "answered"
    assert run(data, "show", one)["broken"] is None
    assert "District court" in tocsin("request", "show", one, "--data", str(data)).stdout
    assert run(data, "count") == {
        "counts": [
            {"kind": "court", "outcome": "answered", "requests": 1},
            {"kind": "court", "outcome": "refused: bulk", "requests": 1},
        ]
    }
    assert len(run(data, "list")["requests"]) == 2  # type: ignore[arg-type]
    assert run(data, "list", "--due") == {"requests": []}
    tocsin("request", "shield", case, "--reasons", "it tells a source", "--data", str(data))
    last = run(data, "open", "--case", case, *asked, "--basis", "article 12")
    assert last["floor"] == "journalist-sources"
