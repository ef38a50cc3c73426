"""The real taxii2-client drives a real node, and stix2-validator accepts all that the node serves."""

import json
from pathlib import Path
from typing import Any

import pytest
from stix2validator import ValidationOptions, validate_instance
from taxii2client.v21 import Server, as_pages

from tests.nodes import Serving, make_node, serving, tocsin
from tests.worlds import lottery_campaign


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A node with one confirmed campaign, released to one peer."""
    data = tmp_path_factory.mktemp("taxii") / "node"
    token = make_node(data, pull_seconds=0)
    tocsin("watch", "ingest", "--data", str(data), "-", typed=lottery_campaign())
    (warning,) = json.loads(tocsin("watch", "warnings", "--data", str(data), "--json").stdout)["warnings"]
    tocsin(
        *("watch", "confirm", "--data", str(data), warning["id"], "--category", "fraud.scam"),
        *(
            "--basis",
            "Terms of use, 4.2: no scams",
            "--statement",
            "asks for a fee for a refund that is none",
        ),
    )
    tocsin("peer", "add", "--data", str(data), "lab", "https://lab.example")
    return data, token


def trusted(data: Path) -> None:
    """Trust the peer without its being there: its key is only pinned."""
    import msgspec

    from tocsin.app.node import Node
    from tocsin.kernel import PeerStatus
    from tocsin.trust.identity import NodeIdentity

    opened = Node(data)
    peer = opened.store.peers.get("lab")
    assert peer is not None
    opened.store.peers.replace(
        msgspec.structs.replace(
            peer,
            status=PeerStatus.TRUSTED,
            identity=NodeIdentity(b"l" * 32).stix_identity,
            node_key=b"l" * 32,
        )
    )
    opened.close()


@pytest.mark.net
@pytest.mark.slow
def test_the_real_client_lists_pages_posts_and_the_validator_accepts(node: tuple[Path, str]) -> None:
    data, token = node
    trusted(data)
    released = json.loads(tocsin("share", "publish", "--data", str(data), "--peer", "lab", "--json").stdout)
    count = sum(entry["verdict"] == "release" for entry in released["entries"])
    assert count >= 5
    with serving(data, token) as served:
        root = _root(served)
        assert {collection.title for collection in root.collections} == {"Released to you", "Posted by you"}
        shared = next(c for c in root.collections if not c.can_write)
        inbox = next(c for c in root.collections if c.can_write)

        pages = list(as_pages(shared.get_objects, per_request=2))
        objects = [item for page in pages for item in page.get("objects", [])]
        assert len(pages) >= count / 2
        assert len(objects) == count
        assert len({item["id"] for item in objects}) == count
        manifest = shared.get_manifest()["objects"]
        assert {entry["id"] for entry in manifest} == {item["id"] for item in objects}
        one = shared.get_object(objects[0]["id"])["objects"]
        assert one == [item for item in objects if item["id"] == objects[0]["id"]]
        assert {item["type"] for item in shared.get_objects(type=["indicator"])["objects"]} == {"indicator"}

        indicator = {
            "type": "indicator",
            "spec_version": "2.1",
            "id": "indicator--0d1ae04c-6cd4-4d7a-a7d5-8e2b1c1e7a11",
            "created": "2026-11-01T00:00:00.000Z",
            "modified": "2026-11-01T00:00:00.000Z",
            "name": "a stand-in",
            "pattern": "[domain-name:value = 'refund.example']",
            "pattern_type": "stix",
            "valid_from": "2026-11-01T00:00:00Z",
        }
        status = inbox.add_objects({"objects": [indicator]}, wait_for_completion=True, timeout=10)
        assert (status.status, status.success_count, status.failure_count) == ("complete", 1, 0)
        assert inbox.get_object(indicator["id"])["objects"] == [indicator]

        assert shared.object_versions(objects[0]["id"])["versions"] == [
            entry["version"] for entry in manifest if entry["id"] == objects[0]["id"]
        ]
        newer = indicator | {"modified": "2026-11-02T00:00:00.000Z", "name": "a newer stand-in"}
        inbox.add_objects({"objects": [newer]}, wait_for_completion=True, timeout=10)
        assert len(inbox.object_versions(indicator["id"])["versions"]) == 2
        inbox.delete_object(indicator["id"])
        assert inbox.get_object(indicator["id"])["objects"] == [indicator], "the last version went"
        inbox.delete_object(indicator["id"], version="all")
        assert "objects" not in inbox.get_objects()
        inbox.add_objects({"objects": [indicator]}, wait_for_completion=True, timeout=10)
        assert inbox.get_objects()["objects"] == [indicator], "and may be posted again"

        taxonomy = _root(served, "taxonomy")
        vocabulary = taxonomy.collections[0].get_objects(limit=30)["objects"]
        assert len(vocabulary) == 30

        for item in [*vocabulary, *objects, *inbox.get_objects()["objects"]]:
            outcome = validate_instance(item, ValidationOptions(version="2.1"))
            assert outcome.is_valid, f"{item['id']}: {outcome.errors}"
        assert not [
            item
            for item in objects
            if "lottery" in json.dumps(item).casefold()
            or "bc1q" in json.dumps(item)
            or "ps_" in json.dumps(item)
        ]


def _root(served: Serving, name: str = "tocsin") -> Any:
    server = Server(f"{served.url}/taxii2/", user="admin", password=served.token)
    assert server.title
    return next(root for root in server.api_roots if f"/{name}/" in root.url)
