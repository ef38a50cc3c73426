"""The key store: one folder with the day keys, apart from the data and from its backups.

    STORE/store.key           the key-store key, 32 bytes (`trust.day_keys.HeldInFile`)
    STORE/days/YYYY-MM-DD.key a day's key, wrapped, with the day on which it must be gone
    STORE/gone.log            what was destroyed, and what was paid for counts: one chained, authenticated line each,
                              never shortened
    STORE/match/EPOCH.key     a week's secret for private matching, wrapped; gone after the week (`app.match_seeds`)
    STORE/lock                held by whoever changes the folder

Files are 0600 in folders of 0700. The line in the log comes first and is on disk before anything is destroyed: from
then on the day is gone for every process, and what a crash left of it is destroyed at the next start.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec

from tocsin.app.writing import sync_folder, write_once
from tocsin.kernel import NotFound, Unavailable
from tocsin.trust import day_keys
from tocsin.trust.day_keys import Gone, HeldInFile, Holder, What
from tocsin.trust.seal import KEY_BYTES, Entropy, SealBroken

FOLDER_NAME = "keystore"
"""Its place in the data folder when the setting `key_store` names no other."""

LOG_NAME = "gone.log"
_SECRET = "store.key"
_OPEN_LOG = os.O_RDWR | os.O_CREAT


class _Log(msgspec.Struct, frozen=True):
    """The log as it was when the file looked like `seen`."""

    seen: tuple[int, ...]
    lines: tuple[Gone, ...]
    days: frozenset[str]


class KeyStore:
    """Makes, opens and destroys day keys. Several processes may hold one folder."""

    def __init__(self, folder: Path, entropy: Entropy = os.urandom) -> None:
        self.folder = folder
        self._days = folder / "days"
        self._log_file = folder / LOG_NAME
        self._entropy = entropy
        self._holder: Holder | None = None
        self._known = _Log((), (), frozenset())
        self._told = 0
        self._listeners: list[Callable[[tuple[str, ...]], None]] = []

    @property
    def exists(self) -> bool:
        """Whether the folder holds a key store: it may be on a disk that is not there now."""
        return (self.folder / _SECRET).is_file()

    def create(self) -> None:
        """Make the folder and its key, if there is none. Whoever comes second takes what is there."""
        try:
            self._days.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        except OSError as error:
            raise Unavailable(f"the key store {self.folder} cannot be made: {error.strerror}") from error
        with self.alone():  # so that nobody takes what is half written for a stray
            write_once(self.folder / _SECRET, self._entropy(KEY_BYTES))

    @property
    def holder(self) -> Holder:
        """What wraps the entries. Raises Unavailable when the folder is away."""
        if self._holder is None:
            try:
                self._holder = HeldInFile((self.folder / _SECRET).read_bytes(), self._entropy)
            except OSError as error:
                raise Unavailable(
                    f"there is no key store in {self.folder}: mount it, or `tocsin keys restore FILE`, or give the "
                    "old texts up with `tocsin keys begin`"
                ) from error
        return self._holder

    @property
    def id(self) -> str:
        return day_keys.store_id(self.holder)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder's lock: nobody makes or destroys a key meanwhile. Not to be taken twice."""
        try:
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Unavailable(f"the key store {self.folder} cannot be used: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def log(self) -> tuple[Gone, ...]:
        """What is gone, oldest first, checked. Raises Unavailable when a line was changed."""
        return self._read_log().lines

    @property
    def generation(self) -> int:
        """How many lines the log has: whoever holds what was made from sealed text looks whether it grew."""
        return len(self._read_log().lines)

    @property
    def destroyed(self) -> int:
        """How many lines of it say that something is gone: a payment for a count destroys nothing."""
        return sum(line.what is not What.COUNT for line in self.log())

    def gone_since(self, generation: int) -> tuple[str, ...]:
        """Days destroyed after a generation."""
        return tuple(line.name for line in self.log()[generation:] if line.what is What.DAY)

    def erased_since(self, generation: int) -> int:
        """How many accounts were erased after a generation."""
        return sum(line.what is What.PERSON for line in self.log()[generation:])

    def on_destroyed(self, listener: Callable[[tuple[str, ...]], None]) -> None:
        """Call `listener` with the days that this process destroys, or finds destroyed, from now on."""
        self._listeners.append(listener)

    def days(self) -> tuple[str, ...]:
        """Days that still have a key, oldest first."""
        gone = self._read_log().days
        return tuple(sorted(path.stem for path in self._days.glob("*.key") if path.stem not in gone))

    def expiry(self, day: str) -> date:
        """The first day on which a day's key must be gone. Raises NotFound, SealBroken."""
        return date.fromisoformat(self._entry(day).expires)

    def make(self, day: str, expires: date) -> None:
        """A key for a day that has none. Raises NotFound when it had one that was destroyed."""
        if not self.exists:
            self.create()
        with self.alone():
            self.put(day, expires, self._entropy(KEY_BYTES))

    def put(self, day: str, expires: date, key: bytes) -> None:
        """Keep a day's key unless it has one. The caller holds the lock. Raises NotFound when it was destroyed."""
        self._refuse_gone(day)
        self._days.mkdir(mode=0o700, exist_ok=True)
        write_once(self._file(day), day_keys.wrapped_day(self.holder, day, expires, key))

    @property
    def gone_days(self) -> frozenset[str]:
        """Days whose key was destroyed."""
        return self._read_log().days

    def has(self, day: str) -> bool:
        """Whether the day's key is there and not destroyed: two looks at the disk, so ask before each use."""
        return day not in self._read_log().days and self._file(day).exists()

    def key(self, day: str) -> bytes:
        """The key of a day. Raises NotFound when it has none or it was destroyed, SealBroken when it is damaged."""
        entry = self._entry(day)
        try:
            return day_keys.opened_entry(self.holder, entry)
        except SealBroken as error:
            self._refuse_gone(day)
            raise SealBroken(
                f"the key of {day} does not open: was the key store mixed with another's?"
            ) from error

    def destroy(self, days: Iterable[str], at: int) -> tuple[str, ...]:
        """Destroy the keys of these days for good; returns those that had not been before."""
        if not self.exists:
            return ()
        with self.alone():
            known = self._read_log().days
            fresh = tuple(day for day in sorted(set(days)) if day not in known)
            self.append([(What.DAY, day) for day in fresh], at)
            self.finish()
        return fresh

    def append(self, gone: Sequence[tuple[What, str]], at: int) -> None:
        """Lines at the end of the log, on disk when this returns. The caller holds the lock."""
        if gone:
            self._write(day_keys.following(self.holder, self.log(), gone, at))

    def take_over(self, lines: Sequence[Gone]) -> None:
        """Lines that this store once had and lost: they must fit its end. The caller holds the lock."""
        if lines:
            day_keys.checked(self.holder, [*self.log(), *lines], "the list of destroyed days in the database")
            self._write(lines)

    def rewrite_log(self, gone: Sequence[tuple[What, str]], at: int) -> None:
        """A new log in place of one that was tampered with. The caller holds the lock and names all that is gone."""
        lines = day_keys.following(self.holder, (), gone, at)
        pending = self.folder / f".{LOG_NAME}.writing"
        pending.unlink(missing_ok=True)
        write_once(pending, day_keys.encoded(lines))
        pending.replace(self._log_file)
        sync_folder(self.folder)
        self.finish()

    def finish(self) -> None:
        """Destroy what the log says is gone and what a killed writer left; tell listeners. With the lock held."""
        for day in self._read_log().days:
            shred(self._file(day), self._entropy)
        for folder in (self.folder, self._days):
            for stray in folder.glob(".*") if folder.is_dir() else ():
                shred(stray, self._entropy)  # a key that was being written, or another link to one
        if self._days.is_dir():
            sync_folder(self._days)
        fresh = self.gone_since(self._told)
        self._told = self.generation
        if fresh:
            for listener in self._listeners:
                listener(fresh)

    def unchecked_log(self) -> tuple[Gone, ...]:
        """Every line that can be read at all, for a repair: none of them is believed, only obeyed."""
        found = []
        for line in self._content().splitlines():
            try:
                found.append(msgspec.json.decode(line, type=Gone))
            except (msgspec.DecodeError, ValueError):
                continue
        return tuple(found)

    def _entry(self, day: str) -> day_keys.DayKey:
        self._refuse_gone(day)
        try:
            return day_keys.read_entry(self._file(day).read_bytes(), day)
        except FileNotFoundError:
            raise NotFound(_gone(day)) from None
        except SealBroken:
            self._refuse_gone(day)  # it was being overwritten while we read
            raise
        except OSError as error:
            raise Unavailable(f"the key of {day} cannot be read: {error.strerror}") from error

    def _refuse_gone(self, day: str) -> None:
        if day in self._read_log().days:
            raise NotFound(_gone(day))

    def _file(self, day: str) -> Path:
        if not day_keys.is_day(day):
            raise NotFound("a day is written YYYY-MM-DD")
        return self._days / f"{day}.key"

    def _content(self) -> bytes:
        try:
            return self._log_file.read_bytes()
        except FileNotFoundError:
            return b""

    def _read_log(self) -> _Log:
        try:
            stat = self._log_file.stat()
            seen: tuple[int, ...] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        except OSError:
            seen = ()
        if seen != self._known.seen:
            lines, _ = day_keys.decoded(self._content(), f"{self._log_file}")
            day_keys.checked(self.holder, lines, f"{self._log_file}")
            days = frozenset(line.name for line in lines if line.what is What.DAY)
            self._known = _Log(seen, lines, days)
        return self._known

    def _write(self, lines: Sequence[Gone]) -> None:
        try:
            descriptor = os.open(self._log_file, _OPEN_LOG, 0o600)
            with os.fdopen(descriptor, "rb+") as file:
                _, whole = day_keys.decoded(file.read(), f"{self._log_file}")
                file.seek(whole)  # over a line that a crash cut: it was never said
                file.truncate()
                file.write(day_keys.encoded(lines))
                file.flush()
                os.fsync(file.fileno())
            sync_folder(self.folder)
        except OSError as error:
            raise Unavailable(f"the key store's log cannot be written: {error.strerror}") from error


def shred(path: Path, entropy: Entropy = os.urandom) -> None:
    """Overwrite a file where it lies, then remove it. Nothing happens when it is not there.

    On a disk that writes in place the bytes are gone. A solid-state disk, a copy-on-write file system or a snapshot may
    keep the old block until it is reused (docs/sealed-text.md).
    """
    try:
        descriptor = os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        return
    try:
        os.write(descriptor, entropy(max(1, os.fstat(descriptor).st_size)))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    path.unlink(missing_ok=True)


def _gone(day: str) -> str:
    return f"the key of {day} was destroyed: its texts cannot be opened by anyone"
