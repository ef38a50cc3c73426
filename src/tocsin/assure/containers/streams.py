"""Compressed streams: gzip, bzip2, xz and lzma, zlib, zstd, lz4. What they hold is spooled and looked at.

Several streams one after the other are one, as their tools take them; zeros after the end are padding; anything else
after the end is a doubt, for most programs ignore it.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import Any

import msgspec

from tocsin.assure.examining import Broken, Packed, Piece, Told, finding
from tocsin.assure.members import member_path
from tocsin.assure.pieces import through

OUT_BYTES = 1 << 20
"""What one step gives at most, so that a bomb is stopped before it is in memory."""

READ_BYTES = 64 << 10

MEMORY_BYTES = 128 << 20
"""What xz may take: its highest level takes 65 MiB. zstd's window is bounded by the same."""

TRIAL_BYTES = 4096
"""zlib and old lzma have a weak magic: they are claimed when so much of them unpacks."""

MAX_STREAMS = 100_000
"""Streams one after the other: bgzip cuts a file into blocks of 64 KiB."""


class Kind(msgspec.Struct, frozen=True):
    """One compression: its magic, what makes its machine, and the endings that its files have."""

    name: str
    magics: tuple[bytes, ...]
    make: Callable[[], Any]
    endings: tuple[tuple[str, str], ...] = ()


def _gzip() -> Any:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def _xz() -> Any:
    return lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=MEMORY_BYTES)


def _lz4() -> Any:
    import lz4.frame

    return _Fed(lz4.frame.LZ4FrameDecompressor(), 4096)


def _zstd() -> Any:
    import zstandard

    return _Fed(zstandard.ZstdDecompressor(max_window_size=MEMORY_BYTES).decompressobj(), 512)


class _Fed:
    """A machine that does not hold to a bound on what one step gives: it is fed little at a time.

    A block of zstd gives at most 128 KiB and takes at least 4 bytes (RFC 8878 3.1.1.2); a byte of lz4 at most 255.
    """

    def __init__(self, machine: Any, feed: int) -> None:
        self._machine = machine
        self._feed = feed
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return bool(self._machine.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._machine.unused_data or b"") + self._waiting

    def decompress(self, data: bytes, max_length: int) -> bytes:
        waiting, given = self._waiting + data, []
        size = at = 0
        while at < len(waiting) and size < max_length and not self._machine.eof:
            given.append(self._machine.decompress(waiting[at : at + self._feed]))
            size += len(given[-1])
            at += self._feed
        self._waiting = waiting[at:]
        return b"".join(given)


_SKIPPED = tuple(bytes([low]) + b"\x2a\x4d\x18" for low in range(0x50, 0x60))
"""A frame that readers of zstd skip (RFC 8878 3.1.2); lz4 has the same."""

GZIP = Kind("gzip", (b"\x1f\x8b",), _gzip, ((".gz", ""), (".tgz", ".tar"), (".gzip", "")))
BZIP2 = Kind("bzip2", (b"BZh",), bz2.BZ2Decompressor, ((".bz2", ""), (".tbz2", ".tar"), (".tbz", ".tar")))
XZ = Kind("xz", (b"\xfd7zXZ\0",), _xz, ((".xz", ""), (".txz", ".tar"), (".lzma", "")))
ZLIB = Kind("zlib", (), zlib.decompressobj, ((".z", ""), (".zlib", "")))
ZSTD = Kind("zstd", (b"\x28\xb5\x2f\xfd", *_SKIPPED), _zstd, ((".zst", ""), (".tzst", ".tar")))
LZ4 = Kind("lz4", (b"\x04\x22\x4d\x18",), _lz4, ((".lz4", ""),))
KINDS = {kind.name: kind for kind in (GZIP, BZIP2, XZ, ZLIB, ZSTD, LZ4)}


class Streams:
    """All of them. Clean when the stream ends where the file does; what is in it is looked at in its turn."""

    name = "streams"
    version = 1

    def recognises(self, piece: Piece) -> str:
        head = piece.read(0, 16)
        for kind in KINDS.values():
            if kind.magics and head.startswith(kind.magics):
                return kind.name
        if len(head) > 2 and head[0] & 0x0F == 8 and head[0] >> 4 <= 7 and (head[0] << 8 | head[1]) % 31 == 0:
            return "zlib" if _tried(zlib.decompressobj(), piece) else ""
        if head.startswith(b"\x5d\0\0"):
            return (
                "xz" if _tried(lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY_BYTES), piece) else ""
            )
        return ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        run = _Run(KINDS[format_name], piece)
        yield Packed(member_path(piece.path, _inner(piece.path, run.kind)), piece.size, run.chunks)
        if run.ended is not None and run.ended < piece.size:
            size = piece.size - run.ended
            yield finding("walker.trailing-data", piece.path, offset=run.ended, size=size)


def _tried(machine: Any, piece: Piece) -> bool:
    try:
        return bool(machine.decompress(piece.read(0, TRIAL_BYTES), OUT_BYTES)) or bool(machine.eof)
    except (zlib.error, lzma.LZMAError):
        return False


def _inner(path: str, kind: Kind) -> str:
    """What a tool would call the unpacked file: examiners may look at a name to look at more."""
    last = path.rsplit("!/", 1)[-1].rsplit("/", 1)[-1]
    for ending, becomes in kind.endings:
        if last.lower().endswith(ending) and len(last) > len(ending):
            return last[: -len(ending)] + becomes
    return last


class _Run:
    """One unpacking, and where it ended."""

    def __init__(self, kind: Kind, piece: Piece) -> None:
        self.kind = kind
        self.ended: int | None = None
        self._piece = piece

    def chunks(self) -> Iterator[bytes]:
        at = 0
        for _ in range(MAX_STREAMS):
            at = yield from one_stream(self.kind, self._piece, at)
            at = _after_zeros(self._piece, at)
            if not self.kind.magics or not self._piece.read(at, 8).startswith(self.kind.magics):
                self.ended = at
                return
        raise Broken("it is of too many streams")


def one_stream(kind: Kind, piece: Piece, start: int = 0) -> Generator[bytes, None, int]:
    """The bytes of the stream that begins at `start`; returns where it ended. Raises Broken."""
    machine, at = kind.make(), start
    while not machine.eof:
        data = piece.read(at, READ_BYTES)
        if not data:
            raise Broken("it ends early")
        at += len(data)
        while True:
            try:
                given = machine.decompress(data, OUT_BYTES)
            except Exception as error:  # each library has errors of its own, and lz4 raises RuntimeError
                raise Broken("its packed bytes are damaged") from error
            if given:
                yield given
            if machine.eof or not given:
                break
            data = getattr(machine, "unconsumed_tail", b"")  # zlib's way; the others keep it themselves
    return at - len(machine.unused_data or b"")


def _after_zeros(piece: Piece, at: int) -> int:
    """Where the padding ends: tapes and block devices leave zeros."""
    for chunk in through(piece, at):
        rest = chunk.lstrip(b"\0")
        if rest:
            return at + len(chunk) - len(rest)
        at += len(chunk)
    return at
