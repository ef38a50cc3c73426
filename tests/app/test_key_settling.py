"""What was destroyed stays destroyed, whichever of the two copies is put back, cut or tampered with."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.app.test_backup import take
from tests.fixtures import Made
from tocsin.app.key_settling import begin, repair, settle
from tocsin.app.keyring import Keyring
from tocsin.app.node import Node
from tocsin.kernel import NotFound, Unavailable
from tocsin.trust.seal import wrap_key

DAYS = 3


class Aged:
    """Three days of texts, of which the first two are destroyed, and copies from before that."""

    def __init__(self, made: Made, tmp_path: Path) -> None:
        self.made, self.data = made, made.node.data
        self.days: list[str] = []
        for number in range(DAYS):
            take(made, number * 10, 10)
            self.days.append(made.now.date().isoformat())
            made.now += timedelta(days=1)
        made.node.close()
        self.old = tmp_path / "old"
        shutil.copytree(self.data, self.old)
        keys = Keyring(self.data / "keys")
        keys.destroy_before(date.fromisoformat(self.days[2]))
        self.reopened().close()  # the database learns it

    def reopened(self) -> Node:
        return Node(self.data, clock=self.made.clock)

    def put_back(self, *names: str) -> None:
        for name in names:
            target = self.data / name
            if target.is_dir():
                shutil.rmtree(target)
                shutil.copytree(self.old / name, target)
            else:
                shutil.copy(self.old / name, target)

    def put_back_data(self) -> None:
        for name in ("tocsin.db-wal", "tocsin.db-shm"):
            (self.data / name).unlink(missing_ok=True)
        self.put_back("tocsin.db")

    def assert_gone(self, node: Node) -> None:
        for day, event in zip(self.days[:2], ("e1", "e11"), strict=True):
            with pytest.raises(NotFound, match="destroyed"):
                node.keys.opened(day)
            with pytest.raises(NotFound, match="destroyed"):
                node.keys.seal_for(day)
            assert not (node.keys.day_keys.folder / "days" / f"{day}.key").exists()
            assert node.store.events.facts([event])  # it is still counted
        node.keys.opened(self.days[2])
        assert [line.name for line in node.store.gone.list()] == self.days[:2]
        assert node.keys.generation == 2


@pytest.fixture
def two(made: Made, tmp_path: Path) -> Aged:
    return Aged(made, tmp_path)


def test_an_older_key_store_destroys_again(two: Aged) -> None:
    two.put_back("keystore")
    assert len(Keyring(two.data / "keys").days()) == DAYS  # it would open all of them
    node = two.reopened()
    two.assert_gone(node)
    said = node.store.audit.read(act="key.destroy")[0]
    assert said.purpose == "an older key store was put back"
    assert said.detail == {"days": 2}
    node.close()


def test_older_data_learn_what_was_destroyed(two: Aged) -> None:
    two.put_back_data()
    node = two.reopened()
    two.assert_gone(node)
    node.close()


def test_both_old_is_caught_when_the_time_of_a_key_is_over(two: Aged) -> None:
    """Two copies of one time know nothing of later: what they bring back, they bring back only until its expiry."""
    two.put_back("keystore")
    two.put_back_data()
    node = two.reopened()
    assert len(node.keys.days()) == DAYS
    node.close()
    two.made.now += timedelta(days=node.settings.retention_text_days)
    node = two.reopened()  # after a long time off, and before anything else
    assert node.keys.days() == ()
    for day in two.days:
        with pytest.raises(NotFound):
            node.keys.opened(day)
    node.close()


def test_a_shorter_retention_counts_for_keys_that_were_made_before(two: Aged) -> None:
    settings = two.data / "settings.toml"
    settings.write_text(settings.read_text().replace("retention_text_days = 90", "retention_text_days = 1"))
    two.made.now += timedelta(days=1)
    node = two.reopened()
    assert node.keys.days() == ()
    node.close()


def test_a_longer_retention_does_not_lengthen_what_was_promised(two: Aged) -> None:
    settings = two.data / "settings.toml"
    settings.write_text(settings.read_text().replace("retention_text_days = 90", "retention_text_days = 300"))
    node = two.reopened()
    assert node.keys.ends(two.days[2]) == date.fromisoformat(two.days[2]) + timedelta(days=91)
    node.close()


@pytest.mark.parametrize("lost", ["log cut", "log empty", "database cut"])
def test_what_was_cut_off_one_list_comes_back_from_the_other(two: Aged, lost: str) -> None:
    log = two.data / "keystore" / "gone.log"
    match lost:
        case "log cut":
            log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])
        case "log empty":
            log.write_bytes(b"")
        case "database cut":
            node = two.reopened()
            node.store.gone.replace(node.store.gone.list()[:1])
            node.close()
    shutil.copytree(two.old / "keystore" / "days", two.data / "keystore" / "days", dirs_exist_ok=True)
    node = two.reopened()
    two.assert_gone(node)
    node.close()


@pytest.mark.parametrize("where", ["log", "database"])
def test_a_list_that_was_tampered_with_opens_nothing_until_it_is_repaired(two: Aged, where: str) -> None:
    log = two.data / "keystore" / "gone.log"
    if where == "log":
        log.write_bytes(log.read_bytes().replace(two.days[0].encode(), b"2020-01-01"))
    else:
        node = two.reopened()
        first, second = node.store.gone.list()
        node.store.gone.replace([msgspec.structs.replace(first, name="2020-01-01"), second])
        node.close()
    with pytest.raises(Unavailable, match="keys repair"):
        two.reopened()
    keys = Keyring(two.data / "keys")
    if where == "log":
        with pytest.raises(Unavailable, match="changed"):
            keys.opened(two.days[2])
    from tocsin.app.key_tools import bench, repaired

    with bench(two.data, clock=two.made.clock) as at:
        assert set(two.days[:2]) <= set(repaired(at))
    node = two.reopened()
    for day in two.days[:2]:
        with pytest.raises(NotFound):
            node.keys.opened(day)
    node.keys.opened(two.days[2])
    assert node.store.audit.read(act="keys.repair")
    node.close()


def test_a_key_store_that_is_away_is_not_made_anew_in_silence(two: Aged) -> None:
    away = two.data.parent / "away"
    (two.data / "keystore").rename(away)
    with pytest.raises(Unavailable, match="mount it"):
        two.reopened()
    assert not (two.data / "keystore").exists()
    away.rename(two.data / "keystore")
    two.reopened().close()


def test_begun_anew_the_new_key_store_knows_what_is_gone(two: Aged) -> None:
    shutil.rmtree(two.data / "keystore")
    from tocsin.app.key_tools import begin_anew, bench

    with bench(two.data, clock=two.made.clock) as at:
        begin_anew(at)
    node = two.reopened()
    assert node.keys.destroyed_since(0) == tuple(two.days[:2])
    for day in two.days:  # the third was not destroyed, it was lost
        with pytest.raises(NotFound):
            node.keys.opened(day)
    node.close()


def test_another_nodes_key_store_is_refused(two: Aged, tmp_path: Path) -> None:
    shutil.rmtree(two.data / "keystore")
    Keyring.create(tmp_path / "other" / "keys")
    Keyring(tmp_path / "other" / "keys").seal_for("2026-11-20")
    shutil.copytree(tmp_path / "other" / "keystore", two.data / "keystore")
    with pytest.raises(Unavailable, match="not in"):
        two.reopened()


def test_two_histories_of_one_store_are_joined_in_what_is_gone(two: Aged) -> None:
    """Both old, then a third day destroyed, then the newer data put back beside it."""
    newer = two.data.parent / "newer.db"
    shutil.copy(two.data / "tocsin.db", newer)
    two.put_back("keystore")
    two.put_back_data()
    Keyring(two.data / "keys").day_keys.destroy([two.days[2]], 5)
    two.reopened().close()
    for name in ("tocsin.db-wal", "tocsin.db-shm"):
        (two.data / name).unlink(missing_ok=True)
    shutil.copy(newer, two.data / "tocsin.db")
    node = two.reopened()
    assert node.keys.days() == ()
    assert set(node.keys.destroyed_since(0)) == set(two.days)
    assert tuple(node.store.gone.list()) == node.keys.day_keys.log()
    node.close()


def test_keys_of_an_older_version_move_into_the_key_store(made: Made) -> None:
    take(made, 0, 4)
    day = made.now.date().isoformat()
    store, old = made.node.keys.day_keys, made.node.data / "keys" / "days"
    master = (made.node.data / "keys" / "master.key").read_bytes()
    old.mkdir()
    (old / f"{day}.key").write_bytes(wrap_key(master, store.key(day)))
    (old / ".half").write_bytes(b"left by a kill")
    (store.folder / "days" / f"{day}.key").unlink()
    node = Node(made.node.data, clock=made.clock)
    assert not old.exists()
    assert b"harmless note" in node.keys.opened(day).open(
        node.store.events.sealed(["e1"])["e1"][1], "event:e1"
    )
    assert node.store.audit.read(act="key.move")[0].detail == {"days": 1}
    node.close()
    Node(made.node.data, clock=made.clock).close()  # a second time there is nothing to do


def test_an_old_key_of_a_destroyed_day_does_not_come_back(made: Made) -> None:
    """An archive of an older version, unpacked over a newer node."""
    take(made, 0, 4)
    day = made.now.date().isoformat()
    master = (made.node.data / "keys" / "master.key").read_bytes()
    kept = made.node.keys.day_keys.key(day)
    made.node.keys.destroy_before(date.fromisoformat(day) + timedelta(days=1))
    old = made.node.data / "keys" / "days"
    old.mkdir()
    (old / f"{day}.key").write_bytes(wrap_key(master, kept))
    node = Node(made.node.data, clock=made.clock)
    with pytest.raises(NotFound):
        node.keys.opened(day)
    assert not old.exists()
    node.close()


def test_who_holds_what_was_made_from_texts_hears_of_it(two: Aged) -> None:
    node = two.reopened()
    heard: list[tuple[str, ...]] = []
    node.keys.on_destroyed(heard.append)
    before = node.keys.generation
    Keyring(two.data / "keys").day_keys.destroy([two.days[2]], 5)  # another process
    assert node.keys.generation == before + 1
    assert node.keys.destroyed_since(before) == (two.days[2],)
    settle(node.keys, node.store, two.made.now.date())
    assert heard == [(two.days[2],)]
    assert [line.name for line in node.store.gone.list()] == two.days
    node.close()


def test_beginning_and_repairing_twice_changes_nothing(two: Aged) -> None:
    node = two.reopened()
    before = node.keys.day_keys.log()
    begin(node.keys, node.store, 1)
    assert node.keys.day_keys.log() == before
    assert repair(node.keys, node.store, 1) == tuple(two.days[:2])
    assert repair(node.keys, node.store, 1) == tuple(two.days[:2])
    node.close()
