"""The door of private sums: for named peers with a pinned key, and closed without consent."""

import msgspec
import pytest

from tests.console import Client
from tests.fixtures import Made
from tests.web.test_console_sums import furnish
from tocsin.app.sum_epoch import Hello
from tocsin.app.sum_state import digest_of
from tocsin.kernel import PeerStatus, micros
from tocsin.trust.matching.terms import epoch_of


@pytest.fixture
def stranger(made: Made) -> dict[str, str]:
    """A peer that was named and whose key is not pinned."""
    _, token = made.node.exchange.add_peer(
        made.node.access.operator(), "stranger", "https://stranger.example", allow_private=True
    )
    return {"Authorization": f"Bearer {token}"}


def test_who_may_leave_a_message(made: Made, client: Client, stranger: dict[str, str]) -> None:
    epoch = epoch_of(made.now)
    path = f"/v1/sums/{epoch}/hello"
    assert client.post(path, content=b"x").status_code == 401
    assert client.post(path, content=b"x", headers=made.bearer).status_code == 403
    assert client.post(path, content=b"x", headers=stranger).status_code == 403


def test_what_is_taken_what_comes_too_early_and_what_is_broken(
    made: Made, client: Client, stranger: dict[str, str]
) -> None:
    furnish(made)
    peer, lab = made.node.store.peers.get("stranger"), made.node.store.peers.get("lab")
    assert peer is not None
    assert lab is not None
    made.node.store.peers.replace(msgspec.structs.replace(lab, identity="identity--former-lab"))
    known = msgspec.structs.replace(peer, identity=lab.identity, status=PeerStatus.TRUSTED)
    made.node.store.peers.replace(known)
    epoch, agreed = epoch_of(made.now), made.node.store.sums.agreed()
    assert agreed is not None
    hello = msgspec.msgpack.encode(Hello(digest_of(agreed), 0, bytes(32)))

    def left(kind: str, body: bytes, week: int = epoch) -> int:
        answer = client.post(f"/v1/sums/{week}/{kind}", content=body, headers=stranger)
        assert answer.status_code < 500 or answer.status_code == 503
        return int(answer.status_code)

    assert left("hello", hello) == 204
    assert left("hello", hello) == 204, "the same again changes nothing"
    assert left("hello", b"\xc1") == 400
    assert left("asked", b"x") == 503
    assert left("nonsense", b"x") == 400
    assert left("hello", hello, epoch + 1) == 409
    other = msgspec.msgpack.encode(Hello(bytes(32), 0, bytes(32)))
    assert left("hello", other) == 403
    assert client.post("/v1/sums/-1/hello", content=hello, headers=stranger).status_code == 400
    assert made.node.store.sums.due(micros(made.now)), "it greets the others"
    for status in (PeerStatus.ADDED, PeerStatus.SUSPENDED, PeerStatus.REVOKED):
        made.node.store.peers.replace(msgspec.structs.replace(known, status=status))
        assert left("hello", hello) == 403, "its token is no trust"
