"""tocsin record on the command line, over what a bundle brought."""

import json
from pathlib import Path

import pytest

from tests.nodes import tocsin

CAMPAIGN = "campaign--00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node that imported three objects."""
    folder = tmp_path_factory.mktemp("cli")
    tocsin("init", "--data", str(folder / "node"))
    times = {
        "spec_version": "2.1",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
    }
    objects = [
        {"type": "campaign", "id": CAMPAIGN, "name": "Lottery refund 彩票退款", **times},
        {
            "type": "indicator",
            "id": "indicator--00000000-0000-4000-8000-000000000002",
            "name": "a popular domain",
            "pattern": "[domain-name:value = 'google.com']",
            "pattern_type": "stix",
            "valid_from": "2026-01-01T00:00:00Z",
            **times,
        },
        {
            "type": "relationship",
            "id": "relationship--00000000-0000-4000-8000-000000000003",
            "relationship_type": "indicates",
            "source_ref": "indicator--00000000-0000-4000-8000-000000000002",
            "target_ref": CAMPAIGN,
            **times,
        },
    ]
    bundle = {"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000009", "objects": objects}
    file = folder / "bundle.json"
    file.write_text(json.dumps(bundle), "utf-8")
    tocsin("share", "import", "--data", str(folder / "node"), str(file))
    return folder / "node"


def test_search_show_and_graph(data: Path) -> None:
    found = json.loads(tocsin("record", "search", "--data", str(data), "退款", "--json").stdout)
    assert [row["id"] for row in found["records"]] == [CAMPAIGN]
    assert (found["more"], found["behind"]) == (False, 0)
    assert tocsin("record", "search", "--data", str(data), "nobody", check=False).returncode == 1
    assert "Lottery" in tocsin("record", "search", "--data", str(data), "--type", "campaign").stdout
    shown = json.loads(
        tocsin(
            "record", "show", "--data", str(data), "indicator--00000000-0000-4000-8000-000000000002", "--json"
        ).stdout
    )
    assert shown["excluded"] == "popular-domains (google.com)"
    assert shown["confidence"]["half_life_days"] == 30
    graph = json.loads(tocsin("record", "graph", "--data", str(data), CAMPAIGN, "--json").stdout)
    assert "indicates" in [edge["kind"] for edge in graph["edges"]]
    assert "indicates" in tocsin("record", "graph", "--data", str(data), CAMPAIGN).stdout
    assert tocsin("record", "show", "--data", str(data), "campaign--none", check=False).returncode == 1


def test_opinion_and_export(data: Path, tmp_path: Path) -> None:
    said = tocsin(
        "record", "opinion", "--data", str(data), CAMPAIGN, "agree", "--why", "we saw it here as well"
    )
    assert "opinion--" in said.stdout
    assert "agree" in tocsin("record", "show", "--data", str(data), CAMPAIGN).stdout
    wrong = tocsin(
        "record", "opinion", "--data", str(data), CAMPAIGN, "maybe", "--why", "we do not know", check=False
    )
    assert (wrong.returncode, "one of" in wrong.stderr) == (2, True)
    file = tmp_path / "out.ndjson"
    arguments = ("record", "export", "--data", str(data), str(file), "--purpose", "for a colleague", "--json")
    done = json.loads(tocsin(*arguments, "--type", "campaign", "--since", "2020-01-01").stdout)
    assert done["records"] == len(file.read_bytes().splitlines()) == 1
    assert tocsin(*arguments, check=False).returncode == 2, "a file is never written over"
