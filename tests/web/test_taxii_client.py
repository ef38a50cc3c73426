"""The real taxii2-client drives a real node, and the OASIS validator accepts whatever it is served."""

import json
from pathlib import Path
from typing import Any

import pytest
from stix2validator import ValidationOptions, validate_instance
from taxii2client.exceptions import AccessError
from taxii2client.v21 import Server, as_pages

from tests.nodes import make_node, serving
from tests.share.said import NOW, PURPOSE, confirmed, dismissed, of_type
from tests.web.test_taxii import identity, identity_of
from tocsin.app.node import Node
from tocsin.app.setup import FIRST_USER
from tocsin.kernel import Peer, PeerStatus, Role
from tocsin.share import Gate
from tocsin.trust.policy import Policies


def released_node(data: Path) -> tuple[str, str]:
    """A node that released records to a peer: the admin's token, the peer's token."""
    token = make_node(data, pull_seconds=0)
    node = Node(data)
    lab = Peer(
        name="lab",
        url="https://lab.example",
        status=PeerStatus.TRUSTED,
        identity=identity_of("lab"),
        purposes=(PURPOSE,),
    )
    node.store.peers.add(lab)
    admin = node.access.operator(FIRST_USER)
    node.access.add_user(admin, "peer-lab", (Role.PEER,), peer="lab")
    given = node.access.issue_token(admin, "peer-lab")
    node.store.records.put(tuple({one.id: one for one in confirmed() + dismissed()}.values()))
    Gate(Policies.load()).publish(node.store, lab, PURPOSE, by="u", expected=None, now=NOW)
    node.close()
    return token, given


def accepted(item: dict[str, Any]) -> bool:
    """Whether stix2-validator finds no error (its warnings are taste)."""
    options = ValidationOptions(version="2.1")
    return bool(validate_instance(item, options).is_valid)


@pytest.mark.net
@pytest.mark.slow
def test_the_real_client_and_the_real_validator(tmp_path: Path) -> None:
    token, given = released_node(tmp_path / "platform")
    with serving(tmp_path / "platform", token) as served:
        server = Server(f"{served.url}/taxii2/", user="peer-lab", password=given)
        assert server.title == "platform: Tocsin"
        root = server.default
        assert [one.alias for one in root.collections] == ["shared", "inbox"]
        shared, inbox = root.collections

        seen: list[dict[str, Any]] = []
        for page in as_pages(shared.get_objects, per_request=4):
            assert len(page["objects"]) <= 4
            seen += page["objects"]
        expected = {record.id for record in confirmed() + dismissed()}
        assert {item["id"] for item in seen} == expected
        assert len(seen) == len(expected)
        for item in seen:
            assert accepted(item), json.dumps(item)

        indicator = of_type(confirmed(), "indicator")
        assert [item["id"] for item in shared.get_object(indicator.id)["objects"]] == [indicator.id]
        assert shared.object_versions(indicator.id)["versions"] == [json.loads(indicator.stix)["modified"]]
        entries = shared.get_manifest(id=indicator.id)["objects"]
        assert [entry["id"] for entry in entries] == [indicator.id]
        assert {item["type"] for item in shared.get_objects(type="campaign")["objects"]} == {"campaign"}

        own = identity(identity_of("lab")).decode()
        status = inbox.add_objects({"objects": [json.loads(own)]}, wait_for_completion=True)
        assert (status.status, status.success_count, status.failure_count) == ("complete", 1, 0)
        assert [item["id"] for item in inbox.get_objects()["objects"]] == [identity_of("lab")]
        with pytest.raises(AccessError):
            shared.add_objects({"objects": [json.loads(own)]})

        person = Server(f"{served.url}/taxii2/", user=FIRST_USER, password=token).default.collections[1]
        report = json.loads(of_type(confirmed(), "report").stix)
        report |= {
            "id": "report--5d2c6f1e-8a34-4b7d-9c60-3f1b7a0e4d28",
            "created_by_ref": identity_of("other"),
        }
        assert person.add_objects({"objects": [report]}).success_count == 1
