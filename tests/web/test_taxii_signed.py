"""Posting what others signed: taken from a trusted peer, refused by field, equivocation told and in the audit."""

from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.fixtures import Made
from tests.share.said import AUTHOR, changed, confirmed, of_type, signed
from tests.web.test_taxii import add_peer, send
from tocsin.kernel import PeerStatus
from tocsin.trust.signed_fields import withhold
from tocsin.wire.stix import canonical

Client = TestClient[Litestar]
INDICATOR = signed(of_type(confirmed(), "indicator"))
VALUE: dict[str, Any] = msgspec.json.decode(INDICATOR.stix)


@pytest.fixture
def lab(made: Made) -> str:
    return add_peer(made, "lab")


def failure(answer: Any) -> str:
    assert answer.status_code == 202, answer.text
    status = answer.json()
    assert (status["success_count"], status["failure_count"]) == (0, 1)
    message: str = status["failures"][0]["message"]
    return message


def test_what_another_signed_is_kept_under_its_name(client: Client, made: Made, lab: str) -> None:
    assert send(client, lab, INDICATOR.stix).json()["success_count"] == 1
    kept = made.node.store.records.get(INDICATOR.id)
    assert kept is not None
    assert (kept.author, kept.peer, kept.root) == (AUTHOR, "lab", INDICATOR.root)


def test_what_another_did_not_sign_is_refused(client: Client, made: Made, lab: str) -> None:
    assert "did not sign it" in failure(send(client, lab, of_type(confirmed(), "indicator").stix))
    assert made.node.store.records.get(INDICATOR.id) is None


def test_a_change_is_refused_naming_the_field(client: Client, made: Made, lab: str) -> None:
    bent = canonical({**VALUE, "confidence": 81})
    assert "/confidence is not what its author signed" in failure(send(client, lab, bent))
    assert "/confidence" in failure(send(client, made.token, bent)), "nor from a person of this node"
    assert made.node.store.records.list(types=("indicator",)) == ()


def test_views_join_and_another_root_is_in_the_audit(client: Client, made: Made, lab: str) -> None:
    for gone in ("/name", "/description"):
        assert send(client, lab, canonical(withhold(VALUE, [gone]))).json()["success_count"] == 1
    kept = made.node.store.records.get(INDICATOR.id)
    assert kept is not None
    assert kept.stix == INDICATOR.stix
    other = signed(changed(of_type(confirmed(), "indicator"), confidence=10))
    assert "equivocation" in failure(send(client, lab, other.stix))
    (row,) = made.node.store.audit.read(act="record.equivocation")
    assert (row.who, row.subject, row.outcome) == ("peer:lab", INDICATOR.id, "refused")
    assert row.detail["kept_root"] != row.detail["given_root"]
    assert row.detail["given_signature"]


def test_a_peer_that_is_not_trusted_gives_nothing_whoever_signed_it(
    client: Client, made: Made, lab: str
) -> None:
    peer = made.node.store.peers.get("lab")
    assert peer is not None
    made.node.store.peers.replace(msgspec.structs.replace(peer, status=PeerStatus.ADDED))
    assert failure(send(client, lab, INDICATOR.stix))
    assert made.node.store.records.get(INDICATOR.id) is None
