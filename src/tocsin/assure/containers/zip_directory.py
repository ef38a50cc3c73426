"""The directory of a zip as each kind of reader would see it, and where they would differ (PKWARE APPNOTE 6.3.10).

Three kinds matter. Python's `zipfile` takes the last end record, allows for bytes before the archive, and trusts the
directory. miniz, which torch reads with, takes the offsets as they are written. Readers of streams (Java, bsdtar) see
the members' own headers one after the other and no directory. What all three see alike is one archive; anything else is
a doubt. A doubt is a rule's id with its values; members are listed as far as they can be read.
"""

import stat
import struct
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from tocsin.assure.examining import Piece

LOCAL = b"PK\x03\x04"
CENTRAL = b"PK\x01\x02"
END = b"PK\x05\x06"
END64 = b"PK\x06\x06"
LOCATOR64 = b"PK\x06\x07"

END_BYTES = 22
TAIL_BYTES = END_BYTES + 0xFFFF
"""The end record lies in here: its comment has a length of two bytes."""

MAX_DIRECTORY_BYTES = 16 << 20
MAX_ENTRIES = 100_000
"""Members of one zip. A checkpoint of a thousand billion parameters has some thousands of tensors."""

ENCRYPTED = 0x0001 | 0x0040 | 0x2000
DESCRIPTOR = 0x0008
UTF8 = 0x0800
_MEANING = ENCRYPTED | DESCRIPTOR | UTF8
"""Flags that change what a reader does; the others say how hard the writer tried."""

_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s2B4HL2L2H")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_MARK16, _MARK32 = 0xFFFF, 0xFFFFFFFF
_UNICODE_PATH = 0x7075
_ZIP64 = 0x0001
_STRONG = 0x0017
_FOLDER = 0x10
"""The attribute by which MS-DOS, and so miniz, knows a folder (APPNOTE 4.4.15)."""


class Doubt(NamedTuple):
    """Something that readers see differently: a rule's id, where, and its values."""

    rule: str
    offset: int | None = None
    field: str | None = None
    values: dict[str, str | int] = {}  # noqa: RUF012  # never changed


class Entry(msgspec.Struct, frozen=True):
    """One member: what the directory says, and where its bytes lie (`at` its header, `begins` its data)."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    at: int
    begins: int
    external: int

    @property
    def name(self) -> str:
        """As readers decode it; what is not of the code page is escaped."""
        return self.raw_name.decode("utf-8" if self.flags & UTF8 else "cp437", "backslashreplace")

    @property
    def mode(self) -> int:
        """What Unix calls the kind of a file and its permissions; 0 when it was not made there."""
        return self.external >> 16

    @property
    def of_two_kinds(self) -> bool:
        """Whether some readers take it for a folder and give nothing (miniz: not even zeros), others for a file."""
        folder = self.raw_name.endswith(b"/")
        marked = self.external & _FOLDER != 0 or stat.S_ISDIR(self.mode)
        return (marked and not folder) or (folder and max(self.size, self.packed) > 0)

    @property
    def ends(self) -> int:
        return self.begins + self.packed


class Directory(msgspec.Struct):
    """What was read. `start` and `end` bound the directory's own bytes, the end record and its comment included."""

    entries: list[Entry]
    doubts: list[Doubt]
    start: int = 0
    end: int = 0
    shift: int = 0
    """Bytes before the archive, which offsets do not count."""

    whole: bool = False
    """Whether the directory could be read at all."""


class _Ends(msgspec.Struct, frozen=True):
    at: int
    """Of the first record after the directory."""

    count: int
    size: int
    offset: int


def end_record(piece: Piece) -> int:
    """Where the end record lies that readers take: the last one that is whole. -1 when there is none."""
    begins = max(0, piece.size - TAIL_BYTES)
    tail = piece.read(begins, TAIL_BYTES)
    found = tail.rfind(END, 0, max(0, len(tail) - END_BYTES + len(END)))
    return begins + found if found >= 0 else -1


def plausible(piece: Piece, at: int) -> bool:
    """Whether a reader would find a directory by the end record at `at`: what only looks like one is not claimed."""
    size, offset = struct.unpack_from("<2L", piece.read(at + 12, 8))
    if size == 0 or _MARK32 in (size, offset):
        return True
    return CENTRAL in (piece.read(at - size, 4), piece.read(offset, 4)) or piece.read(at - 20, 4) == LOCATOR64


def read_directory(piece: Piece) -> Directory:
    """The directory, its members and every doubt. Never raises for what the bytes are."""
    read = Directory([], [])
    at = end_record(piece)
    if at < 0:
        read.doubts.append(Doubt("zip-broken", values={"why": "it has no end record"}))
        return read
    ends = _ends(piece, at, read)
    read.start = ends.at - ends.size
    read.shift = read.start - ends.offset
    if read.start < 0 or read.shift < 0:
        read.doubts.append(Doubt("zip-broken", at, values={"why": "its directory lies outside of it"}))
        return read
    if read.shift and piece.read(ends.offset, 4) == CENTRAL:
        read.doubts.append(Doubt("zip-views", ends.offset, values={"why": "there are two directories"}))
    if ends.size > MAX_DIRECTORY_BYTES or ends.count > MAX_ENTRIES:
        read.doubts.append(Doubt("zip-broken", at, values={"why": "its directory is too large"}))
        return read
    read.whole = _read_entries(piece, ends, read)
    return read


def _ends(piece: Piece, at: int, read: Directory) -> _Ends:
    """The end record, and the one of 64 bits before it if there is one; doubts where the two differ."""
    _, disk, first_disk, here, count, size, offset, comment = _END.unpack(piece.read(at, END_BYTES))
    rest = piece.size - at - END_BYTES
    read.end = at + END_BYTES + min(comment, rest)
    if rest > comment:
        read.doubts.append(Doubt("zip-trailing", read.end, values={"size": rest - comment}))
    elif rest < comment:
        read.doubts.append(Doubt("zip-views", at, values={"why": "its comment is longer than the file"}))
    elif comment:
        read.doubts.append(Doubt("zip-comment", at + END_BYTES, values={"size": comment}))
    if END in piece.read(at + 4, END_BYTES + 0xFFFF):
        read.doubts.append(Doubt("zip-views", at, values={"why": "there are two end records"}))
    if disk or first_disk or here != count:
        read.doubts.append(Doubt("zip-views", at, values={"why": "it says that it is one of several disks"}))
    plain = _Ends(at, count, size, offset)
    locator = piece.read(at - _LOCATOR64.size, _LOCATOR64.size) if at >= _LOCATOR64.size else b""
    if not locator.startswith(LOCATOR64):
        return plain
    _, _, where, _ = _LOCATOR64.unpack(locator)
    before = at - _LOCATOR64.size - _END64.size
    record = piece.read(before, _END64.size) if before >= 0 else b""
    if not record.startswith(END64):
        read.doubts.append(
            Doubt("zip-views", at, values={"why": "its 64-bit end record is not where it must be"})
        )
        return plain
    _, _, _, _, disk, first_disk, here, count, size, offset = _END64.unpack(record)
    long = _Ends(before, count, size, offset)
    for short, full, mark in (
        (plain.count, count, _MARK16),
        (plain.size, size, _MARK32),
        (plain.offset, offset, _MARK32),
    ):
        if short not in (mark, full):
            read.doubts.append(Doubt("zip-views", at, values={"why": "its two end records differ"}))
            break
    if where != before or disk or first_disk or here != count:
        read.doubts.append(
            Doubt("zip-views", before, values={"why": "its 64-bit end record is named elsewhere"})
        )
    return long


def _read_entries(piece: Piece, ends: _Ends, read: Directory) -> bool:
    data = piece.read(read.start, ends.size)
    at = 0
    while at < len(data):
        if len(read.entries) >= MAX_ENTRIES:
            read.doubts.append(Doubt("zip-broken", values={"why": "it has too many members"}))
            return False
        if data[at : at + 4] != CENTRAL or len(data) - at < _CENTRAL.size:
            read.doubts.append(
                Doubt("zip-broken", read.start + at, values={"why": "its directory is cut short"})
            )
            return False
        at = _entry(piece, data, at, read)
    if len(read.entries) != ends.count:
        read.doubts.append(
            Doubt("zip-views", read.start, values={"why": "its members are not as many as it says"})
        )
    return True


def _entry(piece: Piece, data: bytes, at: int, read: Directory) -> int:
    where = read.start + at
    fields = _CENTRAL.unpack_from(data, at)
    flags, method, crc, packed, size = fields[5], fields[6], fields[9], fields[10], fields[11]
    name_length, extra_length, comment_length, disk = fields[12:16]
    external, offset = fields[17], fields[18]
    at += _CENTRAL.size
    name = data[at : at + name_length]
    extra = data[at + name_length : at + name_length + extra_length]
    at += name_length + extra_length + comment_length
    field = name.decode("utf-8", "backslashreplace")
    parts = dict(_extras(extra))
    if at > len(data) or _twice(extra):
        read.doubts.append(Doubt("zip-broken", where, field, {"why": "a member's entry is cut short"}))
    long = parts.get(_ZIP64, b"")
    size, long = _longer(size, long)
    packed, long = _longer(packed, long)
    offset, long = _longer(offset, long)
    if disk or _STRONG in parts:
        read.doubts.append(Doubt("zip-views", where, field, {"why": "a member says that it lies elsewhere"}))
    if _UNICODE_PATH in parts and parts[_UNICODE_PATH][5:] != name:
        read.doubts.append(Doubt("zip-views", where, field, {"why": "a member has two names"}))
    begins = _local(piece, offset + read.shift, Entry(name, flags, method, crc, packed, size, 0, 0, 0), read)
    entry = Entry(name, flags, method, crc, packed, size, offset + read.shift, begins, external)
    if entry.of_two_kinds:
        read.doubts.append(Doubt("zip-views", where, field, {"why": "a member is a folder to some readers"}))
    if begins + packed > read.start:
        read.doubts.append(Doubt("zip-views", where, field, {"why": "a member reaches beyond the directory"}))
    read.entries.append(entry)
    return at


def _local(piece: Piece, at: int, entry: Entry, read: Directory) -> int:
    """Compares a member's own header with the directory's entry; where its data begins."""
    head = piece.read(at, _LOCAL.size)
    field = entry.raw_name.decode("utf-8", "backslashreplace")
    if len(head) < _LOCAL.size or not head.startswith(LOCAL):
        read.doubts.append(Doubt("zip-views", at, field, {"why": "a member has no header of its own"}))
        return at + _LOCAL.size
    fields = _LOCAL.unpack(head)
    flags, method, crc, packed, size, name_length, extra_length = (*fields[3:5], *fields[7:12])
    tail = piece.read(at + _LOCAL.size, name_length + extra_length)
    name, extra = tail[:name_length], tail[name_length:]
    parts = dict(_extras(extra))
    long = parts.get(_ZIP64, b"")
    if _MARK32 in (size, packed):
        size, long = _longer(size, long)
        packed, long = _longer(packed, long)
    for what, differs in (
        ("name", name != entry.raw_name),
        ("name", _UNICODE_PATH in parts and parts[_UNICODE_PATH][5:] != name),
        ("method", method != entry.method),
        ("flags", (flags ^ entry.flags) & _MEANING),
        ("size", not _same(flags, (packed, size), (entry.packed, entry.size))),
        ("checksum", not _same(flags, (crc,), (entry.crc,))),
    ):
        if differs:
            read.doubts.append(Doubt("zip-header-mismatch", at, field, {"what": what}))
    return at + _LOCAL.size + int(name_length) + int(extra_length)


def _same(flags: int, here: tuple[int, ...], there: tuple[int, ...]) -> bool:
    """Whether a header agrees with the directory. With a descriptor after the data the header may say nothing (0)."""
    return here == there or (flags & DESCRIPTOR != 0 and not any(here))


def _longer(value: int, long: bytes) -> tuple[int, bytes]:
    """A size or offset; the marker means that the 64-bit field has it, in this order (APPNOTE 4.5.3)."""
    if value != _MARK32 or len(long) < 8:
        return value, long
    return int.from_bytes(long[:8], "little"), long[8:]


def _extras(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _twice(extra: bytes) -> bool:
    """Whether a field that changes the meaning stands there twice, or reaches beyond the end."""
    kinds = [kind for kind, _ in _extras(extra)]
    reach = 0
    while reach + 4 <= len(extra):
        reach += 4 + int.from_bytes(extra[reach + 2 : reach + 4], "little")
    return reach > len(extra) or kinds.count(_ZIP64) > 1 or kinds.count(_UNICODE_PATH) > 1


def descriptors(entry: Entry) -> tuple[bytes, ...]:
    """The forms that the record after a member's data may have, when its flags announce one."""
    if not entry.flags & DESCRIPTOR:
        return ()
    long = struct.pack("<L2Q", entry.crc, entry.packed, entry.size)
    forms: tuple[bytes, ...] = (b"PK\x07\x08" + long, long)
    if max(entry.packed, entry.size) <= _MARK32:
        short = struct.pack("<3L", entry.crc, entry.packed, entry.size)
        forms = (b"PK\x07\x08" + short, short, *forms)
    return forms
