"""The bytes of exhibits, sealed, one file each: DATA/exhibits/ID. On disk before the row that speaks of it.

A file is named by the exhibit's drawn id and padded to one of few lengths, so that who holds the folder can try neither
digest nor size of a file that they know.
"""

import os
from pathlib import Path

from tocsin.app.key_store import shred
from tocsin.app.writing import sync_folder
from tocsin.kernel import Unavailable

FOLDER_NAME = "exhibits"
_LENGTH_BYTES = 8


class ExhibitFiles:
    """Writes whole files or none, and forgets those that nobody speaks of."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER_NAME
        self._strays: frozenset[str] = frozenset()

    def write(self, exhibit_id: str, sealed: bytes) -> None:
        """Durable when it returns. Raises Unavailable."""
        pending = self._folder / f".{exhibit_id}"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            pending.rename(self._folder / exhibit_id)
            sync_folder(self._folder)
        except OSError as error:
            pending.unlink(missing_ok=True)
            raise Unavailable("an exhibit cannot be written: is the disk full?") from error

    def read(self, exhibit_id: str) -> bytes:
        """Raises Unavailable."""
        try:
            return (self._folder / exhibit_id).read_bytes()
        except OSError as error:
            raise Unavailable(
                f"the bytes of {exhibit_id} cannot be read: restore {FOLDER_NAME}/ from a backup"
            ) from error

    def destroy(self, exhibit_id: str) -> None:
        """Overwritten where it lies, then removed."""
        try:
            shred(self._folder / exhibit_id)
        except OSError as error:
            raise Unavailable("an exhibit cannot be destroyed: look at the disk") from error

    def sweep(self, present: frozenset[str]) -> int:
        """Destroy files that no row speaks of, when they were strays at the last sweep already; returns how many.

        Between a file and its row lies a transaction of somebody else: the first look only remembers.
        """
        if not self._folder.is_dir():
            return 0
        there = {path.name for path in self._folder.iterdir()}
        strays = frozenset(there - present)
        gone = strays & self._strays
        for name in gone:
            self.destroy(name)
        self._strays = strays - gone
        return len(gone)


def padded(content: bytes) -> bytes:
    """`content` with its length before it and zeros after it, to one of few lengths: 12 % longer at most.

    The lengths are those of Padmé (Nikitin and others, "Reducing Metadata Leakage from Encrypted Files", PoPETs 2019).
    """
    length = len(content) + _LENGTH_BYTES
    exponent = length.bit_length() - 1
    step = 1 << max(0, exponent - exponent.bit_length())
    total = -(-length // step) * step
    return len(content).to_bytes(_LENGTH_BYTES, "big") + content + bytes(total - length)


def unpadded(plain: bytes) -> bytes:
    """What `padded` was given."""
    length = int.from_bytes(plain[:_LENGTH_BYTES], "big")
    return plain[_LENGTH_BYTES : _LENGTH_BYTES + length]
