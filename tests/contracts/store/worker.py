"""A process of its own, to be killed: `python -m tests.contracts.store.worker TASK DATA URL N`.

It says on standard output what was acknowledged, a line each, at once. URL is `-` for SQLite.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tests.contracts.store.samples import DAY, START, row
from tocsin.kernel import Unavailable
from tocsin.store import JournalRow, Store, open_store
from tocsin.store.log_interface import LogEntry

if TYPE_CHECKING:
    from _typeshed import HasFileno

BATCH = 20
VICTIM, ANONYMOUS = f"ps_{'7' * 32}", f"ps_{'c' * 32}"


def say(*words: object) -> None:
    print(*words, flush=True)


def append_and_compact(store: Store, number: int) -> None:
    """Appends for ever and compacts beside it; dies at its `number`-th fsync of a file, in mid-compaction."""
    left = number
    real = os.fsync

    def deadly(descriptor: "int | HasFileno") -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        real(descriptor)

    os.fsync = deadly  # type: ignore[assignment]  # the name of its parameter is all that differs
    first = number * 1_000_000
    while True:
        append(store, first)
        first += BATCH
        store.events.compact(keep_rows=BATCH // 2)


def append(store: Store, first: int) -> None:
    store.events.append([row(n) for n in range(first, first + BATCH)])
    say("kept", first)


def append_for_ever(store: Store, number: int) -> None:
    first = number * 1_000_000
    while True:
        append(store, first)
        first += BATCH


def append_some(store: Store, number: int) -> None:
    """Thirty batches, every other of them also sent by everybody else."""
    for n in range(30):
        append(store, (number * 1_000 + n if n % 2 else n) * BATCH)


def compact(store: Store, number: int) -> None:
    for _ in range(number):
        say("moved", store.events.compact())


def fill_up(store: Store, number: int) -> None:
    """No file may grow beyond `number` bytes: what a full disk looks like from inside."""
    first = 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (number, number))
    try:
        while True:
            append(store, first)
            first += BATCH
    except Unavailable as error:
        say("full", error.message)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
    say("ready", store.ready() or "")
    say("read", store.events.count())


def compact_without_room(store: Store, number: int) -> None:
    """The data folder is full, the database (another machine's, perhaps) is not."""
    store.events.append([row(n) for n in range(500)])
    resource.setrlimit(resource.RLIMIT_FSIZE, (number, number))
    try:
        store.events.compact()
    except Unavailable as error:
        say("full", error.message)


def victim_row(number: int) -> JournalRow:
    """A journal row over three days; every fifth is one account's."""
    kept = row(number, received=START + number % 3 * DAY)
    mine = number % 5 == 0
    event = msgspec.structs.replace(
        kept.event,
        actor=VICTIM if mine else kept.event.actor,
        session=None if number % 2 else f"session-of-{kept.event.actor}",
        actor_created=START - DAY,
    )
    return msgspec.structs.replace(kept, event=event, sealed=f"sealed text {number}.".encode())


def erase_account(store: Store, number: int) -> None:
    """Dies before its `number`-th sync or removal of a file."""
    left = number

    def deadly(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **options: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **options)

        return call

    for name in ("fsync", "unlink", "replace"):
        setattr(os, name, deadly(getattr(os, name)))
    store.events.erase(VICTIM, lambda: ANONYMOUS)


def grow_for_ever(store: Store, number: int) -> None:
    """Adds to the log and grows it, and says each head that it was told."""
    first = number * 1_000_000
    while True:
        store.log.add(
            [
                LogEntry(START + n, "test", "", sha256(b"%d" % n).digest(), b"")
                for n in range(first, first + 7)
            ]
        )
        head = store.log.grow()
        say("head", head.size, head.root.hex())
        first += 7


TASKS: dict[str, Callable[[Store, int], None]] = {
    task.__name__: task
    for task in (
        append_and_compact,
        append_for_ever,
        append_some,
        compact,
        fill_up,
        compact_without_room,
        erase_account,
        grow_for_ever,
    )
}


def main(task: str, data: str, url: str, number: str) -> None:
    store = open_store(Path(data), None if url == "-" else url)
    try:
        TASKS[task](store, int(number))
    finally:
        store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
