"""The watch's window on disk, sealed, so that a restart is ready in seconds.

    DATA/window/current         which generation is whole: written last, replaced at once
    DATA/window/GENERATION/     parts (`correlate.saving`): DAY.uses, DAY.texts, DAY.known, DAY.band-N under the day's
                                key, DAY.rows and shared under the node's own

It holds nothing that the store does not: lost, damaged or of another version, it is made again from the events. A day's
key destroyed leaves its parts unreadable for anyone, and the next save leaves them out.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import structlog

from tocsin.app.keyring import Keyring
from tocsin.correlate import Window
from tocsin.correlate.saving import ROWS, SHARED, load, save
from tocsin.kernel import NotFound
from tocsin.store.interface import EventStore
from tocsin.trust.seal import Seal, SealBroken

VERSION = 2
FOLDER = "window"
CURRENT = "current"
SAVE_ROWS = 20_000
"""New events from which a save is worth it: so many are read again from the store within two seconds."""

SAVE_SHARE = 256
"""And one in so many of those that are held: a save writes all of them."""

SAVE_SECONDS = 300.0
"""Between two saves of a running node."""


class Current(msgspec.Struct, frozen=True):
    """What is whole. `event` is the id of the newest event, so that another store's window is not taken for ours.

    `keys` is the key store's generation when it was saved: an account that was erased since is still in it.
    """

    version: int
    generation: str
    newest: int
    event: str
    keys: int


class _Array(msgspec.Struct, frozen=True, array_like=True):
    name: str
    dtype: str
    content: bytes


class WindowFiles:
    """Reads and writes the window of one node's folder."""

    def __init__(self, data: Path, keys: Keyring, events: EventStore, *, save_rows: int = SAVE_ROWS) -> None:
        self._folder = data / FOLDER
        self._keys = keys
        self._events = events
        self._save_rows = save_rows
        self._saved_to = 0
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(list[_Array]).decode
        self._log = structlog.get_logger("tocsin.watch")

    def load(self, window: Window) -> bool:
        """Fill an empty window; False, and the window must be made anew, when there is nothing or it does not fit."""
        try:
            current = msgspec.json.decode((self._folder / CURRENT).read_bytes(), type=Current)
            if self._keys.erased_since(current.keys):
                self.forget()
                return False
            if current.version != VERSION or self._events.ids([current.newest]) != {
                current.newest: current.event
            }:
                return False
            load(window, lambda day, section: self._read(current.generation, day, section))
        except FileNotFoundError:
            return False
        except (OSError, KeyError, ValueError, msgspec.MsgspecError, SealBroken) as error:
            self._log.warning("window.unreadable", error=type(error).__name__)
            return False
        self._saved_to = window.newest
        return True

    def worth_saving(self, window: Window) -> bool:
        """Whether so much has come since the last save."""
        least = max(self._save_rows, len(window) // SAVE_SHARE)
        return window.rows_after(self._saved_to) >= least

    def save(self, window: Window) -> None:
        """Write everything, then say that it is whole, then remove what was before.

        A full disk only costs the next start its head start: it is logged, and tried again when more has come.
        """
        try:
            self._save(window)
        except OSError as error:
            self._log.warning("window.not-saved", error=type(error).__name__)
        self._saved_to = window.newest

    def _save(self, window: Window) -> None:
        named = self._events.ids([window.newest])
        if window.newest not in named:
            return
        keys = (
            self._keys.generation
        )  # before anything is read of the window: what is erased meanwhile is noticed
        generation = os.urandom(8).hex()
        folder = self._folder / generation
        folder.mkdir(mode=0o700, parents=True)
        self._folder.chmod(0o700)
        for day, section, arrays in save(window):
            try:
                seal = self._seal(day, section)
            except NotFound:
                continue  # destroyed between two ticks
            plain = self._encode(
                [_Array(name, array.dtype.str, array.tobytes()) for name, array in arrays.items()]
            )
            _write(folder / _name(day, section), seal.close(plain, _label(generation, day, section)))
        _sync(folder)
        current = Current(VERSION, generation, window.newest, named[window.newest], keys)
        pending = self._folder / f"{CURRENT}.{generation}"
        _write(pending, msgspec.json.encode(current))
        pending.replace(self._folder / CURRENT)
        _sync(self._folder)
        for old in self._folder.iterdir():
            if old.is_dir() and old != folder:
                shutil.rmtree(old, ignore_errors=True)
            elif not old.is_dir() and old.name != CURRENT:
                old.unlink(missing_ok=True)  # a process was killed before it could rename it

    def forget(self) -> None:
        """Remove all of it."""
        forget(self._folder.parent)
        self._saved_to = 0

    def remove_day(self, day: str) -> None:
        """Remove the parts of a day whose key was destroyed: nobody can read them, and they need not lie there."""
        for path in self._folder.glob(f"*/{day}.*"):
            if path.suffix != f".{ROWS}":
                path.unlink(missing_ok=True)

    def _read(self, generation: str, day: str, section: str) -> Mapping[str, npt.NDArray[Any]] | None:
        try:
            seal = self._seal(day, section)
        except NotFound:
            return None
        sealed = (self._folder / generation / _name(day, section)).read_bytes()
        plain = seal.open(sealed, _label(generation, day, section))
        return {one.name: np.frombuffer(one.content, one.dtype) for one in self._decode(plain)}

    def _seal(self, day: str, section: str) -> Seal:
        return self._keys.secrets if section in (ROWS, SHARED) else self._keys.opened(day)


def forget(data: Path) -> None:
    """Remove a node's saved window: the watch makes it again from the events."""
    shutil.rmtree(data / FOLDER, ignore_errors=True)


def _name(day: str, section: str) -> str:
    return f"{day}.{section}" if day else section


def _label(generation: str, day: str, section: str) -> str:
    return f"window:{generation}:{day}:{section}"


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
