"""A copy of the key store: nothing without its passphrase, and with it nothing that is gone."""

import shutil
import stat
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.app.test_backup import take
from tests.fixtures import Made
from tocsin.app import key_backup
from tocsin.app.key_backup import read_copy, write_copy
from tocsin.app.key_tools import bench, bring_back
from tocsin.app.keyring import Keyring
from tocsin.app.node import Node
from tocsin.kernel import BadInput, NotFound
from tocsin.trust.seal import Seal

PASSPHRASE = "long enough for keys"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_backup, "SCRYPT_COST", 1 << 4)


def copied(made: Made, file: Path) -> key_backup.Copied:
    return write_copy(made.node.keys, file, PASSPHRASE, made.now)


def test_a_lost_key_store_comes_back(made: Made, tmp_path: Path) -> None:
    take(made, 0, 3)
    done = copied(made, tmp_path / "copy")
    assert (done.days, done.delete_by) == (1, (made.now.date() + timedelta(days=91)).isoformat())
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    made.node.close()
    shutil.rmtree(made.node.data / "keystore")
    with bench(made.node.data, clock=made.clock) as at:
        assert bring_back(at, read_copy(tmp_path / "copy", PASSPHRASE)).days == 1
    node = Node(made.node.data, clock=made.clock)
    day, sealed = node.store.events.sealed(["e1"])["e1"]
    assert b"number 1" in node.keys.opened(day).open(sealed, "event:e1")
    node.close()


def test_no_key_lies_open_in_a_copy(made: Made, tmp_path: Path) -> None:
    take(made, 0, 3)
    copied(made, tmp_path / "copy")
    content = (tmp_path / "copy").read_bytes()
    assert made.node.keys.day_keys.key(made.now.date().isoformat()) not in content
    with pytest.raises(BadInput, match="another passphrase"):
        read_copy(tmp_path / "copy", PASSPHRASE + "!")
    with pytest.raises(BadInput, match="at least"):
        write_copy(made.node.keys, tmp_path / "short", "too short", made.now)
    assert not (tmp_path / "short").exists()


def test_what_was_destroyed_after_the_copy_stays_destroyed(made: Made, tmp_path: Path) -> None:
    take(made, 0, 3)
    gone = made.now.date()
    made.now += timedelta(days=1)
    take(made, 3, 3)
    copied(made, tmp_path / "copy")
    made.node.keys.destroy_before(gone + timedelta(days=1))
    made.node.expire()
    made.node.close()
    for lost in (False, True):  # with the key store there, and with the database alone to remember
        if lost:
            shutil.rmtree(made.node.data / "keystore")
        with bench(made.node.data, clock=made.clock) as at:
            brought = bring_back(at, read_copy(tmp_path / "copy", PASSPHRASE))
        assert (brought.days, brought.destroyed) == (1, 1)
        node = Node(made.node.data, clock=made.clock)
        with pytest.raises(NotFound):
            node.keys.opened(gone.isoformat())
        assert node.keys.days() == (made.now.date().isoformat(),)
        node.close()


def test_an_overdue_day_is_not_brought_back(made: Made, tmp_path: Path) -> None:
    take(made, 0, 3)
    copied(made, tmp_path / "copy")
    made.node.close()
    shutil.rmtree(made.node.data / "keystore")
    made.now += timedelta(days=200)
    with bench(made.node.data, clock=made.clock) as at:
        brought = bring_back(at, read_copy(tmp_path / "copy", PASSPHRASE))
    assert (brought.days, brought.destroyed) == (0, 1)


def test_the_next_copy_takes_the_place_of_the_last(made: Made, tmp_path: Path) -> None:
    take(made, 0, 3)
    copied(made, tmp_path / "copy")
    made.node.keys.destroy_before(made.now.date() + timedelta(days=1))
    copied(made, tmp_path / "copy")
    assert read_copy(tmp_path / "copy", PASSPHRASE).content.days == ()
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy"]
    Keyring.create(tmp_path / "other" / "keys")
    with pytest.raises(BadInput, match="another node"):
        write_copy(Keyring(tmp_path / "other" / "keys"), tmp_path / "copy", PASSPHRASE, made.now)


def test_a_day_that_has_another_key_keeps_it(made: Made, tmp_path: Path) -> None:
    take(made, 0, 3)
    copied(made, tmp_path / "copy")
    made.node.close()
    shutil.rmtree(made.node.data / "keystore")
    day = made.now.date().isoformat()
    Keyring(made.node.data / "keys").seal_for(day)
    with bench(made.node.data, clock=made.clock) as at:
        assert bring_back(at, read_copy(tmp_path / "copy", PASSPHRASE)).others == (day,)


def test_another_nodes_copy_is_refused(made: Made, tmp_path: Path) -> None:
    Keyring.create(tmp_path / "other" / "keys")
    write_copy(Keyring(tmp_path / "other" / "keys"), tmp_path / "copy", PASSPHRASE, made.now)
    with bench(made.node.data, clock=made.clock) as at, pytest.raises(BadInput, match="another node"):
        bring_back(at, read_copy(tmp_path / "copy", PASSPHRASE))


@given(st.binary(max_size=400))
def test_junk_is_no_copy(content: bytes) -> None:
    with pytest.raises(BadInput):
        key_backup.decode(content, PASSPHRASE, "junk")


@given(st.data())
def test_a_copy_that_was_changed_anywhere_does_not_open(data: st.DataObject) -> None:
    about = key_backup.About(1, "node", "2026-11-20", "2027-02-19", b"s" * 16)
    head = msgspec.json.encode(about)
    inside = key_backup.Content((key_backup.Kept("2026-11-20", "2027-02-19", b"k" * 32),), ())
    seal = Seal(key_backup._stretched(PASSPHRASE, about.salt), lambda number: b"n" * number)
    whole = head + b"\n" + seal.close(msgspec.msgpack.encode(inside), key_backup._label(head))
    assert key_backup.decode(whole, PASSPHRASE, "copy").content == inside
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    with pytest.raises(BadInput):
        key_backup.decode(changed, PASSPHRASE, "copy")


def test_a_key_of_no_day_is_refused() -> None:
    about = key_backup.About(1, "node", "2026-11-20", "2027-02-19", b"s" * 16)
    head = msgspec.json.encode(about)
    for kept in (
        ("../../x", "2027-02-19", b"k" * 32),
        ("2026-13-40", "2027-02-19", b"k" * 32),
        ("2026-11-20", "soon", b"k"),
    ):
        inside = key_backup.Content((key_backup.Kept(*kept),), ())
        seal = Seal(key_backup._stretched(PASSPHRASE, about.salt), lambda number: b"n" * number)
        whole = head + b"\n" + seal.close(msgspec.msgpack.encode(inside), key_backup._label(head))
        with pytest.raises(BadInput, match="no day's key"):
            key_backup.decode(whole, PASSPHRASE, "copy")


def test_the_end_that_a_copy_names_is_the_last_key_in_it(made: Made, tmp_path: Path) -> None:
    take(made, 0, 1)
    assert date.fromisoformat(copied(made, tmp_path / "copy").delete_by) == made.node.keys.ends(
        made.now.date().isoformat()
    )
