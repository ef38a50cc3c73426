"""A case's key: who has a copy of it, who opens it, and that it is gone when it is destroyed."""

import shutil
from pathlib import Path

import pytest

from tests.console import token_for
from tests.fixtures import Made
from tocsin.app.node import Node
from tocsin.kernel import Caller, Conflict, NotAllowed, NotFound, Role, Unavailable
from tocsin.kernel.cases import Queue
from tocsin.trust.day_keys import What
from tocsin.trust.seal import SealBroken

GENERAL = Queue(id="general", name={"en": "General"})
URGENT = Queue(id="urgent", name={"en": "Urgent"})


def person(made: Made, name: str, *roles: Role) -> Caller:
    caller = made.node.access.authenticate(token_for(made, name, *roles))
    assert caller is not None
    return caller


def test_a_case_of_an_open_queue_opens_for_who_reads_words(made: Made) -> None:
    keys = made.node.case_keys
    closed = keys.make("c1", GENERAL).close(b"lottery refund", "case/c1/words")
    analyst = person(made, "ana", Role.ANALYST)
    assert keys.opened(analyst, "c1").open(closed, "case/c1/words") == b"lottery refund"
    assert keys.for_node("c1").open(closed, "case/c1/words") == b"lottery refund"
    with pytest.raises(NotFound, match="no case c2"):
        keys.opened(analyst, "c2")
    with pytest.raises(Conflict):
        keys.make("c1", GENERAL)
    for role in (Role.AUDITOR, Role.ADMIN, Role.SOURCE):
        other = person(made, f"an {role.value}", role)
        refusals = []
        for case_id in ("c1", "c2"):
            with pytest.raises(NotAllowed) as refused:
                keys.opened(other, case_id)
            refusals.append(refused.value.message)
        assert len(set(refusals)) == 1


def test_a_copy_of_another_case_does_not_open_here(made: Made) -> None:
    for case_id in ("c1", "c2"):
        made.node.case_keys.make(case_id, GENERAL)
    copy = made.node.store.case_keys.copies("c1")[0]
    with pytest.raises(SealBroken):
        made.node.keys.unwrapped_by_node("c2", copy.wrapped)


def test_a_case_moves_between_open_queues_with_its_key(made: Made) -> None:
    keys, analyst = made.node.case_keys, person(made, "ana", Role.ANALYST)
    closed = keys.make("c1", GENERAL).close(b"lottery refund", "case/c1/words")
    with made.node.store.together():
        keys.rewrap(analyst, "c1", URGENT)
    assert keys.opened(analyst, "c1").open(closed, "case/c1/words") == b"lottery refund"
    lock = made.node.store.case_keys.lock("c1")
    assert lock is not None
    assert lock.queue == "urgent"


def test_words_are_left_for_a_case_without_its_key(made: Made) -> None:
    keys, analyst = made.node.case_keys, person(made, "ana", Role.ANALYST)
    keys.make("c1", GENERAL)
    closed = keys.leave("c1", b"one thing more", "added/1")
    assert keys.left(analyst, "c1", closed, "added/1") == b"one thing more"
    with pytest.raises(SealBroken):
        keys.left(analyst, "c1", closed, "added/2")
    with pytest.raises(NotFound):
        keys.leave("c2", b"", "added/1")


def test_a_destroyed_key_is_gone_and_stays_gone_when_older_data_are_put_back(
    made: Made, tmp_path: Path
) -> None:
    keys, analyst = made.node.case_keys, person(made, "ana", Role.ANALYST)
    for case_id in ("c1", "c2"):
        keys.make(case_id, GENERAL)
    made.node.store.close()
    shutil.copy(made.node.data / "tocsin.db", tmp_path / "old.db")
    assert keys.destroy("c1")
    assert not keys.destroy("c1")
    with pytest.raises(NotFound):
        keys.opened(analyst, "c1")
    (line,) = (one for one in made.node.store.gone.list() if one.what is What.CASE)
    assert "c1" not in line.name
    made.node.close()
    for name in ("tocsin.db-wal", "tocsin.db-shm"):
        (made.node.data / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "old.db", made.node.data / "tocsin.db")
    again = Node(made.node.data, clock=made.clock)
    assert again.store.case_keys.cases() == ("c2",)
    again.case_keys.opened(analyst, "c2")
    assert [one.what for one in again.store.gone.list()] == [What.CASE]
    again.close()


def test_a_repair_and_a_new_key_store_bring_no_destroyed_case_back(made: Made, tmp_path: Path) -> None:
    from tocsin.app.key_tools import bench, repaired

    keys = made.node.case_keys
    for case_id in ("c1", "c2"):
        keys.make(case_id, GENERAL)
    data, old = made.node.data, tmp_path / "old.db"
    made.node.store.close()
    shutil.copy(data / "tocsin.db", old)
    keys.destroy("c1")
    made.node.close()
    for name in ("tocsin.db-wal", "tocsin.db-shm"):
        (data / name).unlink(missing_ok=True)
    shutil.copy(old, data / "tocsin.db")
    log = data / "keystore" / "gone.log"
    log.write_bytes(log.read_bytes().replace(b'"at":', b'"at":1'))
    with pytest.raises(Unavailable, match="keys repair"):
        Node(data, clock=made.clock)
    with bench(data, clock=made.clock) as at:
        repaired(at)
    again = Node(data, clock=made.clock)
    assert again.store.case_keys.cases() == ("c2",)
    assert [one.what for one in again.store.gone.list()] == [What.CASE]
    again.close()
