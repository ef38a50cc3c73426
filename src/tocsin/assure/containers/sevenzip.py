"""7z, by py7zr: LGPL-2.1, apart and unchanged (extra `archives`), imported when the first 7z is met.

py7zr unpacks whole folders of members at once, so these are held in memory, and bounded by what the archive says before
anything is unpacked and by what comes out.
"""

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from tocsin.assure.containers.piece_streams import PieceStream
from tocsin.assure.examining import Nested, Piece, Told, finding
from tocsin.assure.members import member_path, name_doubts
from tocsin.assure.pieces import Held

MAGIC = b"7z\xbc\xaf\x27\x1c"
MAX_BYTES = 64 << 20
"""All members unpacked. Weights are not shipped in 7z; what is larger is unpacked by whoever wants it inspected."""

MAX_MEMBERS = 2_000
MAX_MEMORY_BYTES = 96 << 20
"""For dictionaries: 7z at its highest level takes 64 MiB."""


SIGNATURE_BYTES = 32
MAX_HEADER_BYTES = 16 << 20
ENCODED_HEADER = b"\x17"

METHODS = frozenset(
    bytes.fromhex(method)
    for method in ("00", "21", "030101", "040202", "040108", "04f71101", "03030103", "03")
)
"""Copy, LZMA2, LZMA, bzip2, deflate, zstd, BCJ of x86, delta. The decoders of the others are C code that few have
looked at; that of PPMd ends the whole process on a spoilt file (pyppmd 1.3.1, found by changing single bytes)."""


class SevenZips:
    """Clean when it is read whole; without the extra it is not examined."""

    name = "7z"
    version = 1

    def recognises(self, piece: Piece) -> str:
        return "7z" if piece.read(0, len(MAGIC)) == MAGIC else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        try:
            import py7zr
            from py7zr.exceptions import UnsupportedCompressionMethodError
        except ImportError:
            yield finding("walker.not-installed", piece.path, format="7z", extra="archives")
            return
        members: dict[str, bytes] = {}
        try:
            _check_header(piece)
            with py7zr.SevenZipFile(cast(BinaryIO, PieceStream(piece))) as archive:
                listed = archive.list()
                yield from name_doubts(piece.path, [each.filename for each in listed])
                if archive.needs_password():
                    yield finding("walker.member-encrypted", piece.path)
                    return
                links = [each.filename for each in listed if each.is_symlink]
                for name in links:
                    yield finding("walker.member-link", member_path(piece.path, name))
                size = sum(each.uncompressed for each in listed)
                if len(listed) > MAX_MEMBERS or size > MAX_BYTES:
                    yield finding("walker.too-large", piece.path, bound=MAX_BYTES)
                    return
                _check(_coders(archive.header.main_streams))
                sink = _sink()
                archive.extract(targets=[e.filename for e in listed if not e.is_symlink], factory=sink)
                members = sink.members()
        except (UnsupportedCompressionMethodError, _Untrusted):
            yield finding("walker.member-compression", piece.path, method="of 7z")
        except _TooMuch:
            yield finding("walker.too-large", piece.path, bound=MAX_BYTES)
        except Exception as error:  # noqa: BLE001  # py7zr trips over damaged headers in any way there is
            yield finding("walker.broken", piece.path, why=f"7z: {type(error).__name__}")
        for name, data in members.items():
            yield Nested(Held(member_path(piece.path, name), data))


def _check_header(piece: Piece) -> None:
    """Checks what unpacks the header, and the header in that one: py7zr does so as it opens, before anybody can ask."""
    from py7zr.archiveinfo import Header, HeaderStreamsInfo

    if not hasattr(Header, "_read"):
        raise _Untrusted  # another version than this was written for: rather nothing than unchecked

    class Checked(Header):
        def _read(self, fp: Any, buffer: Any, start_pos: int, password: Any) -> None:
            ahead = buffer.getvalue()[buffer.tell() :]
            if ahead[:1] == ENCODED_HEADER:
                _check(_coders(HeaderStreamsInfo.retrieve(io.BytesIO(ahead[1:]))))
            super()._read(fp, buffer, start_pos, password)

    begin = piece.read(0, SIGNATURE_BYTES)
    at, size = int.from_bytes(begin[12:20], "little"), int.from_bytes(begin[20:28], "little")
    if size > MAX_HEADER_BYTES:
        raise _TooMuch
    header = io.BytesIO(piece.read(SIGNATURE_BYTES + at, size))
    Checked.retrieve(cast(BinaryIO, PieceStream(piece)), header, SIGNATURE_BYTES)


def _coders(streams: Any) -> Iterator[tuple[bytes, bytes]]:
    """Each method and its properties."""
    if streams is not None and streams.unpackinfo is not None:
        for folder in streams.unpackinfo.folders:
            for coder in folder.coders:
                yield coder["method"], coder["properties"] or b""


def _check(coders: Iterator[tuple[bytes, bytes]]) -> None:
    """Raises _Untrusted for a method that is not read here, _TooMuch for dictionaries that nothing else bounds."""
    taken = 0
    for method, properties in coders:
        if method not in METHODS:
            raise _Untrusted
        if method == b"\x21" and properties:  # LZMA2 (7zFormat.txt; xz's file format, 5.3.1)
            bits = properties[0] & 0x3F
            taken += (2 | bits & 1) << (bits // 2 + 11)
        elif len(properties) == 5:  # LZMA: a byte, then the size
            taken += int.from_bytes(properties[1:], "little")
    if taken > MAX_MEMORY_BYTES:
        raise _TooMuch


class _Untrusted(Exception):
    """A method whose decoder is not trusted with strangers' bytes."""


class _TooMuch(Exception):
    """More came out than the archive said."""


def _sink() -> Any:
    """What py7zr writes members into: memory, within the bound. Made here, for its base is imported late."""
    from py7zr.io import Py7zIO, WriterFactory

    class Member(Py7zIO):
        def __init__(self, sink: "Sink") -> None:
            self._sink = sink
            self.held = io.BytesIO()

        def write(self, s: bytes | bytearray) -> int:
            self._sink.left -= len(s)
            if self._sink.left < 0:
                raise _TooMuch
            return self.held.write(s)

        def read(self, size: int | None = None) -> bytes:
            return self.held.read(size)

        def seek(self, offset: int, whence: int = 0) -> int:
            return self.held.seek(offset, whence)

        def flush(self) -> None:
            return None

        def size(self) -> int:
            return len(self.held.getvalue())

    class Sink(WriterFactory):
        def __init__(self) -> None:
            self.left = MAX_BYTES
            self._made: dict[str, Member] = {}

        def create(self, filename: str) -> Py7zIO:
            self._made[filename] = Member(self)
            return self._made[filename]

        def members(self) -> dict[str, bytes]:
            return {name: made.held.getvalue() for name, made in self._made.items()}

    return Sink()
