"""Two real nodes, one of which pulls by its key alone: its token was revoked, and it has forgotten it."""

import time
from pathlib import Path

import msgspec
import pytest

from tests.nodes import free_port, make_node, serving
from tocsin.app.exchange import Pulled
from tocsin.app.node import Node
from tocsin.kernel import PeerStatus
from tocsin.trust.signed_requests import AHEAD_SECONDS


def name_each_other(far: Node, near: Node, url: str) -> None:
    """As after `tocsin peer trust` on both sides, and `tocsin token revoke` on the far one."""
    for one, other, name, address in ((far, near, "near", "https://near.example"), (near, far, "far", url)):
        by = one.access.operator()
        peer, token = one.exchange.add_peer(by, name, address, allow_private=True)
        one.access.revoke_token(by, token.split("_")[1])
        keys = other.keys.identity
        one.store.peers.replace(
            msgspec.structs.replace(
                peer, status=PeerStatus.TRUSTED, node_key=keys.public, identity=keys.stix_identity
            )
        )


@pytest.mark.net
@pytest.mark.slow
def test_a_peer_pulls_by_its_key(tmp_path: Path) -> None:
    token = make_node(tmp_path / "far", pull_seconds=0)
    make_node(tmp_path / "near", pull_seconds=0)
    port = free_port()
    far, near = Node(tmp_path / "far"), Node(tmp_path / "near")
    name_each_other(far, near, f"http://127.0.0.1:{port}")
    far.close()
    with serving(tmp_path / "far", token, port):
        pulled = until_it_counts(near)
        assert pulled.error is None
        peer = near.store.peers.get("far")
        assert peer is not None
        near.store.peers.replace(msgspec.structs.replace(peer, node_key=bytes(range(32))))
        (for_another,) = near.exchange.pull_all(forced=True)
        assert for_another.error is not None
        assert "401" in for_another.error, "signed for a node that this one is not"
    near.close()


def until_it_counts(near: Node) -> Pulled:
    """A node that has just started takes no signature for some seconds."""
    for _ in range(3):
        (pulled,) = near.exchange.pull_all(forced=True)
        if pulled.error is None:
            return pulled
        time.sleep(AHEAD_SECONDS)
    (pulled,) = near.exchange.pull_all(forced=True)
    return pulled
