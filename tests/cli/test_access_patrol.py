"""Patrol as a user types it."""

import json
from pathlib import Path
from typing import Any

from tests.fixtures import Made
from tests.nodes import tocsin
from tests.submissions import bill, submission


def run(made: Made, *arguments: str, code: int = 0) -> Any:
    done = tocsin("access", "patrol", *arguments, "--data", str(made.node.data), "--json", check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_submit_check_sample_show(copied: Made, tmp_path: Path) -> None:
    data = ("--data", str(copied.node.data))
    empty = tocsin("access", "patrol", "show", *data).stdout
    assert "Nothing was submitted" in empty
    folder = submission(tmp_path / "app", kind="app", sbom="bom.json")
    (folder / "bom.json").write_bytes(bill({"type": "machine-learning-model", "name": "refund-writer"}))
    look = run(copied, "submit", str(folder), code=1)
    assert [one["rule"] for one in look["findings"]] == ["model-undeclared"]
    assert "声明" in look["findings"][0]["says"]["zh"]
    assert look["case"].startswith("case_")
    (folder / "bom.json").write_bytes(bill())
    again = run(copied, "check", look["submission"], str(folder))
    assert (again["verdict"], again["case"]) == ("nothing-found", look["case"])
    (listed,) = run(copied, "show")["submissions"]
    assert listed["look"] == 2
    assert [one["verdict"] for one in run(copied, "show", look["submission"])["looks"]] == [
        "found",
        "nothing-found",
    ]
    told = tocsin("access", "patrol", "show", look["submission"], "--lang", "zh", *data).stdout
    assert "a person decides in" in told
    assert "refund-writer：使用了声明中未列出的模型" in told
    off = tocsin("access", "patrol", "sample", *data, check=False)
    assert off.returncode == 2
    assert "patrol_share" in off.stderr
    settings = copied.node.data / "settings.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("patrol_share = 0.0", "patrol_share = 1.0"), "utf-8"
    )
    assert run(copied, "sample") == {"waiting": []}
    assert "Nothing waits" in tocsin("access", "patrol", "sample", *data).stdout
