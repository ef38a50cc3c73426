"""The key store and a person's request, as an operator types them."""

import json
from pathlib import Path

from tests.nodes import tocsin

PERSON = ("--source", "chat", "--actor", "account-1")


def test_keys_are_copied_lost_and_brought_back(tmp_path: Path) -> None:
    data, copy, words = str(tmp_path / "node"), str(tmp_path / "copy"), tmp_path / "words"
    words.write_text("a passphrase for keys\n")
    tocsin("init", "--data", data)
    events(tmp_path, data)
    assert json.loads(tocsin("keys", "status", "--data", data, "--json").stdout)["destroyed"] == 0
    written = json.loads(
        tocsin("keys", "backup", "--data", data, copy, "--passphrase-file", str(words), "--json").stdout
    )
    assert written["days"] == 1
    (tmp_path / "node" / "keystore").rename(tmp_path / "lost")
    closed = tocsin("watch", "events", "--data", data, check=False)
    assert closed.returncode == 3
    assert "keys restore" in closed.stderr
    unsure = tocsin("keys", "begin", "--data", data, check=False)
    assert unsure.returncode == 2
    assert "--yes" in unsure.stderr
    brought = tocsin("keys", "restore", "--data", data, copy, "--passphrase-file", str(words))
    assert "1 days can be opened again" in brought.stdout
    assert "next to go" in tocsin("doctor", "--data", data).stdout


def test_a_person_is_erased_by_two(tmp_path: Path) -> None:
    data = str(tmp_path / "node")
    first = json.loads(tocsin("init", "--data", data, "--json").stdout)["admin_token"]
    events(tmp_path, data)
    tocsin("user", "add", "--data", data, "tuya", "--role", "reviewer")
    second = json.loads(tocsin("token", "issue", "--data", data, "tuya", "--json").stdout)["token"]
    held = json.loads(tocsin("watch", "erase", "--data", data, *PERSON, "--json").stdout)
    assert (held["events"], held["texts"], held["approved_by"]) == (2, 2, [])
    carry_out = (
        "watch",
        "erase",
        "--data",
        data,
        *PERSON,
        "--reason",
        "asked by them",
        "--carry-out",
        "--json",
    )
    refused = tocsin(*carry_out, check=False)
    assert refused.returncode == 1
    assert "2 people approve" in refused.stderr
    approve = ("watch", "erase", "--data", data, *PERSON, "--approve", "--json", "--token")
    tocsin(*approve, first)
    assert json.loads(tocsin(*approve, second).stdout)["approved_by"] == ["admin", "tuya"]
    hold = tocsin("watch", "hold", "--data", data, *PERSON, "--reason", "order of a court").stdout.split()[1]
    assert hold in tocsin(*carry_out, check=False).stderr
    tocsin("watch", "lift", "--data", data, hold, "--reason", "the court ended it")
    (receipt,) = json.loads(tocsin(*carry_out).stdout)["erasures"]
    assert (receipt["events"], receipt["texts"]) == (2, 2)
    assert receipt["ticket"][:18] in tocsin("watch", "erasures", "--data", data, "--json").stdout
    assert "account-1" not in tocsin("watch", "holds", "--data", data).stdout
    assert len(json.loads(tocsin("watch", "events", "--data", data, "--json").stdout)["events"]) == 4
    assert json.loads(tocsin("watch", "openings", "--data", data, "--json").stdout)["weeks"][0]["texts"] == 0


def events(folder: Path, data: str) -> None:
    """Four, two of them of one account."""
    rows = [
        {
            "id": f"e{number}",
            "time": "2026-11-19T10:00:00Z",
            "source": "chat",
            "kind": "content.post",
            "actor": f"account-{number % 2}",
            "text": f"what is a good soup for evening number {number}",
        }
        for number in range(4)
    ]
    (folder / "events.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    tocsin("watch", "ingest", "--data", data, str(folder / "events.jsonl"))
