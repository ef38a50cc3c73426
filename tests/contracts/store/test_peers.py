"""Groups, the history of keys, recalls and receipts, on either backend."""

import msgspec
import pytest

from tocsin.kernel import TLP, Conflict, Group, KeyStatement, NotFound
from tocsin.store import Store


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
