"""A recall between two nodes over HTTP, from a wrong release to a signed receipt; and a rotation on the way."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.nodes import free_port, make_node, serving, tocsin
from tests.share.said import confirmed
from tocsin.app.node import Node
from tocsin.kernel import Origin


def run(data: Path, *arguments: str, check: bool = True) -> Any:
    return json.loads(tocsin(*arguments, "--data", str(data), "--json", check=check).stdout)


def speak(data: Path) -> Sequence[str]:
    """What a reviewer's word would have made, in the node's own name."""
    node = Node(data)
    own = node.keys.identity.stix_identity
    plain = [record for record in confirmed() if record.type in ("identity", "campaign", "indicator")]
    before = next(record.author for record in plain)
    records = [
        msgspec.structs.replace(
            record,
            id=record.id.replace(before, own),
            author=own,
            origin=Origin.OWN,
            stix=record.stix.replace(before.encode(), own.encode()),
        )
        for record in plain
    ]
    node.store.records.put(records)
    node.close()
    return [record.id for record in records if record.type == "indicator"]


@pytest.mark.net
@pytest.mark.slow
def test_from_a_wrong_release_to_a_receipt(tmp_path: Path) -> None:
    far, near = tmp_path / "far", tmp_path / "near"
    tokens = {data: make_node(data, pull_seconds=0) for data in (far, near)}
    ports = {data: free_port() for data in (far, near)}
    (indicator,) = speak(far)
    given = {
        data: run(data, "peer", "add", other.name, f"http://127.0.0.1:{ports[other]}", "--allow-private")[
            "token_for_peer"
        ]
        for data, other in ((far, near), (near, far))
    }

    def pull(data: Path) -> dict[str, Any]:
        (row,) = run(data, "share", "pull", check=False)["peers"]
        return dict(row)

    with serving(far, tokens[far], ports[far]), serving(near, tokens[near], ports[near]):
        for data, other in ((far, near), (near, far)):
            words = run(other, "peer", "me")["words"]["zh"]
            told = run(data, "peer", "trust", other.name, "--token", given[other], "--words", words)
            assert told["status"] == "trusted"
        run(far, "share", "publish", "--peer", "near")
        assert pull(near)["records"] == 3
        assert pull(near)["records"] == 0
        recalled = run(far, "share", "recall", indicator, "--reason", "sent in error")["recalls"]
        assert [(row["peer"], row["confirmed"]) for row in recalled] == [("near", "-")]
        waiting = tocsin("share", "recalls", "--data", str(far), check=False)
        assert waiting.returncode == 1, "somebody has not confirmed"

        run(far, "key", "rotate")  # peers follow by themselves
        run(near, "key", "rotate")
        assert pull(far)["error"] is None  # far follows near's new key, so that the receipt counts
        assert pull(near) | {"size": 0} == {
            "peer": "far",
            "records": 1,
            "size": 0,
            "error": None,
            "more": False,
        }
        (row,) = run(far, "share", "recalls")["recalls"]
        assert (row["peer"], row["done"], row["same_bytes"]) == ("near", "withdrawn", True)
        assert row["confirmed"] != "-"

        run(far, "key", "revoke", "--reason", "laptop stolen")
        refused = pull(near)["error"]
        assert "no longer trusted" in refused
        (listed,) = run(near, "peer", "list")["peers"]
        assert listed["status"] == "revoked"
        again = tocsin(
            *("peer", "trust", "--data", str(near), "far"),
            *("--words", run(far, "peer", "me")["words"]["en"]),
        )
        assert "is trusted until" in again.stdout
        assert pull(near)["error"] is None
