"""The demo of the gate is the whole way, and each of its words is held here."""

import json
from pathlib import Path

import pytest

from tests.nodes import tocsin, tocsin_process
from tocsin.kernel.release import Tier

pytest.importorskip("inspect_ai")


@pytest.mark.slow
def test_what_holds_goes_out_and_what_does_not_is_held_back(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    outcome = json.loads(tocsin_process("model", "demo", "--dir", str(folder), "--json").stdout)
    safe, ablated = outcome["models"]
    assert (safe["model"], ablated["model"]) == ("safe", "ablated")
    assert (safe["verdict"], ablated["verdict"]) == ("below", "above")
    assert safe["tier"] == outcome["wanted"] == Tier.LIMITED
    assert ablated["tier"] == Tier.RESTRICTED
    assert ablated["rule"] == "release.line-over", "for what was measured"
    assert safe["high"] < safe["line"] < ablated["low"]
    assert safe["invalid"] == ablated["invalid"] == 0
    assert safe["verified"]
    assert ablated["verified"]
    assert outcome["refused_when_changed"]

    lab = str(folder / "lab")
    decisions = json.loads(tocsin("model", "decisions", "--data", lab, "--json").stdout)["decisions"]
    assert [one["state"] for one in decisions] == ["in-force", "in-force"]
    # the other node's own command, with what it was given: a file, and a key by another way
    statement, key = folder / "statements" / "safe.decision.json", tmp_path / "lab.pem"
    key.write_text(_key_of(lab, decisions[0]["id"], tmp_path))
    judge = (
        "model",
        "verify-decision",
        str(statement),
        "--data",
        str(folder / "institute"),
        "--key",
        str(key),
    )
    told = tocsin(*judge, "--artefact", str(folder / "models" / "safe"), "--json")
    assert json.loads(told.stdout)["verdict"] == "accepted"
    assert tocsin(*judge, "--artefact", str(folder / "models" / "ablated"), check=False).returncode == 1


def _key_of(data: str, decision: str, folder: Path) -> str:
    told = tocsin("model", "decisions", decision, "--data", data, "--out", str(folder / "out.json"), "--json")
    return str(json.loads(told.stdout)["public_key"])
