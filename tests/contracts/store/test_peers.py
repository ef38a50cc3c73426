"""Groups, the history of keys, recalls and receipts, on either backend."""

from hashlib import sha256

import msgspec
import pytest

from tests.contracts.store.samples import START, manifest, record, release
from tocsin.kernel import TLP, Conflict, Group, KeyStatement, NotFound, Recall, Receipt
from tocsin.kernel.recalls import EVERYBODY
from tocsin.store import Store
from tocsin.store.interface import ReleaseFilter


def group(name: str = "defenders", **changes: object) -> Group:
    plain = Group(name=name, title="Defenders", purpose="misuse-defence", ceiling=TLP.AMBER, created=5)
    return msgspec.structs.replace(plain, **changes)


def test_groups_are_kept_by_name(store: Store) -> None:
    store.groups.add(group("b", members=("lab", "institute"), agreed="what we said, 我们说好的"))
    store.groups.add(group("a"))
    assert [one.name for one in store.groups.list()] == ["a", "b"]
    assert store.groups.get("b") == group(
        "b", members=("lab", "institute"), agreed="what we said, 我们说好的"
    )
    assert store.groups.get("c") is None
    with pytest.raises(Conflict):
        store.groups.add(group("a"))
    store.groups.replace(group("a", closed=9))
    assert store.groups.get("a") == group("a", closed=9)
    with pytest.raises(NotFound):
        store.groups.replace(group("c"))


def statement(seq: int = 1, at: int = 5, identity: str = "identity--1") -> KeyStatement:
    return KeyStatement("rotate", identity, seq, "ab" * 32, "cd" * 32, at, None, "01" * 64, "02" * 64)


def test_a_history_is_kept_by_sequence_with_its_forks(store: Store) -> None:
    store.keys.add(statement(2), "d2", received=1)
    store.keys.add(statement(1), "d1", received=2)
    store.keys.add(statement(1, at=6), "d3", received=3)
    store.keys.add(statement(1, at=7), "d1", received=4)  # known by its digest
    store.keys.add(statement(1, identity="identity--2"), "d1", received=5)
    assert store.keys.statements("identity--1") == (statement(1), statement(1, at=6), statement(2))
    assert store.keys.statements("identity--2") == (statement(1, identity="identity--2"),)
    assert store.keys.statements("identity--3") == ()


def test_the_latest_of_many_records_in_one_question(store: Store) -> None:
    store.records.put([record(1), record(1, START + 1), record(2)])
    asked = store.records.latest({record(1).id, record(2).id, record(3).id})
    assert {name: one.version for name, one in asked.items()} == {
        record(1).id: START + 1,
        record(2).id: START,
    }
    assert store.records.latest(()) == {}


def test_what_is_waiting_is_counted_by_peer_in_last_versions_and_no_further_than_asked(store: Store) -> None:
    for peer in ("lab", "institute"):
        store.releases.log_manifest(manifest(peer), by="user-1", at=START)
    store.releases.release([release(number, peer="lab") for number in range(5)])
    store.releases.release([release(0, START + 1, peer="lab"), release(9, peer="institute")])
    rows = store.releases.page("lab", ReleaseFilter(versions=("all",))).rows

    def waiting(after: int | None, most: int = 100, peer: str = "lab") -> int:
        return store.releases.waiting(peer, added_after=after, most=most)

    assert (waiting(None), waiting(None, peer="institute"), waiting(None, peer="nobody")) == (5, 1, 0)
    assert waiting(None, most=3) == 3
    assert waiting(rows[2].added) == 3
    assert waiting(rows[-1].added) == 0


def recall(number: int, peer: str = "lab", **changes: object) -> Recall:
    plain = Recall(f"indicator--{number}", "indicator", peer, 5, ("ab",), START, "user-1", "wrong peer")
    return msgspec.structs.replace(plain, **changes)


def receipt(number: int, **changes: object) -> Receipt:
    plain = Receipt(f"indicator--{number}", 5, "identity--1", "identity--2", ("ab",), "withdrawn", 9)
    return msgspec.structs.replace(plain, **changes)


def test_recalls_are_kept_by_peer_and_confirmed_once(store: Store) -> None:
    store.recalls.add([recall(1), recall(1, "institute"), recall(1, EVERYBODY), recall(2, at=START + 1)])
    assert store.recalls.list() == (recall(2, at=START + 1), recall(1, "institute"), recall(1))
    assert store.recalls.withdrawn("lab") == {"indicator--1", "indicator--2"}
    assert store.recalls.withdrawn("stranger") == {"indicator--1"}
    first = receipt(1)
    assert store.recalls.confirm(first, "lab").receipt == first
    assert store.recalls.confirm(receipt(1, at=99), "lab").receipt == first
    kept = store.recalls.get("indicator--1", "lab")
    assert kept is not None
    assert (kept.receipt, kept.same_bytes) == (first, True)
    for strange, peer in ((receipt(3), "lab"), (receipt(1), "stranger"), (receipt(2, version=6), "lab")):
        with pytest.raises(NotFound):
            store.recalls.confirm(strange, peer)
    assert store.recalls.get("indicator--2", "institute") is None
    store.recalls.add([recall(2, at=START + 2)])
    assert [one.at for one in store.recalls.list() if one.record == "indicator--2"] == [START + 2]


def test_receipts_are_owed_until_they_are_sent(store: Store) -> None:
    store.recalls.owe(receipt(1), "lab")
    store.recalls.owe(receipt(1, at=99), "lab")
    store.recalls.owe(receipt(2), "lab")
    assert store.recalls.owed("lab") == (receipt(1), receipt(2))
    assert store.recalls.owed("lab", limit=1) == (receipt(1),)
    assert store.recalls.owed("institute") == ()
    store.recalls.sent(receipt(1), "lab", at=START)
    assert store.recalls.owed("lab") == (receipt(2),)


def test_who_holds_what_and_which_bytes(store: Store) -> None:
    for peer in ("lab", "institute"):
        store.releases.log_manifest(manifest(peer), by="user-1", at=START)
    store.releases.release([release(1, peer="lab"), release(1, START + 1, peer="lab")])
    store.releases.release([release(1, peer="institute"), release(2, peer="institute")])
    held = store.releases.held({"indicator--1", "indicator--9"})
    assert [(row.peer, row.version, row.stix) for row in held] == [
        ("lab", START, release(1, peer="lab").stix),
        ("lab", START + 1, release(1, START + 1, peer="lab").stix),
        ("institute", START, release(1, peer="institute").stix),
    ]
    store.records.put([record(1), record(1, START + 1)])
    digests = store.records.digests("indicator--1")
    assert digests[START] == sha256(record(1).stix).digest()
    assert set(digests) == {START, START + 1}
    assert store.records.digests("indicator--9") == {}
