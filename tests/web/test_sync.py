"""How much is waiting: of the caller's own view, and for nobody else."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.fixtures import Made
from tests.share.said import OTHER, PURPOSE, confirmed
from tocsin.app.lag import lags
from tocsin.kernel import Peer, PeerStatus, Role, micros
from tocsin.store.interface import ReleaseFilter


@pytest.fixture
def token(made: Made) -> str:
    """The token of a peer that was released everything."""
    admin = made.node.access.operator()
    made.node.store.peers.add(
        Peer(name="lab", url="https://lab.example", status=PeerStatus.TRUSTED, identity=OTHER)
    )
    made.node.access.add_user(admin, "peer-lab", (Role.PEER,), peer="lab")
    made.node.store.records.put(confirmed())
    made.node.exchange.publishing.publish(admin, "lab", PURPOSE)
    return made.node.access.issue_token(admin, "peer-lab")


def ask(client: TestClient[Litestar], token: str, after: str = "") -> tuple[int, object]:
    answer = client.get("/v1/sync", params={"after": after}, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json().get("waiting")


def test_a_peer_is_told_of_its_own(client: TestClient[Litestar], made: Made, token: str) -> None:
    rows = made.node.store.releases.page("lab", ReleaseFilter()).rows
    assert ask(client, token) == (200, len(rows))
    assert ask(client, token, "2099-01-01T00:00:00.000000Z") == (200, 0)
    assert ask(client, token, "yesterday") == (400, None)
    assert ask(client, made.token) == (404, None), "a person has no view to catch up with"
    assert client.get("/v1/sync").status_code == 401
    lab = made.node.store.peers.get("lab")
    assert lab is not None
    made.node.exchange.trust.revoke(
        made.node.access.operator(), "lab", since=micros(made.now), reason="stolen"
    )
    assert ask(client, token) == (404, None)


def test_lag_stands_in_the_metrics(client: TestClient[Litestar], made: Made) -> None:
    now = micros(made.now)
    url, trusted = "https://x.example", PeerStatus.TRUSTED
    for peer in (
        Peer(name="near", url=url, status=trusted, last_pull=now - 90_000_000, waiting=7),
        Peer(name="new", url=url, status=trusted),
        Peer(name="gone", url=url, status=PeerStatus.SUSPENDED, last_pull=1),
    ):
        made.node.store.peers.add(peer)
    assert [(peer.name, lag) for peer, lag in lags(made.node.store, made.clock)] == [
        ("near", 90.0),
        ("new", None),
    ]
    text = client.get("/metrics", headers=made.bearer).text
    assert 'tocsin_peer_lag_seconds{peer="near"} 90.0' in text
    assert 'tocsin_peer_waiting_objects{peer="near"} 7.0' in text
    assert 'peer="gone"' not in text
