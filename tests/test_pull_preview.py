"""A dry run of a pull, over real HTTP: it says what the pull then does, and leaves no trace here."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests import hostile_peer
from tests.hostile_peer import HostilePeer, Script, page_of, taxii
from tests.share.said import AUTHOR, NOW, OTHER, changed, confirmed, of_type
from tocsin.ingest.pull import pull
from tocsin.ingest.pull_preview import Change, PullPreview, preview_pull
from tocsin.kernel import NotAllowed, Peer, PeerStatus
from tocsin.net import Client
from tocsin.store import open_store
from tocsin.store.interface import Store
from tocsin.wire.stix import attach, canonical, timestamp
from tocsin.wire.stix.extensions import DismissalExtension

pytestmark = pytest.mark.net

THEIRS = confirmed()
OBJECTS = [record.stix for record in THEIRS]
INDICATOR = of_type(THEIRS, "indicator")
LATER = "2026-03-06T00:00:00.000Z"


def clock() -> datetime:
    return NOW


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path, None)
    store.migrate()
    yield store
    store.close()


def preview(store: Store, script: Script) -> PullPreview:
    """The preview, after checking that nothing whatever was written for it."""
    with HostilePeer(script) as it:
        peer = store.peers.get("rival") or Peer(
            name="rival", url="", status=PeerStatus.TRUSTED, identity=AUTHOR, allow_private=True
        )
        if store.peers.get("rival") is None:
            store.peers.add(peer)
        peer = msgspec.structs.replace(peer, url=it.url)
        store.peers.replace(peer)
        before = (store.records.list(), store.peers.list(), store.audit.read())
        found = preview_pull(peer, store, Client(timeout=10, limit=1_000_000), clock, None)
        assert (store.records.list(), store.peers.list(), store.audit.read()) == before
        return found


def pull_all(store: Store, *objects: bytes) -> set[str]:
    with HostilePeer(taxii(page_of(*objects))) as it:
        peer = store.peers.get("rival")
        assert peer is not None
        peer = msgspec.structs.replace(peer, url=it.url)
        return {record.id for record in pull(peer, store, Client(timeout=10), clock, None).records}


def version(**changes: Any) -> bytes:
    value: dict[str, Any] = msgspec.json.decode(INDICATOR.stix)
    return canonical(value | {"modified": LATER} | changes)


def test_it_names_what_the_pull_then_keeps(store: Store) -> None:
    found = preview(store, taxii(page_of(*OBJECTS[:3], following="n"), page_of(*OBJECTS[3:])))
    assert found.error is None
    assert found.pages == 2
    assert {seen.change for seen in found.changes} == {Change.NEW}
    assert {seen.id for seen in found.changes} == pull_all(store, *OBJECTS)
    again = preview(store, taxii(page_of(*OBJECTS)))
    assert again.changes == ()
    assert again.known == len(found.changes)


def test_versions_revocations_and_dismissals_are_told_apart(store: Store) -> None:
    preview(store, taxii(page_of()))
    pull_all(store, *OBJECTS)
    extensions = msgspec.json.decode(INDICATOR.stix)["extensions"]
    dismissing = DismissalExtension(reason="A lottery's own text.", expires=timestamp(4_000_000_000_000_000))
    for changes, change in (
        ({"confidence": 7}, Change.VERSION),
        ({"revoked": True}, Change.REVOKED),
        ({"indicator_types": ["benign"], "extensions": extensions | attach(dismissing)}, Change.DISMISSED),
    ):
        (seen,) = preview(store, taxii(page_of(version(**changes)))).changes
        assert (seen.change, seen.id, seen.version) == (change, INDICATOR.id, LATER)


def test_two_versions_in_one_pull_are_a_new_one_and_a_later_one(store: Store) -> None:
    found = preview(store, taxii(page_of(INDICATOR.stix, version())))
    assert [seen.change for seen in found.changes] == [Change.NEW, Change.VERSION]


def test_every_object_that_stands_in_the_way_is_named(store: Store) -> None:
    foreign = changed(INDICATOR, created_by_ref=OTHER).stix
    found = preview(store, taxii(page_of(*OBJECTS, foreign, b'{"type":"x","id":"\\u001b[31m"}')))
    assert found.error is not None
    assert [(seen.change, seen.id) for seen in found.changes] == [
        (Change.REFUSED, INDICATOR.id),
        (Change.REFUSED, "?"),
    ]
    assert "not its own to write" in found.changes[0].reason
    assert found.known == 0


def test_a_peer_that_answers_garbage_gets_no_pause_for_a_question(store: Store) -> None:
    found = preview(store, hostile_peer.garbage)
    assert found.error is not None
    assert found.error.startswith("peer rival: ")


def test_only_a_trusted_peer_is_asked(store: Store) -> None:
    peer = Peer(name="rival", url="http://127.0.0.1:1", status=PeerStatus.ADDED)
    with pytest.raises(NotAllowed):
        preview_pull(peer, store, Client(timeout=1), clock, None)
