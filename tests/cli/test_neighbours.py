"""Import, export and a dry run as a user types them."""

import json
from pathlib import Path

import pytest

from tests.misp_events import attribute, event
from tests.neighbour_files import INCIDENTS, REPORT, lines
from tests.nodes import tocsin


@pytest.fixture
def data(tmp_path: Path) -> Path:
    tocsin("init", "--data", str(tmp_path / "node"))
    return tmp_path / "node"


@pytest.mark.parametrize(
    ("content", "form"),
    [(lines(REPORT), "avid"), (INCIDENTS, "aiid"), (event(attribute(1, "one.example")), "misp")],
)
def test_an_import_says_what_it_was_and_what_was_new(
    data: Path, tmp_path: Path, content: bytes, form: str
) -> None:
    (tmp_path / "file").write_bytes(content)
    told = tocsin("share", "import", "--data", str(data), str(tmp_path / "file"))
    assert told.stdout.startswith(f"{form}: ")
    assert "identity" in told.stdout
    again = json.loads(
        tocsin("share", "import", "--data", str(data), str(tmp_path / "file"), "--json").stdout
    )
    assert (again["form"], again["kept"], again["kinds"]) == (form, 0, {})
    assert again["known"] > 0


def test_refused_entries_are_named_and_end_in_1(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(lines(REPORT, REPORT | {"metadata": {}}))
    told = tocsin("share", "import", "--data", str(data), str(tmp_path / "file"), check=False)
    assert told.returncode == 1
    assert "objects[1]: metadata has no id" in told.stderr


def test_wrong_use_ends_in_2(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"{}")
    for more in ((), ("--format", "atlas"), ("--format", "pdf")):
        told = tocsin("share", "import", "--data", str(data), str(tmp_path / "file"), *more, check=False)
        assert told.returncode == 2
    told = tocsin(
        "share",
        "export",
        "--data",
        str(data),
        str(tmp_path / "out"),
        "--peer",
        "x",
        "--format",
        "pdf",
        check=False,
    )
    assert told.returncode == 2


def test_an_export_needs_a_peer_we_trust(data: Path, tmp_path: Path) -> None:
    told = tocsin("share", "export", "--data", str(data), str(tmp_path / "out"), "--peer", "lab", check=False)
    assert told.returncode == 1
    assert "no peer lab" in told.stderr
    tocsin("peer", "add", "--data", str(data), "lab", "https://lab.example")
    told = tocsin("share", "export", "--data", str(data), str(tmp_path / "out"), "--peer", "lab", check=False)
    assert told.returncode == 1
    assert "not trusted" in told.stderr
    assert not (tmp_path / "out").exists()


def test_a_dry_run_without_peers_is_empty(data: Path) -> None:
    told = tocsin("share", "pull", "--data", str(data), "--dry-run", "--json")
    assert json.loads(told.stdout) == {"dry_run": True, "peers": []}
    assert "Nothing would change" in tocsin("share", "pull", "--data", str(data), "--dry-run").stdout
