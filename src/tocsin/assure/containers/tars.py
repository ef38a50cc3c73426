"""Tar, in all its kinds (v7, ustar, GNU, pax). Headers are read by `tarfile`; members are looked at where they lie.

Two readers differ where an extended header gives another size than the member's own (CVE-2025-62518): that is found.
What comes after the end of the archive must be zeros.
"""

import re
import tarfile
from collections.abc import Iterator

from tocsin.assure.containers.piece_streams import PieceStream
from tocsin.assure.examining import Nested, Piece, Told, finding
from tocsin.assure.members import member_path, name_doubts
from tocsin.assure.pieces import Window, through
from tocsin.kernel.artefacts import Finding

BLOCK = tarfile.BLOCKSIZE
MAX_MEMBERS = 200_000
MAX_HEADER_BYTES = 64 << 10
"""One extended header: a path and some dates. `tarfile` holds it in memory and searches it."""

_SIZE = slice(124, 136)
_NUMBER = re.compile(rb"[ \0]*[0-7]*[ \0]*|[\x80\xff].*", re.DOTALL)
"""Octal digits, or a number to the base of 256; `tarfile` takes what Python's int does, as 0o17 and 1_7."""

_DIGITS = re.compile(rb"[0-9]{64}")
"""`tarfile` searches a pax header in a way that takes quadratic time in a run of digits (CVE-2024-6232): three seconds
for one header of 60,000. No field has a number so long."""

_OTHERS = (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE)


class _TooLong(OSError):
    """A header asks for more than it can need."""


class _Headers(PieceStream):
    """A piece as `tarfile` reads it: headers alone, never long."""

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > MAX_HEADER_BYTES:
            raise _TooLong
        got = super().read(size)
        if size > BLOCK and _DIGITS.search(got):
            raise _TooLong
        return got


def is_tar(piece: Piece) -> bool:
    """Whether it begins with a tar's header: by its magic, or by the checksum of older ones."""
    head = piece.read(0, BLOCK)
    if len(head) < BLOCK or not head[0]:
        return False
    if head[257:262] == b"ustar":
        return True
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError, OverflowError):
        return False
    return True


class Tars:
    """Clean when every header is whole, names stay inside, and two readers see the same members."""

    name = "tar"
    version = 1

    def recognises(self, piece: Piece) -> str:
        return "tar" if is_tar(piece) else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        names: list[str] = []
        at = 0
        why = ""
        try:
            archive = tarfile.TarFile(fileobj=_Headers(piece), errorlevel=0)
            while (member := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # it keeps every one, and none is asked for again
                names.append(f"{member.name}/" if member.isdir() else member.name)
                end = member.offset_data + _blocks(member)
                if member.offset < at or member.size < 0 or len(names) > MAX_MEMBERS:
                    why = "its headers go back or never end"
                    break
                yield from _extended(piece, at, member)
                at = end
                yield from _member(piece, member)
        except (tarfile.TarError, ValueError, OverflowError, RecursionError, OSError, EOFError):
            why = "a header is damaged"
        if why:
            yield finding("walker.broken", piece.path, offset=at, why=why)
        yield from name_doubts(piece.path, [name for name in names if name.strip("./")])
        if not why:
            yield from _rest(piece, at)


def _blocks(member: tarfile.TarInfo) -> int:
    """What its data takes up; links and folders have none whatever size they name."""
    if not (member.isreg() or member.type not in tarfile.SUPPORTED_TYPES):
        return 0
    return -(-member.size // BLOCK) * BLOCK


def _member(piece: Piece, member: tarfile.TarInfo) -> Iterator[Told]:
    path = member_path(piece.path, member.name)
    if member.issym() or member.islnk():
        yield finding("walker.member-link", path, offset=member.offset)
        return
    if member.type in _OTHERS and not member.isreg():
        yield finding("walker.member-special", path, offset=member.offset)
        return
    if member.isdir():
        return
    yield from _agrees(piece, member, path)
    if member.sparse is not None:
        yield finding("walker.member-compression", path, offset=member.offset, method="sparse")
        return
    if not member.isreg():
        yield finding("walker.member-compression", path, offset=member.offset, method=repr(member.type))
    window = Window(path, piece, member.offset_data, member.size)
    if window.size < member.size:
        yield finding("walker.broken", path, offset=member.offset, why="it ends before its last byte")
    yield Nested(window)


def _extended(piece: Piece, at: int, member: tarfile.TarInfo) -> Iterator[Finding]:
    """Whether the pax headers before a member are records and nothing else: where one is not, readers part ways."""
    while at < member.offset_data - BLOCK:
        head = piece.read(at, BLOCK)
        try:
            size = int(tarfile.nti(head[_SIZE]))  # type: ignore[attr-defined]
        except tarfile.HeaderError:
            return
        if head[156:157] in b"xgX" and not _records(piece.read(at + BLOCK, min(size, MAX_HEADER_BYTES))):
            path = member_path(piece.path, member.name)
            yield finding("walker.tar-views", path, offset=at, why="an extended header is malformed")
        at += BLOCK + -(-max(size, 0) // BLOCK) * BLOCK


def _records(data: bytes) -> bool:
    """Whether it is `LENGTH KEY=VALUE\\n` over and over (POSIX pax, extended header format)."""
    at = 0
    while at < len(data):
        length, _, rest = data[at : at + 12].partition(b" ")
        if not rest or not length.isdigit() or length.startswith(b"0"):
            return False
        record = data[at : at + int(length)]
        if len(record) != int(length) or not record.endswith(b"\n") or b"=" not in record:
            return False
        at += int(length)
    return True


def _agrees(piece: Piece, member: tarfile.TarInfo, path: str) -> Iterator[Finding]:
    """Whether the block right before the data names the size that was read, as a reader without pax would take it."""
    own = piece.read(member.offset_data - BLOCK, BLOCK)[_SIZE]
    if not _NUMBER.fullmatch(own):
        yield finding(
            "walker.tar-views", path, offset=member.offset, why="a member's size is no plain number"
        )
    if member.name.endswith("/"):
        yield finding(
            "walker.tar-views", path, offset=member.offset, why="a member is a folder to some readers"
        )
    try:
        size = tarfile.nti(own)  # type: ignore[attr-defined]
    except tarfile.HeaderError:
        return
    if member.sparse is None and size != member.size:
        yield finding("walker.tar-views", path, offset=member.offset, why="a member has two sizes")


def _rest(piece: Piece, at: int) -> Iterator[Finding]:
    for chunk in through(piece, at):
        rest = chunk.lstrip(b"\0")
        if rest:
            begins = at + len(chunk) - len(rest)
            yield finding("walker.tar-trailing", piece.path, offset=begins, size=piece.size - begins)
            return
        at += len(chunk)
