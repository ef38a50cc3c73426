"""A process of its own, to be killed, with a task, a data folder and a step (tests/forks.py).

It dies by kill -9 just before its STEP-th call that changes a disk: a sync, a link, a rename, a removal, a write.
It says `done` when it came to the end.
"""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.app import key_backup
from tocsin.app.key_backup import write_copy
from tocsin.app.key_settling import settle
from tocsin.app.keyring import Keyring
from tocsin.store import open_store

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PASSPHRASE = "a passphrase for tests"
QUICK = 1 << 4
"""The passphrase is stretched no longer than that: a copy is killed at each of its steps, not at guessing."""


def deadly(step: int) -> None:
    """Die before the step-th change from now on."""
    left = step

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **options)

        return call

    for name in ("fsync", "link", "write", "unlink", "rmdir", "replace", "rename"):
        setattr(os, name, counting(getattr(os, name)))


def destroy(data: Path, step: int) -> None:
    """Settle while two days are overdue."""
    keys = Keyring(data / "keys", retention_days=1)
    store = open_store(data)
    deadly(step)
    settle(keys, store, NOW.date())
    store.close()


def move(data: Path, step: int) -> None:
    """Settle where an older version left its day keys."""
    keys = Keyring(data / "keys")
    store = open_store(data)
    deadly(step)
    settle(keys, store, NOW.date())
    store.close()


def copy(data: Path, step: int) -> None:
    """Write a copy of the key store over an older one."""
    key_backup.SCRYPT_COST = QUICK
    keys = Keyring(data / "keys")
    deadly(step)
    write_copy(keys, data / "copy", PASSPHRASE, NOW)


TASKS = {task.__name__: task for task in (destroy, move, copy)}


def main(task: str, data: str, step: str) -> None:
    TASKS[task](Path(data), int(step))
    print("done", flush=True)
