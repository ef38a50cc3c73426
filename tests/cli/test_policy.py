"""`tocsin policy`, `tocsin share label` and `tocsin peer terms`, as a person uses them."""

import json
from pathlib import Path

import pytest

from tests.nodes import tocsin
from tests.share.said import confirmed, of_type
from tocsin.app.node import Node

OWN = """
@id("ours.nothing-on-sundays")
@says("we rest")
forbid (principal, action == Action::"share.release", resource)
when { resource.type == "campaign" };
"""
OWN_TESTS = "- {name: a campaign rests, share: {type: campaign}, rules: [ours.nothing-on-sundays]}\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "node"
    tocsin("init", "--data", str(folder), "--json")
    tocsin("peer", "add", "--data", str(folder), "lab", "https://lab.example", "--json")
    node = Node(folder)
    node.store.records.put(confirmed())
    node.store.close()
    return folder


def test_packaged_policies_answer_their_tests(data: Path) -> None:
    shown = json.loads(tocsin("policy", "test", "--data", str(data), "--json").stdout)
    assert shown["failed"] == []
    assert shown["tests"] > 40


def test_own_policies_and_their_tests_are_run_beside(data: Path) -> None:
    folder = data / "policies"
    folder.mkdir(exist_ok=True)
    (folder / "rest.cedar").write_text(OWN, "utf-8")
    (folder / "rest.tests.yaml").write_text(OWN_TESTS, "utf-8")
    listed = json.loads(tocsin("policy", "list", "--data", str(data), "--json").stdout)
    assert {"id": "ours.nothing-on-sundays", "effect": "forbid", "says": "we rest"}.items() <= next(
        one for one in listed["policies"] if one["id"].startswith("ours")
    ).items()
    assert tocsin("policy", "test", "--data", str(data)).returncode == 0
    (folder / "rest.tests.yaml").write_text(OWN_TESTS.replace("campaign}", "indicator}"), "utf-8")
    failed = tocsin("policy", "test", "--data", str(data), check=False)
    assert failed.returncode == 1
    assert "a campaign rests" in failed.stderr
    (folder / "rest.tests.yaml").write_text("- {name: nothing asked}\n", "utf-8")
    assert tocsin("policy", "test", "--data", str(data), check=False).returncode == 2


def test_explain_says_of_each_rule_and_field(data: Path) -> None:
    campaign = of_type(confirmed(), "campaign").id
    args = ("policy", "explain", "--data", str(data), campaign, "--peer", "lab")
    told = tocsin(*args, "--json", check=False)
    assert told.returncode == 1
    shown = json.loads(told.stdout)
    applies = {one["rule"]["id"] for one in shown["spoke"] if one["applies"]}
    assert applies == {"share.known-type", "share.peer-not-trusted"}
    assert shown["entry"]["rule"] == "share.peer-not-trusted"
    assert shown["entry"]["fields"]["name"] == "kept"
    words = tocsin(*args, check=False).stdout
    assert "stays here" in words
    assert "nobody compared its key" in " ".join(words.split())
    assert (
        tocsin(
            "policy", "explain", "--data", str(data), "campaign--x", "--peer", "lab", check=False
        ).returncode
        == 1
    )


def test_a_label_holds_a_record_back_until_the_peer_says_where_it_is(data: Path) -> None:
    campaign = of_type(confirmed(), "campaign").id
    label = ("share", "label", "--data", str(data), campaign, "--only-to", "EU", "--stays-in", "DE,FR")
    assert json.loads(tocsin(*label, "--pap", "amber", "--json").stdout) == {"labelled": [campaign]}

    def applies() -> set[str]:
        told = tocsin(
            "policy", "explain", "--data", str(data), campaign, "--peer", "lab", "--json", check=False
        )
        return {one["rule"]["id"] for one in json.loads(told.stdout)["spoke"] if one["applies"]}

    ordinary = {"share.known-type", "share.peer-not-trusted"}
    assert applies() - ordinary == {"share.jurisdiction-locked", "share.residency", "share.pap-not-agreed"}
    tocsin(
        "peer",
        "terms",
        "--data",
        str(data),
        "lab",
        "--jurisdiction",
        "DE",
        "--stores",
        "DE,FR",
        "--pap",
        "red",
    )
    assert applies() == ordinary
    tocsin("peer", "terms", "--data", str(data), "lab", "--stores", "DE,US")
    assert applies() - ordinary == {"share.residency"}
    assert tocsin(*label[:4], campaign, "--only-to", "ATLANTIS", check=False).returncode == 2
    assert tocsin(*label[:4], campaign, check=False).returncode == 2
