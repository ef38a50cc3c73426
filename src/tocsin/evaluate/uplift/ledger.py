"""A study's folder: a ledger that only grows, and its secrets.

`ledger.jsonl` holds one line an entry, each with the sha256 of the line before it, so that a line that was changed,
taken out or put in between is told by its number. Whoever holds the folder can still write the whole anew: against
that stands the last line's digest in other hands (`tocsin study` prints it), and a node's signature under the first.
`secret.json` holds salt, seed and key, for the owner alone.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec

from tocsin.evaluate.plans.commitment import commitment
from tocsin.evaluate.uplift.study_file import study_digest
from tocsin.kernel.clock import micros
from tocsin.kernel.errors import BadInput, Conflict, TooLarge, Unavailable
from tocsin.kernel.studies import Entry, Registered, Study, StudyLine

LEDGER, SECRET = "ledger.jsonl", "secret.json"
ALLOCATION = "allocation"
"""The name under which the seed's digest is committed to."""

MAX_LINE_BYTES = 256 << 10
"""The longest entry is the study itself."""

MAX_LINES = 1_000_000
"""Of a study of a thousand people: a thousand things that each tried."""

_E = TypeVar("_E")


class Secrets(msgspec.Struct, frozen=True):
    """32 bytes of chance each: under the commitment, of the assignments, and of the pseudonyms."""

    salt: bytes
    seed: bytes
    key: bytes


def committed(secrets: Secrets, study: Study) -> tuple[str, str, str]:
    """(commitment, the study's digest, the seed's), hex. As plans are committed to (docs/plans.md)."""
    digest, seed = study_digest(study), sha256(secrets.seed).hexdigest()
    return commitment(secrets.salt, digest, {ALLOCATION: seed}), digest, seed


class Ledger:
    """All entries of a folder, checked as they are read. `head` is the sha256, hex, of the last line."""

    def __init__(self, folder: Path, lines: tuple[StudyLine, ...], head: str) -> None:
        self._folder = folder
        self.lines = lines
        self.head = head

    @property
    def entries(self) -> Iterator[Entry]:
        return (line.entry for line in self.lines)

    @property
    def registered(self) -> Registered:
        """The first entry. Raises Conflict for a study that was not registered."""
        first = self.lines[0].entry if self.lines else None
        if not isinstance(first, Registered):
            raise Conflict("this study is not registered: `tocsin study register FILE --folder DIR`")
        return first

    def of(self, kind: type[_E]) -> list[_E]:
        """Entries of one kind, in order."""
        return [line.entry for line in self.lines if isinstance(line.entry, kind)]

    def secrets(self) -> Secrets:
        """Raises Unavailable, and Conflict when they are not what was committed to."""
        try:
            found = msgspec.json.decode((self._folder / SECRET).read_bytes(), type=Secrets)
        except (OSError, msgspec.MsgspecError) as error:
            raise Unavailable(f"{SECRET} of the study cannot be read: restore it from a backup") from error
        first = self.registered
        if committed(found, first.study)[0] != first.commitment:
            raise Conflict(f"{SECRET} is not the one that this study was registered with")
        return found

    def add(self, entries: Sequence[Entry], now: datetime) -> "Ledger":
        """The ledger with these at its end; durable when it returns."""
        lines, head, written = list(self.lines), self.head, b""
        if len(lines) + len(entries) > MAX_LINES:
            raise TooLarge(f"a ledger holds {MAX_LINES:,} lines")
        for entry in entries:
            line = StudyLine(len(lines), head, micros(now), entry)
            data = msgspec.json.encode(line)
            if len(data) > MAX_LINE_BYTES:
                raise TooLarge(f"an entry is over {MAX_LINE_BYTES >> 10} KiB")
            lines.append(line)
            head = sha256(data).hexdigest()
            written += data + b"\n"
        file = self._folder / LEDGER
        try:
            with file.open("ab") as stream:
                stream.write(written)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise Unavailable(f"{LEDGER} cannot be written: {error.strerror}") from error
        return Ledger(self._folder, tuple(lines), head)


def read_ledger(folder: Path) -> Ledger:
    """Raises BadInput for what is no ledger, Conflict naming the line where the chain is broken, TooLarge."""
    lines: list[StudyLine] = []
    head = ""
    decoder = msgspec.json.Decoder(StudyLine)
    try:
        with (folder / LEDGER).open("rb") as stream:
            while data := stream.readline(MAX_LINE_BYTES + 2):
                number = len(lines)
                if len(data) > MAX_LINE_BYTES + 1 or number >= MAX_LINES:
                    raise TooLarge(f"line {number + 1} of the ledger passes its bounds")
                try:
                    line = decoder.decode(data)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                    raise BadInput(
                        f"line {number + 1} of the ledger is no entry ({str(error)[:120]})"
                    ) from None
                if not data.endswith(b"\n"):
                    raise Conflict(
                        f"line {number + 1} of the ledger is cut off: its writing never ended, and nobody was told that"
                        " it is kept. Take that line off the file, and enter it again"
                    )
                if (line.number, line.before) != (number, head):
                    raise Conflict(
                        f"line {number + 1} of the ledger does not follow the one before it: a line was changed, or"
                        " taken out"
                    )
                if isinstance(line.entry, Registered) != (number == 0):
                    raise Conflict(f"line {number + 1} of the ledger: a study is registered once, and first")
                lines.append(line)
                head = sha256(data.removesuffix(b"\n")).hexdigest()
    except FileNotFoundError:
        raise BadInput(
            f"there is no study in {folder}: `tocsin study register FILE --folder {folder}`"
        ) from None
    except OSError as error:
        raise BadInput(f"cannot read {folder / LEDGER}: {error.strerror}") from None
    return Ledger(folder, tuple(lines), head)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """One writer at a time: two that assign at once would give one place twice."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise BadInput(f"cannot open {folder}: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
