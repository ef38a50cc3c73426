"""TAXII with a node's key instead of a token, over the application."""

import os
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.fixtures import Made
from tests.web.test_taxii import INBOX, SHARED, Client, add_peer, identity, identity_of, ids
from tocsin.kernel import PeerStatus
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.signed_requests import AHEAD_SECONDS, RequestSigner
from tocsin.wire.taxii import MEDIA_TYPE

OWN = identity(identity_of("lab"))
ENVELOPE = b'{"objects":[' + OWN + b"]}"


class Lab:
    """A peer that has a key and uses no token."""

    def __init__(self, made: Made, client: Client) -> None:
        self.made, self.client = made, client
        self.token = add_peer(made, "lab")
        self.key = NodeIdentity(bytes([3]) * 32)
        self.change(node_key=self.key.public)
        made.now += timedelta(seconds=AHEAD_SECONDS + 1)

    def change(self, **changes: Any) -> None:
        row = self.made.node.store.peers.get("lab")
        assert row is not None
        self.made.node.store.peers.replace(msgspec.structs.replace(row, **changes))

    def headers(self, method: str, path: str, body: bytes | None = None) -> dict[str, str]:
        signer = RequestSigner(self.key, self.made.clock, os.urandom)
        url = f"http://{self.client.base_url.netloc.decode()}{path}"
        node = self.made.node.keys.identity.public
        return signer.headers(method, url, body, recipient_key=node) | {"Accept": MEDIA_TYPE}

    def ask(self, path: str) -> Any:
        return self.client.get(path, headers=self.headers("GET", path))

    def post(self, body: bytes, **signed: bytes) -> Any:
        path = f"{INBOX}objects/"
        headers = self.headers("POST", path, signed.get("signed", body)) | {"Content-Type": MEDIA_TYPE}
        return self.client.post(path, content=body, headers=headers)


@pytest.fixture
def lab(made: Made, client: Client) -> Lab:
    return Lab(made, client)


def test_a_signature_stands_for_the_peer(lab: Lab) -> None:
    assert lab.ask("/taxii2/").status_code == 200
    assert lab.ask(f"{SHARED}objects/?limit=5&match%5Btype%5D=indicator").json() == {"more": False}
    assert lab.post(ENVELOPE).json()["success_count"] == 1
    assert ids(lab.ask(f"{INBOX}objects/")) == [identity_of("lab")]
    path = f"{INBOX}objects/{identity_of('lab')}/"
    assert lab.client.delete(path, headers=lab.headers("DELETE", path)).status_code == 200


def test_a_body_that_was_changed_is_not_kept(lab: Lab) -> None:
    answer = lab.post(ENVELOPE.replace(b"a node", b"a mode"), signed=ENVELOPE)
    assert answer.status_code == 401
    assert ids(lab.ask(f"{INBOX}objects/")) == []


def test_a_request_counts_once(lab: Lab) -> None:
    headers = lab.headers("GET", "/taxii2/")
    assert lab.client.get("/taxii2/", headers=headers).status_code == 200
    again = lab.client.get("/taxii2/", headers=headers)
    assert (again.status_code, again.json()["title"]) == (401, "not-authenticated")


def test_a_spoilt_signature_is_not_made_good_by_a_token(lab: Lab) -> None:
    headers = lab.headers("GET", "/taxii2/") | {"Authorization": f"Bearer {lab.token}"}
    headers["Signature"] = headers["Signature"][:-4] + "AA=:"
    assert lab.client.get("/taxii2/", headers=headers).status_code == 401
    assert lab.client.get(f"{SHARED}objects/", headers=lab.headers("GET", "/taxii2/")).status_code == 401


@pytest.mark.parametrize("status", [PeerStatus.SUSPENDED, PeerStatus.ADDED])
def test_a_key_that_is_not_trusted_opens_nothing(lab: Lab, status: PeerStatus) -> None:
    lab.change(status=status)
    assert lab.ask("/taxii2/").status_code == 401


def test_a_disabled_peer_does_not_sign_its_way_in(lab: Lab) -> None:
    access = lab.made.node.access
    access.disable_user(access.operator(), "peer-lab")
    assert lab.ask("/taxii2/").status_code == 401


def test_a_signature_counts_where_there_is_no_body_or_its_digest_is_looked_at(lab: Lab) -> None:
    assert lab.ask("/v1/identity").status_code == 200
    event = b'{"id":"e"}'
    headers = lab.headers("POST", "/v1/events", event) | {"Content-Type": "application/x-ndjson"}
    assert lab.client.post("/v1/events", content=event, headers=headers).status_code == 401
    bent = lab.headers("POST", "/v1/receipts", b'{"a":1}') | {"Content-Type": "application/json"}
    assert lab.client.post("/v1/receipts", content=b'{"a":2}', headers=bent).status_code == 401
    kept = lab.headers("POST", "/v1/receipts", b"{}") | {"Content-Type": "application/json"}
    assert lab.client.post("/v1/receipts", content=b"{}", headers=kept).status_code in (400, 404, 422)
