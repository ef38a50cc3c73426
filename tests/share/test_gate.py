"""The gate over a real store: preview is publish, publish is what the peer gets, and the log comes first."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.share.said import (
    AUTHOR,
    NOW,
    PEER,
    PURPOSE,
    changed,
    confirmed,
    foreign,
    of_type,
    review,
    signed,
    warning,
)
from tocsin.kernel import TLP, BadInput, Conflict, Event, Kind, PeerStatus, Unavailable, micros
from tocsin.share import Gate, ReleaseStopped, candidates, describe, never_leaves, publish, standing_of
from tocsin.share.decision import manifest_digest
from tocsin.store import open_store
from tocsin.store.interface import JournalRow, ReleaseFilter, Store
from tocsin.trust.policy import Policies
from tocsin.wire.stix import own_id

GATE = Gate(Policies.load())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path, None)
    store.migrate()
    store.peers.add(PEER)
    store.records.put(confirmed())
    yield store
    store.close()


def released(store: Store, peer: str | None = "lab") -> dict[str, bytes]:
    return {row.id: row.stix for row in store.releases.page(peer, ReleaseFilter(limit=1000)).rows}


def test_preview_publish_and_what_the_peer_gets_are_one(store: Store) -> None:
    preview = GATE.preview(store, PEER, PURPOSE, now=NOW)
    assert released(store) == {}
    assert store.releases.manifests() == ()
    manifest = GATE.publish(store, PEER, PURPOSE, by="u", expected=preview.manifest.digest, now=NOW)
    assert manifest == preview.manifest
    assert released(store) == preview.final
    ((_, by, logged),) = store.releases.manifests(peer="lab")
    assert (by, logged) == ("u", manifest)
    assert manifest_digest(logged) == manifest.digest
    assert released(store, "institute") == {}


def test_what_was_released_is_not_released_again(store: Store) -> None:
    GATE.publish(store, PEER, PURPOSE, by="u", expected=None, now=NOW)
    assert candidates(store, PEER, now=micros(NOW)) == ()
    assert GATE.publish(store, PEER, PURPOSE, by="u", expected=None, now=NOW).entries == ()
    later = NOW + timedelta(hours=1)
    newer = describe(warning(actors=99), review(), author=AUTHOR, name="platform", tlp=TLP.GREEN, now=later)
    store.records.put([of_type(newer, "campaign")])
    again = GATE.publish(store, PEER, PURPOSE, by="u", expected=None, now=later)
    assert [entry.type for entry in again.released] == ["campaign"]


def test_a_preview_that_is_no_longer_true_is_not_published(store: Store) -> None:
    seen = GATE.preview(store, PEER, PURPOSE, now=NOW).manifest.digest
    later = NOW + timedelta(hours=1)
    newer = describe(warning(actors=99), review(), author=AUTHOR, name="platform", tlp=TLP.GREEN, now=later)
    store.records.put([of_type(newer, "campaign")])
    with pytest.raises(Conflict, match="changed since"):
        GATE.publish(store, PEER, PURPOSE, by="u", expected=seen, now=NOW)
    assert released(store) == {}
    assert store.releases.manifests() == ()


def test_the_manifest_is_kept_before_anything_is_released(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise Unavailable("the disk is full")

    draft = GATE.preview(store, PEER, PURPOSE, now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(type(store.releases), "log_manifest", full)
        with pytest.raises(Unavailable):
            publish(store, draft, by="u", at=micros(NOW))
    assert released(store) == {}
    with monkeypatch.context() as patched:
        patched.setattr(type(store.releases), "release", full)
        with pytest.raises(Unavailable):
            publish(store, draft, by="u", at=micros(NOW))
    assert [manifest.digest for _, _, manifest in store.releases.manifests()] == [draft.manifest.digest]


def test_bytes_that_changed_after_the_decision_stop_the_release(store: Store) -> None:
    draft = GATE.preview(store, PEER, PURPOSE, now=NOW)
    name = next(iter(draft.final))
    other = msgspec.structs.replace(draft, final=draft.final | {name: b"{}"})
    with pytest.raises(ReleaseStopped, match="other bytes"):
        publish(store, other, by="u", at=micros(NOW))
    renamed = msgspec.structs.replace(
        draft, manifest=msgspec.structs.replace(draft.manifest, peer="institute")
    )
    with pytest.raises(ReleaseStopped, match="digest"):
        publish(store, renamed, by="u", at=micros(NOW))
    assert released(store) == {}
    assert released(store, "institute") == {}
    assert store.releases.manifests() == ()


def test_unsigned_records_of_others_are_not_offered(store: Store) -> None:
    theirs = foreign(changed(of_type(confirmed(), "campaign"), id=own_id("campaign", "theirs")), peer="third")
    store.records.put([msgspec.structs.replace(theirs, id=own_id("campaign", "theirs"), author="x")])
    assert {record.id for record in candidates(store, PEER, now=micros(NOW))} == {
        record.id for record in confirmed()
    }


def test_a_signed_record_of_another_is_offered_to_all_but_its_author_and_its_giver(tmp_path: Path) -> None:
    store = open_store(tmp_path / "relay", None)
    store.migrate()
    third = msgspec.structs.replace(PEER, name="third", identity=own_id("identity", "third"))
    author = msgspec.structs.replace(PEER, name="author", identity=AUTHOR)
    for peer in (PEER, third, author):
        store.peers.add(peer)
    theirs = [foreign(signed(record), peer="third") for record in confirmed() if record.author == AUTHOR]
    imported = foreign(
        msgspec.structs.replace(of_type(tuple(theirs), "report"), id=own_id("report", "file")), peer=None
    )
    store.records.put([*theirs, imported])
    assert {record.id for record in candidates(store, PEER, now=micros(NOW))} == {
        record.id for record in theirs
    }
    assert candidates(store, third, now=micros(NOW)) == ()
    assert candidates(store, author, now=micros(NOW)) == ()
    store.peers.replace(msgspec.structs.replace(third, status=PeerStatus.SUSPENDED))
    assert candidates(store, PEER, now=micros(NOW)) == (), "nor is passed on what a suspended peer gave"
    store.close()


def test_standing_knows_what_was_given_and_released(store: Store) -> None:
    record = foreign(of_type(confirmed(), "indicator"), peer="lab")
    theirs = msgspec.structs.replace(record, id=own_id("indicator", "theirs"), author="x")
    store.records.put([theirs])
    before = standing_of(store, PEER, PURPOSE, now=micros(NOW), sighting_delay=0)
    assert (before.given, before.released, before.sightings) == (frozenset({theirs.id}), frozenset(), 0)
    GATE.publish(store, PEER, PURPOSE, by="u", expected=None, now=NOW)
    after = standing_of(store, PEER, PURPOSE, now=micros(NOW) + 1_000_000, sighting_delay=0)
    assert after.released == {
        entry.id for entry in GATE.preview(store, PEER, PURPOSE, now=NOW).manifest.entries
    } | {one.id for one in confirmed()}
    assert after.sightings == 1
    assert (
        standing_of(store, PEER, PURPOSE, now=micros(NOW) + 8 * 86_400_000_000, sighting_delay=0).sightings
        == 0
    )


def test_a_peer_that_is_not_trusted_gets_nothing(store: Store) -> None:
    added = msgspec.structs.replace(PEER, status=PeerStatus.ADDED)
    manifest = GATE.publish(store, added, PURPOSE, by="u", expected=None, now=NOW)
    assert manifest.released == ()
    assert len(manifest.entries) == len(confirmed())
    assert released(store) == {}


@pytest.mark.parametrize("purpose", ["", "  "])
def test_a_purpose_is_named(store: Store, purpose: str) -> None:
    with pytest.raises(BadInput, match="purpose"):
        GATE.preview(store, PEER, purpose, now=NOW)


def event(identifier: str, at: datetime) -> JournalRow:
    found = Event(
        id=identifier,
        time=micros(at),
        received=micros(at),
        source="s",
        kind=Kind.POST,
        actor="ps_" + "0" * 32,
        seal_day="2026-03-05",
    )
    return JournalRow(event=found, signals=(), sealed=b"x", fingerprint=None)


def test_an_event_id_or_a_pseudonym_never_leaves(store: Store) -> None:
    store.events.append(
        [event("evt-000123456", NOW), event("2.1", NOW), event("2026-03-05T10:20:30.123Z", NOW)]
    )
    check = never_leaves(store)
    assert set(check(frozenset({"evt-000123456", "2.1", "2026-03-05T10:20:30.123Z", "scam"}))) == {
        "evt-000123456"
    }
    pseudonym = "PS_" + "a1" * 16
    assert set(check(frozenset({pseudonym, f"x{pseudonym}x"}))) == {pseudonym, f"x{pseudonym}x"}
    GATE.preview(store, PEER, PURPOSE, now=NOW)
    later = NOW + timedelta(hours=1)
    for leak in ("evt-000123456", f"of {pseudonym}"):
        later += timedelta(hours=1)
        told = describe(
            warning(), review(basis=f"see {leak}."), author=AUTHOR, name="platform", tlp=TLP.GREEN, now=later
        )
        store.records.put([of_type(told, "indicator")])
        with pytest.raises(ReleaseStopped, match="never leaves"):
            GATE.publish(store, PEER, PURPOSE, by="u", expected=None, now=later)
        assert released(store) == {}
