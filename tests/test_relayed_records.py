"""What a peer passes on of others, over real HTTP: taken when its author signed it, refused by field when not."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.hostile_peer import HostilePeer, page_of, taxii
from tests.share.said import AUTHOR, NOW, OTHER, changed, confirmed, of_type, review, signed, warning
from tocsin.ingest.pull import PeerEquivocated, PullOutcome, pull
from tocsin.kernel import TLP, Equivocation, Origin, Peer, PeerFault, PeerStatus, Record
from tocsin.net import Client
from tocsin.share import describe
from tocsin.store import open_store
from tocsin.store.interface import Store
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.signed_fields import Verified, sign, verify, withhold
from tocsin.trust.units import SIGNED_FIELDS
from tocsin.wire.stix import canonical

pytestmark = pytest.mark.net

SAID = tuple(signed(record) for record in confirmed() if record.author == AUTHOR)
INDICATOR = of_type(SAID, "indicator")
VALUE: dict[str, Any] = msgspec.json.decode(INDICATOR.stix)
ANOTHER = signed(changed(of_type(confirmed(), "indicator"), confidence=10))
"""The same author, id and version under another root."""


def clock() -> datetime:
    return NOW + timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path, None)
    store.migrate()
    yield store
    store.close()


def pull_from(store: Store, *objects: bytes, identity: str = OTHER, name: str = "relay") -> PullOutcome:
    """Pull from a peer that gives these objects; `identity` is the one pinned for it."""
    with HostilePeer(taxii(page_of(*objects))) as it:
        peer = Peer(name=name, url=it.url, status=PeerStatus.TRUSTED, identity=identity, allow_private=True)
        if store.peers.get(name) is None:
            store.peers.add(peer)
        store.peers.replace(peer)
        return pull(peer, store, Client(timeout=10, limit=1_000_000), clock, None)


def kept(store: Store, record: Record = INDICATOR) -> Record:
    found = store.records.get(record.id)
    assert found is not None
    return found


def test_what_others_signed_is_taken_under_its_authors_name(store: Store) -> None:
    outcome = pull_from(store, *(record.stix for record in SAID))
    assert {record.id for record in outcome.records} == {record.id for record in SAID}
    for record in SAID:
        found = kept(store, record)
        assert (found.origin, found.peer, found.author) == (Origin.PEER, "relay", AUTHOR)
        assert (found.root, found.stix, found.original) == (record.root, record.stix, None)


def test_what_others_did_not_sign_is_not_the_peers_to_give(store: Store) -> None:
    with pytest.raises(PeerFault, match="its author did not sign"):
        pull_from(store, of_type(confirmed(), "indicator").stix)
    assert store.records.list() == ()


@pytest.mark.parametrize("identity", [OTHER, AUTHOR], ids=["passed on", "its own"])
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"confidence": 81}, "/confidence"),
        ({"revoked": True}, "/revoked"),
        ({"lang": "en"}, "/lang"),
        ({"modified": "2026-03-05T10:20:30.124Z"}, "/modified"),
        ({"valid_until": "2030-01-01T00:00:00.000Z"}, "/valid_until"),
    ],
)
def test_a_change_is_refused_naming_the_field(
    store: Store, identity: str, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(PeerFault, match=f"is not what its author signed: {field} ") as caught:
        pull_from(store, canonical({**VALUE, **change}), identity=identity)
    assert INDICATOR.id in caught.value.message
    assert store.records.list() == ()


def test_the_bytes_as_received_are_kept_where_they_are_not_canonical(store: Store) -> None:
    spaced = msgspec.json.format(INDICATOR.stix, indent=2)
    pull_from(store, spaced)
    assert (kept(store).stix, kept(store).original) == (INDICATOR.stix, spaced)


def test_views_from_two_peers_join(store: Store) -> None:
    one, two = (canonical(withhold(VALUE, [gone])) for gone in ("/name", "/description"))
    pull_from(store, one)
    assert len(pull_from(store, two, name="another").records) == 1
    assert kept(store).stix == INDICATOR.stix
    assert pull_from(store, one, INDICATOR.stix, name="third").records == (), "nothing new"
    outcome = pull_from(store, INDICATOR.stix, identity=AUTHOR, name="author")
    assert outcome.records == (), "the author gives what we have"


def test_views_join_within_one_pull_of_the_author(store: Store) -> None:
    views = [canonical(withhold(VALUE, [gone])) for gone in ("/name", "/description")]
    pull_from(store, *views, identity=AUTHOR)
    assert kept(store).stix == INDICATOR.stix


def test_equivocation_passed_on_is_left_out_and_does_not_part_us_from_the_relay(store: Store) -> None:
    pull_from(store, INDICATOR.stix, identity=AUTHOR, name="author")
    campaign = of_type(SAID, "campaign")
    outcome = pull_from(store, ANOTHER.stix, campaign.stix)
    assert [record.id for record in outcome.records] == [campaign.id]
    (left,) = outcome.left_out
    assert isinstance(left, Equivocation)
    assert kept(store).stix == INDICATOR.stix
    both = pull_from(store, ANOTHER.stix, INDICATOR.stix, name="both").left_out
    assert [type(one) for one in both] == [Equivocation]


def test_an_author_that_equivocates_is_at_fault_itself(store: Store) -> None:
    pull_from(store, INDICATOR.stix, identity=AUTHOR)
    with pytest.raises(PeerEquivocated, match="equivocation") as caught:
        pull_from(store, ANOTHER.stix, identity=AUTHOR)
    assert caught.value.equivocation.detail.keys() >= {"kept_root", "given_root", "given_signature"}
    with pytest.raises(PeerEquivocated):
        pull_from(store, *(one.stix for one in (ANOTHER, INDICATOR)), identity=AUTHOR, name="twice")


def test_an_older_version_passed_on_is_passed_over(store: Store) -> None:
    later = tuple(signed(record) for record in describe_later() if record.id == INDICATOR.id)
    pull_from(store, later[0].stix)
    outcome = pull_from(store, INDICATOR.stix, name="slower")
    assert (outcome.records, outcome.left_out) == ((), ())
    assert pull_from(store, INDICATOR.stix, identity=AUTHOR, name="author").records == ()
    assert kept(store).stix == later[0].stix
    with pytest.raises(PeerFault, match="older version"):
        pull_from(store, later[0].stix, INDICATOR.stix, identity=AUTHOR, name="relay")


def describe_later() -> tuple[Record, ...]:
    return describe(
        warning(confidence=90),
        review(),
        author=AUTHOR,
        name="platform",
        tlp=TLP.GREEN,
        now=NOW + timedelta(hours=2),
    )


def test_a_name_of_another_author_is_not_taken_over(store: Store) -> None:
    pull_from(store, INDICATOR.stix)
    stranger = NodeIdentity(b"\x09" * 32)
    plain = {
        **msgspec.json.decode(of_type(confirmed(), "indicator").stix),
        "created_by_ref": stranger.stix_identity,
    }
    outcome = pull_from(store, canonical(sign(plain, stranger, bytes(32))), name="other")
    (left,) = outcome.left_out
    assert "another author" in left.message
    assert kept(store).author == AUTHOR


def test_what_is_kept_still_verifies(store: Store) -> None:
    pull_from(store, *(record.stix for record in SAID))
    for record in store.records.list():
        found = verify(msgspec.json.decode(record.stix))
        assert isinstance(found, Verified)
        assert SIGNED_FIELDS.encode() in record.stix
