"""This node's key: rotated and revoked, finished after a kill, and what peers make of it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.fixtures import Made
from tocsin.app.keyring import Keyring
from tocsin.app.node import Node
from tocsin.app.peer_history import read_about
from tocsin.kernel import (
    BadInput,
    Conflict,
    NotAllowed,
    Peer,
    PeerFault,
    PeerStatus,
    micros,
)
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.key_history import digest, keys_of, state, valid_key
from tocsin.trust.words import spoken

SECOND = 1_000_000


def says(made: Made) -> bytes:
    """The node's own answer to /v1/identity."""
    return msgspec.json.encode(made.node.exchange.about_me())


@pytest.fixture
def watcher(tmp_path: Path, made: Made) -> Made:
    """Another node that compared the first one's key."""
    other = Made(tmp_path / "watcher", made.now)
    by = other.node.access.operator()
    other.node.store.peers.add(Peer(name="made", url="http://127.0.0.1:1", allow_private=True))
    about, _ = read_about(says(made))
    other.node.exchange.trust_peer(by, "made", about, spoken(made.node.keys.identity.public))
    return other


def row(watcher: Made) -> Peer:
    found = watcher.node.store.peers.get("made")
    assert found is not None
    return found


def follow(watcher: Made, body: bytes) -> Peer:
    return watcher.node.exchange.key_history.follow(row(watcher), body)


def test_a_rotation_keeps_the_names_and_changes_the_key(made: Made) -> None:
    node, by = made.node, made.node.access.operator()
    before, other_process = node.keys.identity, Keyring(node.data / "keys")
    assert other_process.identity.public == before.public
    stated = node.own_keys.rotate(by)
    after = node.keys.identity
    assert (after.stix_identity, after.node_id) == (before.stix_identity, before.node_id)
    assert after.public.hex() == stated.new != stated.old == before.public.hex()
    assert other_process.identity.public == after.public, "a serving process notices"
    assert not (node.data / "keys" / "identity.next").exists()
    history = keys_of(before.stix_identity, node.own_keys.history())
    now = micros(made.now)
    assert valid_key(history, before.public, now - 1)
    assert not valid_key(history, before.public, now)
    assert valid_key(history, after.public, now)
    assert node.store.audit.read(limit=1)[0].act == "key.rotate"
    node.own_keys.rotate(by)
    assert Node(node.data, clock=made.clock).keys.identity.stix_identity == before.stix_identity


def test_a_peer_follows_a_rotation_by_itself(made: Made, watcher: Made) -> None:
    for _ in range(3):
        made.node.own_keys.rotate(made.node.access.operator())
        followed = follow(watcher, says(made))
        assert followed.status is PeerStatus.TRUSTED
        assert followed.node_key == made.node.keys.identity.public
        assert followed == row(watcher)
    assert watcher.node.store.audit.read(limit=1)[0].act == "peer.rotate"
    assert follow(watcher, says(made)) == row(watcher)


def test_a_stolen_key_is_the_end_of_trust_until_new_words_are_compared(made: Made, watcher: Made) -> None:
    since = micros(made.now - timedelta(hours=3))
    made.node.own_keys.revoke(made.node.access.operator(), since=since, reason="laptop stolen")
    body = says(made)
    with pytest.raises(NotAllowed, match="no longer trusted"):
        follow(watcher, body)
    assert row(watcher).status is PeerStatus.REVOKED
    assert [doubt.since for doubt in row(watcher).doubts] == [since]
    by, (about, _) = watcher.node.access.operator(), read_about(body)
    with pytest.raises(BadInput, match="another fingerprint"):
        watcher.node.exchange.trust_peer(by, "made", about, spoken(NodeIdentity(b"\x05" * 32).public))
    again = watcher.node.exchange.trust_peer(by, "made", about, spoken(made.node.keys.identity.public))
    assert (again.status, again.identity) == (PeerStatus.TRUSTED, made.node.keys.identity.stix_identity)
    assert follow(watcher, body) == again
    assert again.suspect(version=0, added=since)


def test_a_revocation_that_was_kept_and_not_acted_upon_is_acted_upon_later(made: Made, watcher: Made) -> None:
    made.node.own_keys.revoke(made.node.access.operator(), since=micros(made.now), reason="stolen")
    about, _ = read_about(says(made))
    watcher.node.exchange.key_history.keep(about)  # killed here
    with pytest.raises(NotAllowed):
        follow(watcher, says(made))
    assert row(watcher).status is PeerStatus.REVOKED


def test_a_thief_who_names_a_successor_makes_a_fork_and_nobody_is_believed(made: Made, watcher: Made) -> None:
    stolen, thief = made.node.keys.identity, NodeIdentity(b"\x66" * 32, made.node.keys.identity.public)
    at = micros(made.now) - 5
    rival = state(stolen, thief, seq=1, at=at)
    taken = msgspec.structs.replace(
        made.node.exchange.about_me(), public_key=thief.public.hex(), statements=(rival,)
    )
    made.node.own_keys.rotate(made.node.access.operator())
    follow(watcher, says(made))
    with pytest.raises(NotAllowed, match="two histories"):
        follow(watcher, msgspec.json.encode(taken))
    assert (row(watcher).status, row(watcher).doubts[0].since) == (PeerStatus.REVOKED, at)
    kept = watcher.node.store.keys.statements(stolen.stix_identity)
    assert {digest(one) for one in kept} == {digest(rival), digest(made.node.own_keys.history()[0])}
    by, (about, _) = watcher.node.access.operator(), read_about(says(made))
    with pytest.raises(Conflict, match="was revoked"):
        watcher.node.exchange.trust_peer(by, "made", about, spoken(made.node.keys.identity.public))


def bent(**changes: object) -> Callable[[Made], bytes]:
    return lambda made: msgspec.json.encode(msgspec.structs.replace(made.node.exchange.about_me(), **changes))


OTHER = NodeIdentity(b"\x05" * 32)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda _: b"{", "as a Tocsin node does"),
        (lambda _: b"[" * 100_000, "as a Tocsin node does"),
        (bent(public_key=OTHER.public.hex()), "not those of its key"),
        (bent(public_key="zz"), "as a Tocsin node does"),
        (bent(node_id=OTHER.node_id), "not those of its key"),
        (bent(identity=OTHER.stix_identity), "not those of its key|another identity"),
        (bent(statements=()), "not those of its key"),
        (
            bent(
                node_id=OTHER.node_id,
                identity=OTHER.stix_identity,
                public_key=OTHER.public.hex(),
                statements=(),
            ),
            "another node",
        ),
    ],
)
def test_what_a_peer_says_of_itself_and_is_not_so(
    made: Made, watcher: Made, answer: Callable[[Made], bytes], words: str
) -> None:
    made.node.own_keys.rotate(made.node.access.operator())
    follow(watcher, says(made))
    before = row(watcher)
    with pytest.raises(PeerFault, match=words):
        follow(watcher, answer(made))
    assert row(watcher) == before


def test_an_older_history_is_refused(made: Made, watcher: Made) -> None:
    old = says(made)
    made.node.own_keys.rotate(made.node.access.operator())
    follow(watcher, says(made))
    with pytest.raises(PeerFault, match="older key history"):
        follow(watcher, old)


def test_a_change_that_was_stated_is_finished_and_one_that_was_not_is_forgotten(made: Made) -> None:
    node, by = made.node, made.node.access.operator()
    left = node.keys.prepare_next()
    assert Node(node.data, clock=made.clock).keys.identity.public != left.public
    old, new = node.keys.identity, node.keys.prepare_next()
    stated = state(old, new, seq=1, at=micros(made.now))
    node.store.keys.add(stated, digest(stated), received=micros(made.now))  # killed here
    assert Node(node.data, clock=made.clock).keys.identity.public == new.public
    assert node.own_keys.rotate(by).seq == 2
    assert len(keys_of(old.stix_identity, node.own_keys.history()).spans) == 3


def test_who_may_change_the_key(made: Made) -> None:
    by = made.node.access.operator()
    nobody = msgspec.structs.replace(by, roles=frozenset())
    with pytest.raises(NotAllowed):
        made.node.own_keys.rotate(nobody)
    with pytest.raises(NotAllowed):
        made.node.own_keys.revoke(nobody, since=0, reason="x")
    with pytest.raises(BadInput, match="why"):
        made.node.own_keys.revoke(by, since=0, reason="")
    with pytest.raises(BadInput, match="later day"):
        made.node.own_keys.revoke(by, since=micros(made.now) + SECOND, reason="x")
    made.node.store.jobs.lease("identity-key", "another", now=micros(made.now), ttl=SECOND)
    with pytest.raises(Conflict, match="another command"):
        made.node.own_keys.rotate(by)
    assert made.node.own_keys.history() == ()
