"""A correlation shared by one node rings on another, over HTTP, and no event has moved."""

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.nodes import Serving, tocsin
from tests.sigma_rules import SAYS_REFUND, correlation
from tests.test_live import eventually, two_nodes
from tocsin.app.node import Node
from tocsin.app.rules import REFRESH_SECONDS
from tocsin.kernel import Release, system_clock
from tocsin.store import ReleaseFilter

pytestmark = [pytest.mark.net, pytest.mark.slow]

RULE = correlation(
    "value_count", SAYS_REFUND, group_by="[observables.wallet]", condition="{gte: 4, field: actor}", span="6h"
)
WALLET, OTHER_WALLET = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
TESTS = """
- name: four accounts with one wallet
  events: [{text: A lottery refund, actors: 4, times: 4, observables: [{type: wallet, value: w}]}]
  rings: true
"""


def ran(node: Serving, *words: str) -> dict[str, Any]:
    """A command's answer."""
    found: dict[str, Any] = json.loads(tocsin(*words, "--data", str(node.data), "--json").stdout)
    return found


def lines(letters: int) -> bytes:
    """Letters of several accounts with one wallet, and everyday ones."""
    now = system_clock() - timedelta(hours=1)
    texts = [
        ("Your l0ttery refund is here", f"a{at}", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq")
        for at in range(letters)
    ]
    texts += [("Bread and milk", f"b{at}", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT") for at in range(6)]
    return "\n".join(
        json.dumps(
            {
                "id": f"{text[:4]}-{actor}",
                "time": (now + timedelta(minutes=at)).isoformat(),
                "source": "forum",
                "kind": "content.post",
                "actor": actor,
                "text": text,
                "observables": [{"type": "wallet", "value": wallet}],
            }
        )
        for at, (text, actor, wallet) in enumerate(texts)
    ).encode()


def rule_warnings(node: Serving) -> list[dict[str, Any]]:
    """Warnings of rules at a node."""
    return [one for one in ran(node, "watch", "warnings")["warnings"] if one["kind"] == "rule"]


def released(node: Serving) -> list[Release]:
    """Every byte that ever left a node."""
    opened = Node(node.data)
    try:
        return list(opened.store.releases.page(None, ReleaseFilter(limit=500, versions=("all",))).rows)
    finally:
        opened.close()


def test_a_shared_correlation_rings_elsewhere_and_no_event_moved(tmp_path: Path) -> None:
    (tmp_path / "letters.yml").write_text(RULE, "utf-8")
    (tmp_path / "letters.tests.yaml").write_text(TESTS, "utf-8")
    with two_nodes(tmp_path) as (author, reader):
        kept = ran(author, "watch", "rules", "import", str(tmp_path / "letters.yml"))
        record = ran(
            author, "watch", "rules", "share", str(kept["id"]), "--basis", "Our terms of use, section 4."
        )
        assert (
            author.request("POST", "/v1/events", lines(3), Content_Type="application/x-ndjson").status < 300
        )
        tocsin("share", "publish", "--data", str(author.data), "--peer", "reader", "--json")
        tocsin("share", "pull", "--data", str(reader.data), "--json")
        (theirs,) = ran(reader, "watch", "rules", "list")["rules"]
        assert (theirs["id"], theirs["state"], theirs["peer"]) == (record["record"], "shadow", "author")

        ran(reader, "watch", "rules", "enable", theirs["id"], "--why", "read it; it fits our terms")
        time.sleep(REFRESH_SECONDS)  # by then the reader's door knows of it
        answer = reader.request("POST", "/v1/events", lines(5), Content_Type="application/x-ndjson")
        assert json.loads(answer.data)["accepted"] == 11
        eventually("the rule rings", lambda: bool(rule_warnings(reader)))
        (warning,) = rule_warnings(reader)
        assert (warning["actors"], warning["events"], warning["category"]) == (5, 5, "fraud.scam")
        assert any("author" in str(reason) for reason in warning["reasons"])

        assert rule_warnings(author) == [], "it is in shadow there, and three accounts are not four"
        events = {node.data.name: ran(node, "watch", "events")["events"] for node in (author, reader)}
        assert [len(found) for found in events.values()] == [9, 11]
        left = released(author)
        assert {one.type for one in left} <= {"identity", "indicator", "extension-definition"}
        assert not any(
            word in one.stix for one in left for word in (b"bc1q", b"Your", b"forum", b"A lottery")
        )
        assert released(reader) == []
