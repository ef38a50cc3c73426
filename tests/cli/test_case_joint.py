"""tocsin case joint: the same service, at a terminal."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.joint_nodes import REVIEWERS, a_case, nodes, people
from tests.nodes import tocsin

USER = ("--user", REVIEWERS[0])
WHY = ("--why", "We saw the same letters.")
PARTY = ("--party", "lighthouse")


@pytest.fixture
def harbour(tmp_path: Path) -> tuple[Path, str]:
    """A node with a peer, a reviewer and a case; its folder and the case's id."""
    with nodes(tmp_path, datetime(2026, 11, 20, 12, 0, tzinfo=UTC), "harbour", "lighthouse") as (one, _):
        people(one, *REVIEWERS)
        return one.node.data, a_case(one).id


def test_a_joint_case_from_its_opening_to_its_end(harbour: tuple[Path, str]) -> None:
    data, case = harbour

    def joint(*words: str) -> dict[str, Any]:
        """What a command answers as JSON."""
        done = tocsin("case", "joint", words[0], "--data", str(data), *words[1:], "--json")
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    purpose = ("--purpose", "Lottery letters.", "--rule", "convener", "--until", "2099-12-31")
    opened = joint("open", case, *PARTY, *purpose, *USER)
    name = opened["id"]
    assert [(one["name"], one["standing"]) for one in opened["members"]] == sorted(
        [("harbour", "joined"), ("lighthouse", "invited")],
        key=lambda one: next(m["party"] for m in opened["members"] if m["name"] == one[0]),
    )
    assert [one["id"] for one in joint("list")["joint_cases"]] == [name]
    said = ("--text", "Forty accounts sent one letter.", "--basis", "Our own samples.", "--form", "company")
    sure = ("--form-confidence", "30", "--would-decide", "Where the fee goes.", "--otherwise", "false-flag")
    told = joint("fact", name, *said, *sure, *USER)["facts"][0]
    assert told["attribution"]["alternatives"][0]["explanation"] == "false-flag"
    joint("task", name, *PARTY, "--by", "2099-12-01", "--text", "Count the letters.", *USER)
    part = ("--part", "harbour=visibility.labelled,warned", "--rests-on", told["id"])
    put = joint("propose", name, "--title", "Label them", *part, *WHY, *USER)["proposals"][0]["id"]
    joint("vote", name, put, "yes", *WHY, *USER)
    joint("decide", name, put, "adopted", *WHY, *USER)
    cited = tocsin("case", "joint", "cite", "--data", str(data), name, put).stdout
    assert "1 yes, 0 no, 0 abstain" in cited
    shown = tocsin("case", "joint", "show", "--data", str(data), name).stdout
    for line in ("harbour votes yes", "adopted by harbour", "known to nobody yet", "was asked by 2099-12-01"):
        assert line in shown
    joint("fact", name, "--withdraw", told["id"], "--text", "We counted wrongly.", *USER)
    closed = joint("close", name, *WHY, *USER)
    assert closed["closing"]["undecided"] == []
    assert closed["facts"][0]["withdrawn"] == "We counted wrongly."
    kept = json.loads(tocsin("case", "show", "--data", str(data), case, "--user", "ingrid", "--json").stdout)
    assert name in json.dumps(kept)
    for words in (
        ("vote", name, put, "no", *WHY, *USER),  # closed
        ("accept", "sha256:" + "0" * 64, *USER),
        ("leave", name, *WHY, "--user", "admin"),
        ("propose", name, "--title", "x", "--part", "harbour=punish", *WHY, *USER),
        ("task", name, "--text", "Nothing.", *USER),
    ):
        done = tocsin("case", "joint", words[0], "--data", str(data), *words[1:], check=False)
        assert done.returncode, words
        assert "Traceback" not in done.stderr
