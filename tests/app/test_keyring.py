"""Keys: one a day, the same for two processes, gone when destroyed."""

import stat
from datetime import date
from pathlib import Path

import pytest

from tocsin.app.keyring import Keyring
from tocsin.kernel import NotFound, Unavailable
from tocsin.trust.seal import SealBroken


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Keyring.create(tmp_path / "keys")
    return tmp_path / "keys"


def test_two_openers_agree_on_a_days_key(folder: Path) -> None:
    one, other = Keyring(folder), Keyring(folder)
    sealed = one.seal_for("2026-11-20").close(b"text", "here")
    assert other.seal_for("2026-11-20").open(sealed, "here") == b"text"


def test_a_destroyed_day_cannot_be_opened_by_anybody(folder: Path) -> None:
    keys, other = Keyring(folder), Keyring(folder)
    for day in ("2026-11-18", "2026-11-19", "2026-11-20"):
        keys.seal_for(day)
        other.seal_for(day)
    assert keys.destroy_before(date(2026, 11, 20)) == ("2026-11-18", "2026-11-19")
    for ring in (keys, other):  # the other process had it in memory
        with pytest.raises(NotFound, match="destroyed"):
            ring.opened("2026-11-19")
    assert keys.opened("2026-11-20") is not None
    assert keys.days() == ("2026-11-20",)


def test_files_are_private(folder: Path) -> None:
    Keyring(folder).seal_for("2026-11-20")
    store = folder.parent / "keystore"
    for path in [folder, *folder.rglob("*"), store, *store.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_another_key_store_key_is_noticed(folder: Path) -> None:
    Keyring(folder).seal_for("2026-11-20")
    assert Keyring(folder).check() is None
    (folder.parent / "keystore" / "store.key").write_bytes(bytes(32))
    with pytest.raises(SealBroken):
        Keyring(folder).opened("2026-11-20")
    assert "2026-11-20" in (Keyring(folder).check() or "")


def test_a_missing_key_says_what_to_do(folder: Path) -> None:
    (folder / "pseudonym.key").unlink()
    with pytest.raises(Unavailable, match="restore"):
        Keyring(folder)


def test_a_seed_is_the_same_for_the_same_content_and_another_nodes_is_another(
    folder: Path, tmp_path: Path
) -> None:
    Keyring.create(tmp_path / "other")
    one = Keyring(folder).seed(b"content")
    assert one == Keyring(folder).seed(b"content")
    assert len({one, Keyring(folder).seed(b"contents"), Keyring(tmp_path / "other").seed(b"content")}) == 3
