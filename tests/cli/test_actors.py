"""tocsin watch actors, as a user types it."""

import json
from pathlib import Path

from tests.nodes import tocsin
from tests.worlds import lottery_campaign


def test_a_look_from_the_command_line(tmp_path: Path) -> None:
    data = str(tmp_path / "node")
    tocsin("init", "--data", data)
    events = tmp_path / "events.jsonl"
    events.write_text(lottery_campaign())
    tocsin("watch", "ingest", "--data", data, str(events))
    (warning,) = json.loads(tocsin("watch", "warnings", "--data", data, "--json").stdout)["warnings"]
    asked = ("watch", "actors", "--data", data, "--warning", warning["id"])
    refused = tocsin(*asked, "--purpose", "x", check=False)
    assert refused.returncode == 2
    assert "purpose" in refused.stderr
    seen = json.loads(tocsin(*asked, "--purpose", "to judge it", "--json").stdout)
    assert (seen["warning"], seen["accounts"], seen["alone"]) == (warning["id"], 12, 12)
    assert seen["clusters"] == [], "a wallet that the text names is the text again"
    profile = seen["people"]
    assert profile["form"] == "people-together"
    assert profile["automatic_action"] == "none"
    assert "false-flag" in {one["explanation"] for one in profile["alternatives"]}
    told = tocsin(*asked, "--purpose", "to judge it", "--lang", "zh").stdout
    assert "a harmless reading is likelier" in told
    assert "沟通途径" in told
    assert (
        tocsin(
            "watch", "actors", "--data", data, "--warning", "none", "--purpose", "to see", check=False
        ).returncode
        == 1
    )
