"""tocsin model inventory, as a user types it."""

import json
from pathlib import Path

from tests.assure.texts.worlds import write_model
from tests.nodes import tocsin


def test_an_inventory_is_written_in_each_form(tmp_path: Path) -> None:
    model = str(write_model(tmp_path / "made-up"))
    written = json.loads(tocsin("model", "inventory", model).stdout)
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.7")
    older = tmp_path / "model.cdx.json"
    assert tocsin("model", "inventory", model, "--format", "cyclonedx-1.6", "--out", str(older)).stdout == ""
    assert json.loads(older.read_bytes())["metadata"]["component"]["name"] == "made-up"
    assert "@graph" in json.loads(
        tocsin("model", "inventory", model, "--format", "spdx-3", "--name", "own").stdout
    )
    assert tocsin("model", "inventory", str(tmp_path / "none"), check=False).returncode == 2
    nowhere = tocsin("model", "inventory", model, "--out", str(tmp_path / "no" / "file"), check=False)
    assert nowhere.returncode == 2
    assert "name another file" in nowhere.stderr
