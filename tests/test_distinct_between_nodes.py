"""Three real nodes count over loopback, as operators do it at the command line; and a stranger at the door."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from tests.distinct_nodes import NAMES, PURPOSE, WEEK, Hall, furnish
from tests.nodes import tocsin

pytestmark = pytest.mark.net


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = Hall(furnish(tmp_path), in_memory=False)
    yield hall
    hall.close()


def test_three_nodes_count_over_loopback(hall: Hall) -> None:
    ash, birch, cedar = (str(hall.sides[name].node.data) for name in NAMES)
    share = ("share", "distinct")
    terms = tocsin(*share, "agree", "ash", "--kind", "handle", "--data", birch, "--json")
    assert json.loads(terms.stdout)["epsilon"] == 4.0
    asked = ("--with", "birch", "--with", "cedar", "--kind", "handle", "--week", WEEK, "--epsilon", "4")
    with hall.serving() as urls:
        said = tocsin(
            *share, "count", *asked, "--purpose", PURPOSE, "--capacity", "140", "--wait", "0", "--data", ash,
            "--json",
        )  # fmt: skip
        count = json.loads(said.stdout)
        hall.go_on(lambda: hall.sides["cedar"].state(count["id"]) == "waiting")
        waits = tocsin(*share, "show", "--data", cedar).stdout
        assert f"agree --count {count['id']}" in waits
        assert "each count of a peer waits for a yes" in waits
        agreed = tocsin(*share, "agree", "--count", count["id"], "--data", cedar).stdout
        assert "handle of 2026-W46 with ash, birch, this node" in agreed
        hall.go_on(hall.over(count["id"]))
        with urllib3.PoolManager() as http:
            stranger = http.request("POST", f"{urls[0]}/v1/distinct/{count['id']}/joined", body=b"x")
        assert stranger.status == 401
    for data in (ash, birch, cedar):
        (found,) = json.loads(tocsin(*share, "show", "--data", data, "--json").stdout)["counts"]
        assert found["state"] == "done", found
        assert found["result"]["inputs"] == 60
        assert [one["inputs"] for one in found["result"]["shared"]] == [30, 25, 5]
        assert found["result"]["low"] < 60 < found["result"]["high"]
    shown = tocsin(*share, "show", "--data", birch).stdout
    assert "In all 60" in shown
    assert "Epsilon left for counts: 0 of 4" in shown
    again = tocsin(*share, "count", *asked, "--purpose", PURPOSE, "--data", ash, check=False)
    assert again.returncode == 1
    assert "0 of epsilon is left" in again.stderr
    none = tocsin(*share, "withdraw", "--count", count["id"], "--data", ash, check=False)
    assert "over" in none.stderr
    assert "counts ended" in tocsin(*share, "withdraw", "ash", "--data", birch).stdout
    assert tocsin(*share, "agree", "--data", ash, check=False).returncode == 2
