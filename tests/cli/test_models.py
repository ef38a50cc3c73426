"""tocsin model: what the node remembers, on the command line."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.app.test_artefacts import BOM, GIF, lay
from tests.assure.intelligence.test_osv import entry, zipped
from tocsin.cli.main import app

Run = Callable[..., Any]


@pytest.fixture
def run(prepared: tuple[Path, str], tmp_path: Path) -> Run:
    """Runs `tocsin model ...`; gives the output, as JSON where that was asked."""
    shutil.copytree(prepared[0], tmp_path / "node")

    def run(*words: str, exit_code: int = 0) -> Any:
        said = CliRunner().invoke(app, ["model", *words, "--data", str(tmp_path / "node")])
        assert said.exit_code == exit_code, said.output
        return json.loads(said.stdout) if "--json" in words else said.stdout

    return run


def test_the_life_of_a_followed_model(run: Run, tmp_path: Path) -> None:
    assert "No model is followed" in run("list")
    folder = lay(tmp_path / "helper", README_md=b"# a helper\n", dot_gif=GIF)
    model = run(
        "follow",
        "helper",
        "--path",
        str(folder),
        "--deployed-by",
        "admin",
        "--review",
        "2026-01-05",
        "--json",
    )
    assert model["name"] == "helper"
    done = run("check", "--json", exit_code=1)
    assert done["checked"][0]["said"] == ["review-due"]
    assert run("check", "--json")["checked"][0]["said"] == []
    (folder / "README.md").write_bytes(b"# a better helper\n")
    assert "helper: new-version" in run("check", exit_code=1)
    notices = run("notices", "--json")["notices"]
    assert [notice["cause"] for notice in notices] == ["new-version", "review-due"]
    assert "marked" in run("answer", notices[0]["id"], "--say", "looked at it")
    assert len(run("notices", "--all", "--json")["notices"]) == 2
    listed = run("list", "--json")
    assert (listed["unread"], len(listed["artefacts"]), listed["models"][0]["name"]) == (1, 2, "helper")
    assert "1 notices wait" in run("list")
    history = run("history", "helper", "--json")
    assert [row["latest"] for row in history["inspections"]] == [True, True]
    assert len(history["notices"]) == 2
    assert model["artefact"][:12] in run("history", "helper")
    assert "no more" in run("unfollow", "helper")


def test_what_became_known_exits_with_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bom.json").write_text(json.dumps(BOM), "utf-8")
    assert run("stack", "import", str(tmp_path / "bom.json"), "--name", "serving", "--json") == {
        "vulnerabilities": []
    }
    assert run("vulnerabilities", "--json") == {"vulnerabilities": []}
    file = zipped(tmp_path / "all.zip", entry(1), b"{")
    (done,) = run("intelligence", "import", str(file), "--kind", "osv", "--json", exit_code=1)["imports"]
    assert (done["read"], done["new"], done["not_taken"], len(done["reopened"])) == (1, 1, 1, 1)
    said = run("intelligence", "import", str(file), "--kind", "osv")
    assert "0 new, 1 not taken" in said
    assert "1.json: it is not an OSV entry" in said
    (row,) = run("vulnerabilities", "stack:serving", "--json", exit_code=1)["vulnerabilities"]
    assert (row["id"], row["component"], row["version"], row["answer"]) == (
        "PYSEC-2026-1",
        "example-package",
        "1.3",
        "affected",
    )
    assert "PYSEC-2026-1" in run("vulnerabilities", exit_code=1)
    listed = run("intelligence", "list", "--json")
    assert (listed["counts"], listed["newest"][0]["id"]) == ({"osv": 1}, "PYSEC-2026-1")
    assert run("list", "--reopened", "--json")["artefacts"][0]["reopened"]["what"] == ["osv:PYSEC-2026-1"]
    run("vulnerabilities", "nobody", exit_code=1)
    run("intelligence", "import", str(file), "--kind", "rumour", exit_code=1)


def test_a_record_leaves_with_its_verdict(run: Run, tmp_path: Path) -> None:
    clean = lay(tmp_path / "a", README_md=b"# a\n")
    assert run("record", str(clean), "--json")["verdict"] == "clean"
    odd = lay(tmp_path / "b", weights_xyz=b"\x00\x01\x02 nobody knows this")
    kept = run("record", str(odd), "--name", "odd", "--json", exit_code=3)
    assert (kept["verdict"], kept["name"]) == ("not-examined", "odd")
    assert "not-examined" in run("record", str(odd), exit_code=3)


def test_an_inspection_is_kept_where_a_node_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text(hashlib.sha256(GIF).hexdigest(), "utf-8")
    run("intelligence", "import", str(tmp_path / "bad.txt"), "--kind", "hash")
    folder = lay(tmp_path / "a", dot_gif=GIF)
    seen = run("inspect", str(folder), "--json", exit_code=1)
    assert [(row["rule"], row["place"]["path"]) for row in seen["findings"]] == [
        ("registry.known-bad-file", "dot.gif")
    ]
    assert "own list" in seen["findings"][0]["why"]
    (row,) = run("list", "--json")["artefacts"]
    assert (row["artefact"], row["source"], row["verdict"]) == (seen["artefact"], str(folder), "found")
