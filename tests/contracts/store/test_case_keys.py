"""Keys of cases: copies for their holders, replaced whole, destroyed for good."""

import msgspec
import pytest

from tests.contracts.store.places import Place
from tocsin.kernel import Conflict, NotFound
from tocsin.store import Store
from tocsin.store.case_key_interface import NODE, CaseLock, KeyCopy, MemberKey, QueueKey

LOCK = CaseLock("c1", "general", b"public", 5)
COPY = KeyCopy("c1", NODE, 5, b"wrapped")
ANA = MemberKey("k1", "u1", 3, b"p", b"sealed")
replace = msgspec.structs.replace


def test_a_case_has_one_key_and_a_copy_for_each_holder(place: Place) -> None:
    place.open().case_keys.begin(LOCK, [COPY])
    again = place.open().case_keys
    with pytest.raises(Conflict):
        again.begin(LOCK, [COPY])
    other = replace(COPY, holder="k1")
    again.add([other, replace(COPY, wrapped=b"another")])  # the node has its copy already
    assert again.lock("c1") == LOCK
    assert again.copies("c1") == (other, COPY)
    assert again.copy("c1", ("k9", NODE)) == COPY
    assert again.copy("c1", ("k9",)) is None
    assert again.held_by("k1") == (other,)
    assert (again.lock("c2"), again.copies("c2"), again.cases()) == (None, (), ("c1",))


def test_a_case_moves_to_another_queue_with_its_new_copies_alone(store: Store) -> None:
    keys = store.case_keys
    keys.begin(LOCK, [COPY])
    moved = replace(COPY, holder="k1", wrapped=b"sealed")
    keys.replace("c1", "child-safety", [moved])
    assert keys.copies("c1") == (moved,)
    assert keys.locks("child-safety") == (replace(LOCK, queue="child-safety"),)
    assert keys.locks("general") == ()
    with pytest.raises(NotFound):
        keys.replace("c2", "general", [COPY])


def test_a_destroyed_key_leaves_nothing(store: Store) -> None:
    keys = store.case_keys
    keys.begin(LOCK, [COPY, replace(COPY, holder="k1")])
    assert keys.destroy("c1")
    assert not keys.destroy("c1")
    assert (keys.lock("c1"), keys.copies("c1"), keys.held_by("k1"), keys.cases()) == (None, (), (), ())


def test_what_is_undone_leaves_no_key(store: Store) -> None:
    def undone() -> None:
        with store.together():
            store.case_keys.begin(LOCK, [COPY])
            store.case_keys.replace("c2", "general", [COPY])

    with pytest.raises(NotFound):
        undone()
    assert store.case_keys.lock("c1") is None


def test_an_ended_member_has_neither_private_half_nor_copies(place: Place) -> None:
    keys = place.open().case_keys
    bold = MemberKey("k2", "u2", 4, b"q", b"other")
    for one in (ANA, bold):
        keys.add_member(one)
    keys.begin(LOCK, [replace(COPY, holder="k1"), replace(COPY, holder="k2")])
    assert keys.members() == (ANA, bold)
    assert keys.members("u2") == (bold,)
    assert keys.end_member("k1", 9) == 1
    assert place.open().case_keys.members() == (bold,)
    assert [one.holder for one in keys.copies("c1")] == ["k2"]
    with pytest.raises(NotFound):
        keys.end_member("k1", 10)


def test_a_queues_keys_are_let_in_and_leave_with_their_copies(place: Place) -> None:
    keys = place.open().case_keys
    bold = MemberKey("k2", "u2", 4, b"q", b"other")
    for one in (ANA, bold):
        keys.add_member(one)
    first, second = QueueKey("child-safety", "k1", 5, "u1"), QueueKey("child-safety", "k2", 6, "u1")
    keys.admit([first, second])
    keys.admit([replace(first, by="u9")])  # in already
    assert place.open().case_keys.admitted("child-safety") == (first, second)
    assert keys.admitted("general") == ()
    keys.begin(replace(LOCK, queue="child-safety"), [replace(COPY, holder="k1"), replace(COPY, holder="k2")])
    keys.begin(replace(LOCK, case="c2"), [KeyCopy("c2", "k1", 5, b"w")])
    assert keys.leave("child-safety", "k1") == 1
    assert [one.case for one in keys.held_by("k1")] == ["c2"]  # of another queue
    assert keys.admitted("child-safety") == (second,)
    keys.end_member("k2", 9)
    assert keys.admitted("child-safety") == ()


def test_a_member_changes_the_passphrase(store: Store) -> None:
    store.case_keys.add_member(ANA)
    store.case_keys.relock_member("k1", b"anew")
    assert store.case_keys.members("u1") == (replace(ANA, sealed=b"anew"),)
    with pytest.raises(NotFound):
        store.case_keys.relock_member("k9", b"anew")
