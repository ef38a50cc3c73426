"""Peers that misbehave, over real HTTP: a fault that names them, nothing kept, and a longer pause each time."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tests import hostile_peer
from tests.hostile_peer import ADDED, HostilePeer, Script, answer, page_of, taxii
from tests.share.said import AUTHOR, NOW, OTHER, changed, confirmed, of_type
from tocsin.ingest import pull_pages as pulling
from tocsin.ingest.pull import BACKOFF_SECONDS, MAX_BACKOFF_SECONDS, PullOutcome, failed, pull
from tocsin.kernel import NotAllowed, Origin, Peer, PeerFault, PeerStatus, Record, micros
from tocsin.net import Client, self_signed, spki_pin
from tocsin.share import indicators_from
from tocsin.store import open_store
from tocsin.store.interface import Store

pytestmark = pytest.mark.net

THEIRS = confirmed()
"""What the peer says, all of it its own: AUTHOR is the identity that was pinned."""
OBJECTS = [record.stix for record in THEIRS]
INDICATOR = of_type(THEIRS, "indicator")
CAMPAIGN = of_type(THEIRS, "campaign")
TOKEN = "tocsin_0123456789ab_" + "s" * 43
LATER = "2026-03-06T00:00:00.000Z"


def clock() -> datetime:
    return NOW


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path, None)
    store.migrate()
    yield store
    store.close()


def name_peer(store: Store, url: str, **changes: object) -> Peer:
    peer = Peer(name="rival", url=url, status=PeerStatus.TRUSTED, identity=AUTHOR, allow_private=True)
    peer = msgspec.structs.replace(peer, **changes)
    store.peers.add(peer)
    return peer


def pull_from(store: Store, script: Script, timeout: float = 10.0) -> PullOutcome:
    with HostilePeer(script) as it:
        peer = store.peers.get("rival")
        if peer is None:
            peer = name_peer(store, it.url)
        store.peers.replace(msgspec.structs.replace(peer, url=it.url))
        now = store.peers.get("rival")
        assert now is not None
        return pull(now, store, Client(timeout=timeout, limit=1_000_000), clock, TOKEN)


def refused(store: Store, script: Script, timeout: float = 10.0, pages_before: int = 0) -> str:
    """The fault's message, after checking that it names the peer, keeps nothing of its page, and sets the pause.

    `pages_before` good pages came before the bad one, each with one record that was new: these stay.
    """
    before = store.records.list()
    row = store.peers.get("rival")
    failures = row.failures if row else 0
    with pytest.raises(PeerFault) as caught:
        pull_from(store, script, timeout)
    assert caught.value.peer == "rival"
    assert caught.value.message.startswith("peer rival: ")
    assert TOKEN not in caught.value.message
    assert len(store.records.list()) == len(before) + pages_before, (
        "nothing may be kept of a page that failed"
    )
    after = store.peers.get("rival")
    assert after is not None
    failures = 0 if pages_before else failures
    assert after.failures == failures + 1
    assert after.last_error == caught.value.message
    assert after.retry_at == micros(NOW) + min(BACKOFF_SECONDS << failures, MAX_BACKOFF_SECONDS) * 1_000_000
    assert after.last_pull == (row.last_pull if row else None)
    if not pages_before:
        assert after.cursor == (row.cursor if row else None)
    return caught.value.message


def test_an_honest_peer_is_heard_once(store: Store) -> None:
    outcome = pull_from(store, taxii(page_of(*OBJECTS[:3], following="n"), page_of(*OBJECTS[3:])))
    assert outcome.pages == 2
    own = [record for record in THEIRS if record.type != "extension-definition" and record.author == AUTHOR]
    assert {record.id for record in outcome.records} == {record.id for record in own}
    assert {record.origin for record in outcome.records} == {Origin.PEER}
    assert {record.peer for record in outcome.records} == {"rival"}
    row = store.peers.get("rival")
    assert row is not None
    assert (row.cursor, row.failures, row.retry_at, row.last_error) == (ADDED, 0, None, None)
    (indicator,) = indicators_from(store.records.list())
    assert indicator.peer == "rival"
    assert pull_from(store, taxii(page_of(*OBJECTS))).records == ()


def test_a_pull_resumes_at_its_cursor_and_asks_with_its_token(store: Store) -> None:
    with HostilePeer(taxii(page_of(*OBJECTS), page_of(following=None))) as it:
        peer = name_peer(store, it.url)
        client = Client(timeout=10)
        pull(peer, store, client, clock, TOKEN)
        after = store.peers.get("rival")
        assert after is not None
        pull(after, store, client, clock, TOKEN)
        asked = [one.path for one in it.asked if "/objects/" in one.path]
    assert "added_after" not in asked[0]
    assert "added_after=2026-03-05T10%3A20%3A31.000000Z" in asked[1]
    assert {one.headers["authorization"] for one in it.asked} == {f"Bearer {TOKEN}"}


def test_a_fault_is_forgiven_by_a_good_answer(store: Store) -> None:
    refused(store, hostile_peer.garbage)
    refused(store, hostile_peer.garbage)
    pull_from(store, taxii(page_of(*OBJECTS)))
    row = store.peers.get("rival")
    assert row is not None
    assert (row.failures, row.retry_at, row.last_error) == (0, None, None)


def test_the_pause_doubles_up_to_its_end() -> None:
    peer = Peer(name="rival", url="https://rival.example")
    pauses = []
    for _ in range(40):
        peer = failed(peer, "no", 0)
        assert peer.retry_at is not None
        pauses.append(peer.retry_at // 1_000_000)
    assert pauses[:4] == [30, 60, 120, 240]
    assert pauses[-1] == MAX_BACKOFF_SECONDS
    assert pauses == sorted(pauses)


def test_only_a_trusted_peer_is_asked(store: Store) -> None:
    with HostilePeer(taxii(page_of(*OBJECTS))) as it:
        for changes in ({"status": PeerStatus.ADDED}, {"status": PeerStatus.SUSPENDED}, {"identity": None}):
            peer = msgspec.structs.replace(
                Peer(
                    name="rival", url=it.url, status=PeerStatus.TRUSTED, identity=AUTHOR, allow_private=True
                ),
                **changes,
            )
            with pytest.raises(NotAllowed):
                pull(peer, store, Client(), clock, TOKEN)
        assert it.asked == []


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (hostile_peer.garbage, "not HTTP"),
        (hostile_peer.silence, "broke off"),
        (hostile_peer.redirect("https://elsewhere.example/taxii2/"), "redirected"),
        (hostile_peer.endless_body, "longer than"),
        (hostile_peer.endless_chunks, "longer than"),
        (hostile_peer.endless_headers, "not HTTP"),
        (hostile_peer.huge_length, "longer than"),
        (hostile_peer.short_body, "broke off"),
        (hostile_peer.gzip_bomb(20_000_000), "longer than"),
        (hostile_peer.torn_gzip, "gzip"),
        (hostile_peer.honest(b"{}", media_type="text/html"), "media type"),
        (hostile_peer.honest(b"{}", media_type="application/taxii+json;version=2.0"), "media type"),
        (hostile_peer.honest(b"{}", status="401 Unauthorized"), "does not let us in"),
        (hostile_peer.honest(b"{}", status="500 Oops"), "answered 500"),
        (hostile_peer.honest(b"{"), "cannot be read"),
        (hostile_peer.honest(b"[" * 100_000), "cannot be read"),
        (hostile_peer.honest(b'{"title":"t"}'), "no TAXII API root"),
        (taxii(root="https://elsewhere.example/taxii2/tocsin/"), "another address"),
        (taxii(root="//elsewhere.example/taxii2/tocsin/"), "another address"),
        (taxii(b"{"), "JSON"),
        (taxii(b"[]"), "envelope"),
        (taxii(b'{"objects":[1]}'), "without an id"),
        (taxii(b'{"objects":[{"id":7}]}'), "without an id"),
        (taxii(page_of(b'{"id":"x","type":"indicator"}')), "not sound"),
        (taxii(page_of(*OBJECTS), added=("yesterday",)), "does not say when"),
        (taxii(page_of(*OBJECTS), added=("",)), "does not say when"),
        (taxii(b'{"more":true,"next":"n"}'), "does not give them"),
        (taxii(page_of(OBJECTS[0], following="")), "does not give them"),
    ],
)
def test_an_answer_that_is_wrong(store: Store, script: Script, words: str) -> None:
    assert words in refused(store, script)


@pytest.mark.parametrize("drip", [hostile_peer.slow_drip, hostile_peer.slow_headers])
def test_a_slow_drip(store: Store, drip: Callable[[threading.Event], Script]) -> None:
    ended = threading.Event()
    try:
        assert "no complete answer within" in refused(store, drip(ended), timeout=0.4)
    finally:
        ended.set()


@pytest.mark.parametrize(
    ("second", "added", "words"),
    [
        (page_of(INDICATOR.stix, following="n"), ADDED, "does not give them"),
        (page_of(INDICATOR.stix), "2026-03-01T00:00:00.000000Z", "run backwards"),
        (page_of(changed(CAMPAIGN, name="another").stix), ADDED, "another content for a version"),
        (page_of(b'{"id":"x","type":"indicator"}'), ADDED, "not sound"),
        (b"{", ADDED, "JSON"),
    ],
)
def test_a_bad_page_after_a_good_one(store: Store, second: bytes, added: str, words: str) -> None:
    script = taxii(page_of(CAMPAIGN.stix, following="n"), second, added=(ADDED, added))
    assert words in refused(store, script, pages_before=1)
    row = store.peers.get("rival")
    assert row is not None
    assert row.behind
    assert row.cursor == "2026-03-05T10:20:30.999999Z", "a moment before the page that was kept"
    outcome = pull_from(store, taxii(page_of(CAMPAIGN.stix, INDICATOR.stix)))
    assert [record.id for record in outcome.records] == [INDICATOR.id], "each change once"
    row = store.peers.get("rival")
    assert row is not None
    assert (row.cursor, row.behind, row.failures) == (ADDED, False, 0)


def test_endless_pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = hostile_peer.endless_pages(lambda _: INDICATOR.stix)
    monkeypatch.setattr(pulling, "MAX_PULL_PAGES", 5)
    first = pull_from(store, endless)
    assert (first.pages, len(first.records), first.more) == (5, 1, True)
    with pytest.raises(PeerFault, match="do not end and hold nothing new"):
        pull_from(store, hostile_peer.endless_pages(lambda _: INDICATOR.stix))
    monkeypatch.setattr(pulling, "MAX_PULL_PAGES", 1_000)
    monkeypatch.setattr(pulling, "MAX_PULL_OBJECTS", 7)
    with HostilePeer(hostile_peer.endless_pages(lambda _: INDICATOR.stix)) as it:
        row = store.peers.get("rival")
        assert row is not None
        store.peers.replace(row := msgspec.structs.replace(row, url=it.url))
        with pytest.raises(PeerFault, match="do not end"):
            pull(row, store, Client(timeout=10), clock, TOKEN)
        assert len([one for one in it.asked if "/objects/" in one.path]) == 7


def test_a_peer_with_more_than_one_pull_holds_is_heard_in_turns(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "MAX_PULL_OBJECTS", 1)
    moments = ("2026-03-05T10:20:31.000000Z", "2026-03-05T10:20:32.000000Z")
    first = pull_from(store, taxii(page_of(CAMPAIGN.stix, following="n"), added=moments))
    assert (first.more, [record.id for record in first.records]) == (True, [CAMPAIGN.id])
    row = store.peers.get("rival")
    assert row is not None
    assert (row.behind, row.last_pull, row.failures) == (True, None, 0)
    second = pull_from(store, taxii(page_of(CAMPAIGN.stix, INDICATOR.stix), added=moments[1:]))
    assert (second.more, [record.id for record in second.records]) == (False, [INDICATOR.id])


def test_a_page_that_is_too_large_is_asked_for_in_smaller_pieces(store: Store) -> None:
    large = page_of(*OBJECTS) + b" " * 1_100_000  # over the limit of `pull_from`
    small = taxii(page_of(*OBJECTS))

    def script(asked: hostile_peer.Asked) -> Iterator[bytes]:
        if "/objects/" in asked.path and f"limit={pulling.SMALL_PAGE}" not in asked.path:
            yield answer(large, headers={"X-TAXII-Date-Added-Last": ADDED})
        else:
            yield from small(asked)

    assert pull_from(store, script).records != ()
    always = taxii(large, large)
    assert "longer than" in refused(store, always)


def test_a_wrong_tls_key(store: Store) -> None:
    other, _ = self_signed("other", ["127.0.0.1"], now=datetime.now(UTC))
    with HostilePeer(taxii(page_of(*OBJECTS)), tls=True) as it:
        peer = name_peer(store, it.url, tls_pin=spki_pin(other))
        with pytest.raises(PeerFault, match="peer rival: its TLS key is not the one"):
            pull(peer, store, Client(timeout=10), clock, TOKEN)
        assert it.asked == [], "the token must not be sent"
    assert store.records.list() == ()
    row = store.peers.get("rival")
    assert row is not None
    assert row.retry_at is not None


def older(record: Record) -> bytes:
    """The same object, said to be older than it is."""
    return changed(record, created="2025-01-01T00:00:00.000Z", modified="2025-01-01T00:00:00.000Z").stix


def test_an_older_version_presented_as_newer(store: Store) -> None:
    pull_from(store, taxii(page_of(*OBJECTS)))
    again = taxii(page_of(older(CAMPAIGN)), added=("2026-03-09T00:00:00.000000Z",))
    assert "older version" in refused(store, again)


def test_two_contents_for_one_version_we_hold(store: Store) -> None:
    pull_from(store, taxii(page_of(*OBJECTS)))
    message = refused(store, taxii(page_of(changed(CAMPAIGN, name="another").stix)))
    assert "another content for a version" in message
    kept = store.records.get(CAMPAIGN.id)
    assert kept is not None
    assert kept.stix == CAMPAIGN.stix


def test_two_contents_for_one_version_on_one_page(store: Store) -> None:
    script = taxii(page_of(CAMPAIGN.stix, changed(CAMPAIGN, name="another").stix))
    assert "two contents" in refused(store, script)


def test_the_same_twice_in_one_pull_is_once(store: Store) -> None:
    outcome = pull_from(store, taxii(page_of(CAMPAIGN.stix, CAMPAIGN.stix)))
    assert [record.id for record in outcome.records] == [CAMPAIGN.id]


@pytest.mark.parametrize(
    "stix",
    [
        changed(CAMPAIGN, created_by_ref=OTHER).stix,
        changed(CAMPAIGN, created_by_ref=None).stix,
        changed(of_type(THEIRS, "identity"), id=OTHER).stix,
    ],
)
def test_another_authors_object(store: Store, stix: bytes) -> None:
    assert "not its own to write" in refused(store, taxii(page_of(INDICATOR.stix, stix)))


def test_an_object_that_somebody_else_wrote_here_before(store: Store) -> None:
    theirs = msgspec.structs.replace(CAMPAIGN, author=OTHER, peer="other", origin=Origin.PEER)
    store.records.put([theirs])
    newer = changed(CAMPAIGN, modified=LATER).stix
    assert "another author" in refused(store, taxii(page_of(newer)))


def test_a_bent_definition_of_the_standard(store: Store) -> None:
    bent = changed(of_type(THEIRS, "extension-definition"), description="bent").stix
    assert "never changes" in refused(store, taxii(page_of(bent)))


def test_an_extension_of_ours_that_breaks_its_schema(store: Store) -> None:
    extensions = msgspec.json.decode(INDICATOR.stix)["extensions"]
    for extension in extensions.values():
        extension["signature"] = "AAAA"
    assert "extension is not as" in refused(
        store, taxii(page_of(changed(INDICATOR, extensions=extensions).stix))
    )


def test_one_bad_object_spoils_the_whole_page(store: Store) -> None:
    assert "not sound" in refused(store, taxii(page_of(*OBJECTS, b'{"id":"x"}')))
    assert store.records.list() == ()


def test_an_operators_word_during_a_pull_stands(store: Store) -> None:
    honest = taxii(page_of(*OBJECTS))

    def suspending(asked: hostile_peer.Asked) -> Iterator[bytes]:
        row = store.peers.get("rival")
        assert row is not None
        store.peers.replace(msgspec.structs.replace(row, status=PeerStatus.SUSPENDED))
        yield from honest(asked)

    with pytest.raises(NotAllowed):
        pull_from(store, suspending)
    row = store.peers.get("rival")
    assert row is not None
    assert row.status is PeerStatus.SUSPENDED
    assert store.records.list() == ()


def test_collections_that_are_none(store: Store) -> None:
    def several(asked: hostile_peer.Asked) -> list[bytes]:
        if asked.path == "/taxii2/":
            return [answer(b'{"title":"t","default":"/r/"}')]
        one = b'{"id":"%s","title":"t","can_read":true,"can_write":false}'
        return [answer(b'{"collections":[' + one % b"a" + b"," + one % b"b/../c" + b"]}")]

    assert "no one collection" in refused(store, several)
