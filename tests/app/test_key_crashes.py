"""Kill -9 before every single change of the disk: what was destroyed is destroyed, what lives lives."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.key_worker import NOW, PASSPHRASE, QUICK
from tests.forks import Forks
from tocsin.app import key_backup
from tocsin.app.key_backup import read_copy, write_copy
from tocsin.app.key_settling import settle
from tocsin.app.keyring import Keyring
from tocsin.kernel import BadInput, NotFound
from tocsin.store import open_store
from tocsin.trust.seal import wrap_key

OLD, LIVING = ("2026-11-16", "2026-11-17"), "2026-11-20"
MAX_STEPS = 80
"""More changes than any task makes; a task that never ends is a fault."""


@pytest.fixture(scope="module")
def workers() -> Iterator[Forks]:
    needed = ("audit", "backend", "erasures", "migrate")
    with Forks("tests.app.key_worker", *(f"tocsin.store.{name}" for name in needed)) as workers:
        yield workers


def killed_at_each_step(workers: Forks, task: str, data: Path, begin: Path) -> list[Path]:
    """The folder as each kill left it."""
    left: list[Path] = []
    for step in range(1, MAX_STEPS):
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(begin, data)
        process = workers.run(task, str(data), str(step))
        if process.stdout == "done\n":
            assert left, "it died at no step"
            return left
        assert process.returncode == -signal.SIGKILL
        kept = data.with_name(f"after-{step}")
        shutil.copytree(data, kept)
        left.append(kept)
    raise AssertionError("the task does not end")


@pytest.fixture
def begin(tmp_path: Path) -> Path:
    data = tmp_path / "begin"
    Keyring.create(data / "keys")
    keys = Keyring(data / "keys", retention_days=1)
    for day in (*OLD, LIVING):
        sealed = keys.seal_for(day).close(b"a note", "here")
        (data / day).write_bytes(sealed)
    store = open_store(data)
    store.migrate()
    store.close()
    return data


@pytest.mark.slow
def test_killed_while_destroying(begin: Path, tmp_path: Path, workers: Forks) -> None:
    for data in killed_at_each_step(workers, "destroy", tmp_path / "data", begin):
        keys, store = Keyring(data / "keys", retention_days=1), open_store(data)
        settle(keys, store, NOW.date())
        assert keys.days() == (LIVING,)
        for day in OLD:
            with pytest.raises(NotFound):
                keys.opened(day)
        assert keys.opened(LIVING).open((data / LIVING).read_bytes(), "here") == b"a note"
        assert tuple(store.gone.list()) == keys.day_keys.log()
        assert keys.destroyed_since(0) == OLD
        assert sorted(path.name for path in (data / "keystore").rglob("*")) == [
            f"{LIVING}.key",
            "days",
            "gone.log",
            "lock",
            "store.key",
        ]
        store.close()


@pytest.mark.slow
def test_killed_while_moving_an_older_versions_keys(begin: Path, tmp_path: Path, workers: Forks) -> None:
    keys = Keyring(begin / "keys")
    old = begin / "keys" / "days"
    old.mkdir()
    for day in (*OLD, LIVING):
        (old / f"{day}.key").write_bytes(
            wrap_key((begin / "keys" / "master.key").read_bytes(), keys.day_keys.key(day))
        )
    shutil.rmtree(begin / "keystore")
    for data in killed_at_each_step(workers, "move", tmp_path / "data", begin):
        keys, store = Keyring(data / "keys"), open_store(data)
        settle(keys, store, NOW.date())
        for day in (*OLD, LIVING):
            assert keys.opened(day).open((data / day).read_bytes(), "here") == b"a note"
        assert not (data / "keys" / "days").exists()
        assert not list(data.rglob(".*"))
        store.close()


@pytest.mark.slow
def test_killed_while_copying_the_key_store_one_copy_is_whole(
    begin: Path, tmp_path: Path, workers: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_backup, "SCRYPT_COST", QUICK)
    write_copy(Keyring(begin / "keys"), begin / "copy", PASSPHRASE, NOW)
    for data in killed_at_each_step(workers, "copy", tmp_path / "data", begin):
        whole = []
        for name in ("copy", ".copy.writing"):
            try:
                whole.append(read_copy(data / name, PASSPHRASE))
            except BadInput:
                continue
        assert whole
        assert len(whole[0].content.days) == 3
        write_copy(Keyring(data / "keys"), data / "copy", PASSPHRASE, NOW)  # and the next one is not stopped
        assert not [path for path in data.glob(".*") if path.name.startswith(".copy.writing")]
