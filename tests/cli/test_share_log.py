"""tocsin share log: manifests as before; checkpoint, show, prove; verify without a node."""

import json
from pathlib import Path

from tests.fixtures import Made
from tests.nodes import tocsin


def test_from_an_act_to_a_file_that_convinces_elsewhere(made: Made, tmp_path: Path) -> None:
    made.node.access.audit("user_1", "share.publish", subject="alpha", purpose="", detail={"manifest": "ab"})
    data = ["--data", str(made.node.data)]
    signed = json.loads(tocsin("share", "log", "checkpoint", *data, "--json").stdout)
    assert signed["size"] == 1
    assert signed["key"] != signed["witness_key"]
    (entry,) = json.loads(tocsin("share", "log", "show", *data, "--json").stdout)["entries"]
    assert (entry["place"], entry["act"], entry["about"]) == (0, "share.publish", "alpha")
    closed, shown = tmp_path / "closed.tlog-proof", tmp_path / "shown.tlog-proof"
    tocsin("share", "log", "prove", *data, "0", str(closed))
    tocsin("share", "log", "prove", *data, "0", str(shown), "--reveal")
    assert tocsin("share", "log", "prove", *data, "0", str(shown), check=False).returncode == 2
    key = ["--key", signed["key"]]
    told = json.loads(tocsin("share", "log", "verify", str(closed), *key, "--json").stdout)
    assert told["holds"]
    assert told["proved"]["entry"] == entry["entry"]
    assert told["proved"]["statement"] is None
    said = tocsin("share", "log", "verify", str(shown), *key).stdout
    assert '"manifest":"ab"' in said
    assert "No witness" in said
    shown.write_bytes(shown.read_bytes().replace(b"index 0", b"index 1"))
    refused = tocsin("share", "log", "verify", str(shown), *key, "--json", check=False)
    assert (refused.returncode, json.loads(refused.stdout)["holds"]) == (1, False)
    assert tocsin("share", "log", "verify", str(closed), "--key", "nonsense", check=False).returncode == 2
    assert tocsin("share", "log", "verify", str(closed), *key, "--need", "1", check=False).returncode == 1


def test_without_a_command_it_lists_manifests(made: Made) -> None:
    data = ["--data", str(made.node.data)]
    assert json.loads(tocsin("share", "log", *data, "--json").stdout) == {"manifests": []}
    assert "Nothing has left" in tocsin("share", "log", *data).stdout
    assert tocsin("share", "log", check=False).returncode == 2
