"""The audit trail, peers, leases and cursors."""

import threading

import msgspec
import pytest

from tests.contracts.store.places import Place
from tests.contracts.store.samples import DAY, START, review, warning
from tocsin.kernel import TLP, Conflict, Erasure, Hold, NotFound, Peer, PeerStatus, WarningStatus
from tocsin.store import AuditRow, Store
from tocsin.trust.day_keys import Gone, What


def act(number: int, who: str = "ana", what: str = "warning.review") -> AuditRow:
    return AuditRow(
        START + number, who, what, f"w{number}", "triage", "done", {"n": number, "share": 0.5, "s": "x"}
    )


def test_the_trail_is_read_newest_first_and_filtered(store: Store) -> None:
    for number, who, what in ((1, "ana", "a"), (2, "bo", "a"), (3, "ana", "b"), (4, "ana", "a")):
        store.audit.write(act(number, who, what))
    everything = store.audit.read()
    assert [row.subject for row in everything] == ["w4", "w3", "w2", "w1"]
    assert [row.seq for row in everything] == [4, 3, 2, 1]
    assert everything[0] == msgspec.structs.replace(act(4, "ana", "a"), seq=4)
    assert [row.subject for row in store.audit.read(who="ana")] == ["w4", "w3", "w1"]
    assert [row.subject for row in store.audit.read(act="a")] == ["w4", "w2", "w1"]
    assert [row.subject for row in store.audit.read(who="ana", act="a", limit=1)] == ["w4"]


def test_peers_are_named_once_and_replaced(store: Store) -> None:
    lab = Peer(
        "lab",
        "https://lab.example",
        node_key=b"\x00" * 32,
        credential=b"\xff",
        ceiling=TLP.AMBER_STRICT,
        purposes=("misuse-defence", "study"),
        created=START,
    )
    store.peers.add(lab)
    store.peers.add(Peer("aim", "https://aim.example"))
    with pytest.raises(Conflict):
        store.peers.add(Peer("lab", "https://other.example"))
    assert store.peers.get("lab") == lab
    assert [peer.name for peer in store.peers.list()] == ["aim", "lab"]
    changed = msgspec.structs.replace(lab, status=PeerStatus.TRUSTED, cursor="c", failures=2)
    store.peers.replace(changed)
    assert store.peers.get("lab") == changed
    assert store.peers.get("nobody") is None
    with pytest.raises(NotFound):
        store.peers.replace(Peer("nobody", "https://x.example"))


def test_a_lease_is_held_by_one_until_it_ends(store: Store) -> None:
    assert store.jobs.lease("pull", "a", now=100, ttl=50)
    assert not store.jobs.lease("pull", "b", now=149, ttl=50)
    assert store.jobs.lease("pull", "a", now=140, ttl=50)
    assert not store.jobs.lease("pull", "b", now=189, ttl=50)
    assert store.jobs.lease("pull", "b", now=190, ttl=50)
    assert not store.jobs.lease("pull", "a", now=200, ttl=50)
    assert store.jobs.lease("other", "a", now=200, ttl=50)
    store.jobs.release_lease("pull", "a")
    assert not store.jobs.lease("pull", "a", now=200, ttl=50)
    store.jobs.release_lease("pull", "b")
    assert store.jobs.lease("pull", "a", now=200, ttl=50)


def test_of_many_that_want_a_lease_at_once_one_gets_it(place: Place) -> None:
    stores = [place.open() for _ in range(6)]
    barrier = threading.Barrier(len(stores))
    got: list[bool] = []

    def take(store: Store, holder: str) -> None:
        barrier.wait()
        got.append(store.jobs.lease("correlate", holder, now=1, ttl=10))

    threads = [threading.Thread(target=take, args=(store, str(n))) for n, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 5 + [True]


def test_cursors_are_kept(place: Place) -> None:
    store = place.open()
    assert store.jobs.cursor("correlate") is None
    store.jobs.set_cursor("correlate", "5")
    store.jobs.set_cursor("correlate", "7")
    assert place.open().jobs.cursor("correlate") == "7"


def test_an_audit_is_read_from_a_moment_on(store: Store) -> None:
    for at in (1, 2, 3):
        store.audit.write(AuditRow(at=at, who="u", act="a", subject="", purpose="", outcome="done"))
    assert [row.at for row in store.audit.read(act="a", since=2)] == [3, 2]


def test_what_is_gone_is_kept_in_order_and_once(store: Store) -> None:
    lines = [Gone(seq, What.DAY, f"2026-11-{seq:02d}", seq, "ab") for seq in (1, 2, 3)]
    store.gone.add(lines[:2])
    store.gone.add(())
    store.gone.add(lines[2:])
    assert list(store.gone.list()) == lines
    with pytest.raises(Conflict):
        store.gone.add(lines[2:])
    store.gone.replace(lines[:1])
    assert list(store.gone.list()) == lines[:1]


def test_holds_and_receipts(store: Store) -> None:
    hold = Hold("h1", "ps_1", "u", 5, "a court's order")
    store.erasures.hold(hold)
    store.erasures.hold(Hold("h2", "ps_2", "u", 4, "another", until=9))
    assert [one.id for one in store.erasures.holds()] == ["h2", "h1"]
    assert store.erasures.holds("ps_1") == (hold,)
    lifted = msgspec.structs.replace(hold, lifted=8, account="ticket")
    store.erasures.hold(lifted)
    assert store.erasures.holds("ps_1") == ()
    assert store.erasures.holds("ticket") == (lifted,)
    first = Erasure("t1", 1, "u", ("a", "b"), "asked", 4, 3, 2)
    store.erasures.add(first)
    store.erasures.add(msgspec.structs.replace(first, at=2))
    assert [one.at for one in store.erasures.list()] == [2, 1]


def test_fingerprints_leave_unreviewed_warnings_that_are_over(store: Store) -> None:
    for number, last in ((1, START), (2, START), (3, START + DAY)):
        store.warnings.upsert(warning(number, last_seen=last))
    store.warnings.review(review("warning-2", WarningStatus.CONFIRMED))
    assert store.warnings.forget_signatures(before=START + DAY) == 1
    assert store.warnings.forget_signatures(before=START + DAY) == 0
    kept = {one.id: one.signature for one in store.warnings.list()}
    assert kept == {"warning-1": None, "warning-2": b"\x00\xff", "warning-3": b"\x00\xff"}
