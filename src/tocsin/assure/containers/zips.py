"""Zip: torch's checkpoints, npz, Keras, and plain archives. Clean only when every reader sees the same members.

Stored members are looked at where they lie, so a checkpoint of 100 GB needs no room; packed ones are spooled. The raw
storages of a torch checkpoint (PREFIX/data/N beside PREFIX/data.pkl and PREFIX/version) are numbers that nothing runs.
"""

import lzma
import re
import stat
import zlib
from collections.abc import Iterator
from typing import Any

from tocsin.assure.containers import streams
from tocsin.assure.containers.tars import is_tar
from tocsin.assure.containers.zip_directory import (
    ENCRYPTED,
    LOCAL,
    UTF8,
    Directory,
    Entry,
    descriptors,
    end_record,
    plausible,
    read_directory,
)
from tocsin.assure.examining import Broken, Nested, Packed, Piece, Told, finding, finding_at
from tocsin.assure.members import member_path, name_doubts
from tocsin.assure.pieces import Window, through
from tocsin.kernel.artefacts import Place

STORED, DEFLATED, BZIP2, LZMA, ZSTD = 0, 8, 12, 14, 93
MAX_CRC_BYTES = 16 << 20
"""A stored member up to here has its checksum tried; larger ones are tensors, and hashed with the file."""

MAX_DOUBTS = 1_000
"""Doubts told of one zip: more say nothing new."""

MAX_PADDING = 64 << 10
"""Zeros between members that no reader takes for anything."""

_STORAGE = re.compile(r"(?:data|constants)/\d+")


class Zips:
    """Reads the directory as three kinds of readers would, and hands on every member."""

    name = "zip"
    version = 1

    def recognises(self, piece: Piece) -> str:
        head = piece.read(0, 512)
        if not head.startswith((LOCAL, b"PK\x05\x06")):
            at = end_record(piece)
            if at < 0 or not plausible(piece, at) or is_tar(piece):
                return ""  # a tar ends with its last member, which may be a zip: it is looked at there
            return "zip"
        first = head[30 : 30 + int.from_bytes(head[26:28], "little")]
        if first.endswith(b".npy"):
            return "npz"
        return "torch-zip" if first.endswith(b"/data.pkl") else "zip"

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        read = read_directory(piece)
        if read.whole:
            yield from _gaps(piece, read)
        for doubt in read.doubts[:MAX_DOUBTS]:
            path = piece.path if doubt.field is None else member_path(piece.path, doubt.field)
            yield finding_at(f"walker.{doubt.rule}", Place(path, doubt.offset), doubt.values)
        if not read.whole and not read.entries:
            read.entries = list(_loose(piece))
        yield from name_doubts(piece.path, [entry.name for entry in read.entries])
        yield from _same_bytes(piece, read)
        storages = _storages(read)
        for entry in read.entries:
            yield from _member(piece, entry, unrun=entry.name in storages)


def _same_bytes(piece: Piece, read: Directory) -> Iterator[Told]:
    """Names that are one for a reader of bytes and two for one that decodes them, by their flags."""
    seen: dict[bytes, int] = {}
    for entry in read.entries:
        if (
            seen.setdefault(entry.raw_name, entry.flags & UTF8) != entry.flags & UTF8
            and not entry.raw_name.isascii()
        ):
            yield finding("walker.member-twice", member_path(piece.path, entry.name), offset=entry.at)


def _storages(read: Directory) -> frozenset[str]:
    """The members that are storages of a torch checkpoint, by the layout that torch itself goes by."""
    names = {entry.name for entry in read.entries}
    prefixes = {name.removesuffix("data.pkl") for name in names if name.endswith("/data.pkl")}
    prefixes = {prefix for prefix in prefixes if f"{prefix}version" in names and prefix.count("/") == 1}
    return frozenset(
        name
        for name in names
        if (at := name.find("/") + 1) and name[:at] in prefixes and _STORAGE.fullmatch(name[at:])
    )


def _member(piece: Piece, entry: Entry, *, unrun: bool) -> Iterator[Told]:
    path = member_path(piece.path, entry.name)
    kind = stat.S_IFMT(entry.mode)
    if kind == stat.S_IFLNK:
        yield finding("walker.member-link", path, offset=entry.at)
    elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        yield finding("walker.member-special", path, offset=entry.at)
    if (
        entry.flags & ENCRYPTED
    ):  # a flag alone hides it from many scanners: what lies there is looked at all the same
        yield finding("walker.member-encrypted", path, offset=entry.at)
    if entry.name.endswith("/") and not entry.packed and not entry.size:
        return
    told_as = "tensor-data" if unrun else ""
    if entry.method == STORED:
        if entry.packed != entry.size and not entry.flags & ENCRYPTED:
            yield finding("walker.zip-size-mismatch", path, offset=entry.at)
        member = Window(path, piece, entry.begins, entry.packed)
        if member.size < entry.packed:
            yield finding("walker.broken", path, offset=entry.at, why="it ends before its last byte")
        yield Nested(member, told_as)
        if (
            not unrun
            and member.size <= MAX_CRC_BYTES
            and zlib.crc32(member.read(0, member.size)) != entry.crc
        ):
            yield finding("walker.zip-crc", path, offset=entry.at)
    elif entry.method in _PACKINGS:
        check = _Check(entry)
        there = max(
            0, min(entry.packed, piece.size - entry.begins)
        )  # not what it says: the ratio is of real bytes
        yield Packed(path, there, lambda: check.over(piece), told_as)
        if check.ended and check.crc != entry.crc:
            yield finding("walker.zip-crc", path, offset=entry.at)
        if check.ended and (check.size != entry.size or check.unused):
            yield finding("walker.zip-size-mismatch", path, offset=entry.at)
    else:
        yield finding("walker.member-compression", path, offset=entry.at, method=entry.method)


class _Check:
    """Unpacks one member and keeps what its checksum and size came to."""

    def __init__(self, entry: Entry) -> None:
        self.crc = self.size = self.unused = 0
        self.ended = False
        self._entry = entry

    def over(self, piece: Piece) -> Iterator[bytes]:
        entry = self._entry
        for chunk in _unpacked(piece, entry, self):
            self.crc = zlib.crc32(chunk, self.crc)
            self.size += len(chunk)
            yield chunk
        self.ended = True


def _unpacked(piece: Piece, entry: Entry, check: _Check) -> Iterator[bytes]:
    """A member's bytes. `check.unused` becomes what was left over after the end of the packed stream."""
    member = Window("", piece, entry.begins, entry.packed)
    if entry.method != LZMA:
        check.unused = member.size - (yield from streams.one_stream(_PACKINGS[entry.method], member))
        return
    head = member.read(0, 4)
    skip = 4 + int.from_bytes(head[2:4], "little")
    try:
        machine = _lzma(member.read(4, skip - 4))
        for chunk in through(member, skip):
            given = machine.decompress(chunk, streams.OUT_BYTES)
            while given:
                yield given
                given = b"" if machine.eof else machine.decompress(b"", streams.OUT_BYTES)
            if machine.eof:
                check.unused += len(machine.unused_data)
                return
    except (lzma.LZMAError, EOFError) as error:
        raise Broken("its packed bytes are damaged") from error


def _deflate() -> Any:
    return zlib.decompressobj(-zlib.MAX_WBITS)


def _lzma(properties: bytes) -> Any:
    """A zip's LZMA: raw, with properties of five bytes before it (APPNOTE 5.8)."""
    if len(properties) != 5 or properties[0] >= 9 * 5 * 5:
        raise Broken("its compression has no properties")
    pb, rest = divmod(properties[0], 45)
    lp, lc = divmod(rest, 9)
    dictionary = int.from_bytes(properties[1:], "little")
    if dictionary > MAX_DICTIONARY_BYTES:
        raise Broken("its compression takes too much memory")
    chosen = {"id": lzma.FILTER_LZMA1, "pb": pb, "lp": lp, "lc": lc, "dict_size": max(dictionary, 4096)}
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chosen])


MAX_DICTIONARY_BYTES = 64 << 20
"""xz at its highest level asks for 64 MiB."""

_PACKINGS = {
    DEFLATED: streams.Kind("deflate", (), _deflate),
    BZIP2: streams.BZIP2,
    LZMA: streams.XZ,
    ZSTD: streams.ZSTD,
}


def _gaps(piece: Piece, read: Directory) -> Iterator[Told]:
    """What lies between the members, before the first, and before the directory."""
    at, last = 0, None
    for entry in sorted(read.entries, key=lambda entry: (entry.at, entry.begins)):
        yield from _gap(piece, at, entry.at, last)
        if entry.at < at:
            yield finding("walker.zip-overlap", member_path(piece.path, entry.name), offset=entry.at)
        at, last = max(at, entry.ends), entry
    yield from _gap(piece, at, read.start, last)


def _gap(piece: Piece, start: int, end: int, last: Entry | None) -> Iterator[Told]:
    if start >= end:
        return
    if last is None:
        yield finding("walker.zip-prefix", piece.path, offset=0, size=end)
        return
    head = piece.read(start, min(end - start, MAX_PADDING))
    for form in descriptors(last):
        if head.startswith(form):
            head, start = head[len(form) :], start + len(form)
            break
    if start >= end:
        return
    if not head.strip(b"\0") and end - start <= MAX_PADDING:
        yield finding("walker.zip-padding", piece.path, offset=start, size=end - start)
    elif any(LOCAL in chunk for chunk in _overlapping(piece, start, end)):
        yield finding("walker.zip-hidden", piece.path, offset=start)
    else:
        yield finding("walker.zip-gap", piece.path, offset=start, size=end - start)


def _overlapping(piece: Piece, start: int, end: int) -> Iterator[bytes]:
    kept = b""
    for chunk in through(piece, start, end):
        yield kept + chunk
        kept = chunk[-3:]


MAX_LOOSE = 10_000


def _loose(piece: Piece) -> Iterator[Entry]:
    """The members of a zip without a directory, by their own headers, as a reader of streams sees them."""
    at = 0
    for _ in range(MAX_LOOSE):
        head = piece.read(at, 30)
        if len(head) < 30 or not head.startswith(LOCAL):
            return
        flags, method = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
        crc, packed, size = (int.from_bytes(head[place : place + 4], "little") for place in (14, 18, 22))
        name_length, extra_length = (
            int.from_bytes(head[26:28], "little"),
            int.from_bytes(head[28:30], "little"),
        )
        begins = at + 30 + name_length + extra_length
        if flags & 8 and not packed:  # its length stands after it: it is taken to reach to the end
            packed = piece.size - begins
        yield Entry(piece.read(at + 30, name_length), flags, method, crc, packed, size, at, begins, 0)
        at = begins + packed
