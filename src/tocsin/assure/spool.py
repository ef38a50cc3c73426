"""What is unpacked lies here: in memory while it is small, then in a file without a name that goes with its end."""

import os
import tempfile
from types import TracebackType
from typing import Self

from tocsin.assure.examining import Piece
from tocsin.assure.pieces import Held, Opened

IN_MEMORY_BYTES = 4 << 20
"""Up to here nothing is written to disk. Archives nest MAX_DEPTH deep, each with one of these."""


class Spool:
    """Bytes that come in chunks, to be read at any offset afterwards. A context: what was spooled ends with it."""

    def __init__(self) -> None:
        self.size = 0
        self._held = bytearray()
        self._file: int | None = None

    def write(self, chunk: bytes) -> None:
        """Add what came. Raises OSError when the disk is full."""
        self.size += len(chunk)
        if self._file is None:
            self._held += chunk
            if self.size <= IN_MEMORY_BYTES:
                return
            with tempfile.TemporaryFile(buffering=0) as file:
                self._file = os.dup(file.fileno())
            chunk, self._held = bytes(self._held), bytearray()
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._file, rest) :]

    @property
    def descriptor(self) -> int | None:
        """The file's, when there is one."""
        return self._file

    def piece(self, path: str) -> Piece:
        """What was written, until this context ends."""
        if self._file is None:
            return Held(path, bytes(self._held))
        return Opened(path, self._file, self.size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._held = bytearray()
