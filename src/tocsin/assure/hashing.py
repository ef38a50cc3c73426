"""sha256 and blake3 of a file in one pass: two threads over one buffer, for both let go of the interpreter."""

import hashlib
import os
from collections.abc import Callable, Iterable
from typing import NamedTuple

from blake3 import blake3

BUFFER_BYTES = 4 << 20
"""Two of these are held. Smaller ones wait for each other too often, larger ones leave the cache."""

INLINE_BYTES = 1 << 20
"""Up to here one thread is quicker than two."""


class Digests(NamedTuple):
    """Both, hex."""

    sha256: str = ""
    blake3: str = ""


def of_bytes(data: bytes) -> Digests:
    """Of what is in memory."""
    return Digests(hashlib.sha256(data).hexdigest(), blake3(data).hexdigest())


class Both:
    """Of what comes in chunks."""

    __slots__ = ("_first", "_second", "size")

    def __init__(self) -> None:
        self.size = 0
        self._first, self._second = hashlib.sha256(), blake3()

    def take(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._first.update(chunk)
        self._second.update(chunk)

    def digests(self) -> Digests:
        """Of all that came; of nothing, none."""
        return Digests(self._first.hexdigest(), self._second.hexdigest()) if self.size else Digests()


def of_chunks(chunks: Iterable[bytes]) -> Digests:
    """Of all of them, one after the other."""
    both = Both()
    for chunk in chunks:
        both.take(chunk)
    return both.digests()


def of_file(descriptor: int, size: int, heard: Callable[[int], None] | None = None) -> Digests:
    """Of an open file from its beginning to `size`; `heard` is told how many bytes each step did.

    While this thread hashes one buffer by sha256, which takes longest, the other hashes it by blake3 and then reads
    the next: so it takes as long as sha256 alone. Memory: two buffers, whatever the size.
    """
    from concurrent.futures import (
        ThreadPoolExecutor,
    )  # not before a large file is met: small ones start sooner

    first, second = hashlib.sha256(), blake3()
    now, later = memoryview(bytearray(BUFFER_BYTES)), memoryview(bytearray(BUFFER_BYTES))

    def beside(full: memoryview, into: memoryview, at: int) -> int:
        second.update(full)
        return os.preadv(descriptor, [into[: min(BUFFER_BYTES, size - at)]], at) if at < size else 0

    with ThreadPoolExecutor(1, "blake3") as pool:
        at = got = os.preadv(descriptor, [now[: min(BUFFER_BYTES, size)]], 0) if size else 0
        while got:
            full = now[:got]
            waiting = pool.submit(beside, full, later, at)
            first.update(full)
            if heard is not None:
                heard(got)
            got = waiting.result()
            at += got
            now, later = later, now
    return Digests(first.hexdigest(), second.hexdigest())


def of_files(sha256: Iterable[tuple[str, str]]) -> str:
    """sha256 of many files together, by path and their own: of the lines that `sha256sum` prints, in order of path."""
    lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(sha256))
    return hashlib.sha256(lines.encode()).hexdigest()
