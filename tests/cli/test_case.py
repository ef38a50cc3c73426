"""tocsin case: a case from its opening to its appeal, by the command line."""

import json
from pathlib import Path
from typing import Any

from tests.cases_made_up import CATEGORY, WHY
from tests.fixtures import Made
from tests.nodes import tocsin
from tocsin.kernel import Role
from tocsin.kernel.disposing import Appeal, Appellant

DOCS = Path(__file__).parents[2] / "docs" / "cases.md"


def asked(made: Made, *arguments: str, user: str = "ana", code: int = 0) -> Any:
    """What a command printed as JSON; with another code, what it said."""
    data = str(made.node.data)
    done = tocsin("case", *arguments, "--data", data, "--user", user, "--json", check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if code == 0 else done.stderr


def test_a_case_goes_its_way(made: Made, tmp_path: Path) -> None:
    access = made.node.access
    for name, role in (("ana", Role.ANALYST), ("rob", Role.REVIEWER), ("ros", Role.REVIEWER)):
        access.add_user(access.operator(), name, (role,))
    file = tmp_path / "decision.json"
    _, shown = DOCS.read_text("utf-8").split("```json\n")
    decision = json.loads(shown.split("```")[0])
    file.write_text(json.dumps(decision | {"measures": ["account.terminated"]}), "utf-8")

    case = asked(made, "open", "--title", "Lottery refund", "--flag", "special-group")
    assert (case["queue"], case["urgency"], case["version"]) == ("protected", "high", 1)
    other = asked(made, "open", "--title", "Lottery refund again", "--queue", "protected")["id"]
    at, why = case["id"], ("--reasons", WHY)
    asked(made, "claim", at)
    asked(made, "note", at, "Both letters have one stamp.")
    assert asked(made, "merge", other, at, *why)["parts"] == [other]
    assert asked(made, "unmerge", other, *why)["state"] == "received"
    assert asked(made, "transfer", other, "--queue", "general", *why)["queue"] == "general"
    asked(made, "triage", at, "--category", CATEGORY, "--urgency", "high", *why)
    assert "changed meanwhile" in asked(made, "release", at, "--version", "1", code=1)
    asked(made, "verify", at, "--outcome", "borne-out", *why)
    assert asked(made, "decide", at, "--file", str(file))["proposal"]["measures"] == ["account.terminated"]
    assert "role that may do case.approve" in asked(made, "approve", at, code=1)
    asked(made, "refuse", at, *why, user="rob")
    asked(made, "decide", at, "--file", str(file))
    assert asked(made, "approve", at, user="rob")["state"] == "disposed"

    made.node.cases.appeal(at, Appeal(by=Appellant.AFFECTED, at=0, lang="en"), "I sent no letters.")
    assert [one["id"] for one in asked(made, "list", "--appeals")["cases"]] == [at]
    asked(made, "claim", at, user="ros")
    judged = asked(made, "appeal", at, "--overturned", *why, user="ros")
    assert (judged["state"], judged["disposition"]) == ("overturned", None)
    file.write_text(json.dumps(decision), "utf-8")
    assert asked(made, "decide", at, "--file", str(file), user="ros")["state"] == "disposed"
    assert asked(made, "close", at, *why, user="ros")["state"] == "closed"
    assert asked(made, "reopen", at, *why, user="ros")["state"] == "triaged"

    whole = asked(made, "show", at, "--words")
    assert [act["number"] for act in whole["acts"]] == list(range(1, whole["version"] + 1))
    assert whole["words"]["appeal"] == "I sent no letters."
    (number,) = whole["words"]["notes"]
    split = asked(made, "split", at, "--title", "Stamp", "--note", number, *why)
    assert split["split_from"] == at
    rows = {row["id"]: row for row in asked(made, "queues")["queues"]}
    assert (rows["protected"]["open"], rows["general"]["open"]) == (2, 1)
    assert "child-safety" not in rows


def test_what_people_read(made: Made, tmp_path: Path) -> None:
    access, data = made.node.access, ("--data", str(made.node.data), "--user", "ana")
    access.add_user(access.operator(), "ana", (Role.ANALYST,))
    assert "No cases" in tocsin("case", "list", *data).stdout
    said = tocsin("case", "open", "--title", "Lottery refund\x1b[2J", *data).stdout
    at = said.split()[0]
    assert "waits in general, normal" in said
    assert at in tocsin("case", "list", *data).stdout
    shown = tocsin("case", "show", at, "--words", *data).stdout
    assert "Lottery refund?[2J" in shown
    assert "received" in shown
    assert "general" in tocsin("case", "queues", *data).stdout
    broken = tmp_path / "broken.json"
    for content in ("[]", "{", '{"outcome": "guilty"}', "[" * 100_000, "x" * 70_000):
        broken.write_text(content, "utf-8")
        done = tocsin("case", "decide", at, "--file", str(broken), *data, check=False)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    gone = tocsin("case", "decide", at, "--file", str(tmp_path / "none"), *data, check=False)
    assert gone.returncode == 2
    unknown = tocsin("case", "show", "case_none", *data, check=False)
    assert (unknown.returncode, "no case case_none" in unknown.stderr) == (1, True)


def test_a_warning_becomes_a_case(made: Made) -> None:
    from tests.contracts.store.samples import warning

    made.node.store.warnings.upsert(warning(1))
    access = made.node.access
    access.add_user(access.operator(), "ana", (Role.ANALYST,))
    begun = asked(made, "open", "--title", "Lottery refund", "--warning", warning(1).id)
    assert (begun["origin"], begun["warning"]) == ("warning", warning(1).id)
    assert "no warning" in asked(made, "open", "--title", "Other", "--warning", "none", code=1)
    kept = made.node.store.warnings.get(warning(1).id)
    assert kept
    assert kept.status is warning(1).status  # a case decides no warning by itself
