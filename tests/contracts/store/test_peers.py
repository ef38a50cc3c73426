"""Groups, the history of keys, recalls and receipts, on either backend."""

import msgspec
import pytest

from tocsin.kernel import TLP, Conflict, Group, NotFound
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
