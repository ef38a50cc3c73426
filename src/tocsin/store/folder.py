"""The data folder that holds the Parquet files: one at work in it at a time, and nothing in it that is not listed.

Every opening of a store sweeps, and few compact: what compacts, and Arrow with it, is in `compaction`.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.store import catalogue, clearing
from tocsin.store.catalogue import DataFile, FileKind
from tocsin.store.engine import Database, kernel_errors

LOCK_FILE = "compaction.lock"


class Folder:
    """The files of one data folder, under a lock that dies with its process."""

    def __init__(self, database: Database, data: Path) -> None:
        self._database = database
        self._data = data

    @contextmanager
    def alone(self, *, wait: bool) -> Iterator[bool]:
        """Hold the folder's lock; gives False, without it, when another holds it and `wait` is false."""
        descriptor = os.open(self._data / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
                held = True
            except BlockingIOError:
                held = False
            yield held
        finally:
            os.close(descriptor)

    def sweep(self) -> None:
        """Remove files that no catalogue entry names, unless a compactor is at work."""
        with kernel_errors(), self.alone(wait=False) as held:
            if held:
                self._sweep()

    def clear_free_space(self) -> bool:
        """What a kill left to clear."""
        with kernel_errors():
            return clearing.clear(self._database)

    def _unlink(self, files: Iterable[DataFile]) -> None:
        """Readers that have one open go on reading it; the others read the catalogue again."""
        for file in files:
            (self._data / file.path).unlink(missing_ok=True)
            _remove_empty_day((self._data / file.path).parent)

    def _sweep(self) -> None:
        with self._database.reading() as connection:
            listed = {file.path for kind in FileKind for file in catalogue.live(connection, kind)}
        for kind in FileKind:
            for path in list((self._data / kind.value).rglob("*")):
                if path.is_file() and path.relative_to(self._data) not in listed:
                    path.unlink()
                    _remove_empty_day(path.parent)


def _remove_empty_day(folder: Path) -> None:
    if folder.parent.name == FileKind.SEALED.value and not any(folder.iterdir()):
        folder.rmdir()
