"""An `.eval` log's members: a zip whose members are JSON, packed by zstd, which Python's zipfile reads from 3.14 on.

The directory is zipfile's; what is packed is opened here, bounded by what the directory says and by MAX_MEMBER_BYTES.
"""

import zlib
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import zstandard

from tocsin.kernel.errors import BadInput, TooLarge

ZSTANDARD = 93
"""The method of zstd (APPNOTE 6.3.8, 4.4.5)."""

MAX_MEMBER_BYTES = 256 << 20
"""One sample unpacked: an agent's run of a million tokens with its events takes some 50 MB."""

MAX_LOG_BYTES = 1 << 40
"""All samples unpacked: a million of a megabyte each, events and all; a quarter of an hour at a gigabyte a second."""

MAX_DIRECTORY_BYTES = 128 << 20
"""Some million samples' names and places; zipfile takes about ten times this in memory."""

_LOCAL_HEADER = 30
_NAME_LENGTH, _EXTRA_LENGTH = slice(26, 28), slice(28, 30)
_LOCAL_MAGIC = b"PK\x03\x04"


class Archive:
    """The members of a log by name. Raises BadInput and TooLarge, as do its methods."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        try:
            with ZipFile(_Measured(stream)) as listed:
                # of two members of one name the later is the live one, as every reader of zip has it
                self._members: dict[str, ZipInfo] = dict(listed.NameToInfo)
            size = stream.seek(0, 2)
        except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise BadInput(f"the log cannot be read as a zip ({error}): was it cut off?") from None
        if sum(member.compress_size for member in self._members.values()) > size:
            raise BadInput("the log's members lie over each other: it was made to be larger than it is")
        if sum(member.file_size for member in self._members.values()) > MAX_LOG_BYTES:
            raise TooLarge(f"the log unpacks to over {MAX_LOG_BYTES >> 30} GiB: split the run by task")
        self._unpacker = zstandard.ZstdDecompressor()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def names(self, folder: str) -> Iterator[str]:
        """Members of a folder, as the log lists them."""
        return (name for name in self._members if name.startswith(folder) and name.endswith(".json"))

    def read(self, name: str) -> bytes:
        """A member's bytes, checked against its checksum."""
        member = self._members[name]
        if member.file_size > MAX_MEMBER_BYTES or member.compress_size > MAX_MEMBER_BYTES:
            raise TooLarge(f"{name[:80]} is over {MAX_MEMBER_BYTES >> 20} MiB")
        try:
            data = self._unpacked(member)
        except (zstandard.ZstdError, zlib.error, OSError, ValueError, MemoryError) as error:
            raise BadInput(f"{name[:80]} cannot be unpacked ({error}): the log is damaged") from None
        if len(data) != member.file_size or zlib.crc32(data) != member.CRC:
            raise BadInput(f"{name[:80]} is not what the log's directory says: the log is damaged")
        return data

    def _unpacked(self, member: ZipInfo) -> bytes:
        self._stream.seek(member.header_offset)
        header = self._stream.read(_LOCAL_HEADER)
        if len(header) < _LOCAL_HEADER or header[:4] != _LOCAL_MAGIC:
            raise OSError("no member there")
        lengths = (int.from_bytes(header[part], "little") for part in (_NAME_LENGTH, _EXTRA_LENGTH))
        self._stream.seek(sum(lengths), 1)
        packed, size = self._stream.read(member.compress_size), member.file_size
        if member.compress_type == ZSTANDARD:
            with self._unpacker.stream_reader(packed, read_across_frames=True) as reader:
                return reader.read(size + 1)
        if member.compress_type == ZIP_DEFLATED:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size + 1)
        if member.compress_type == ZIP_STORED:
            return packed
        raise OSError(f"packed by method {member.compress_type}")


class _Measured:
    """The stream, for zipfile: it reads the whole directory at once, as large as a foreign number says."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise TooLarge(f"the log lists more samples than {MAX_DIRECTORY_BYTES >> 20} MiB of names hold")
        return self._stream.read(size)

    def close(self) -> None:
        """Stays open: who opened it closes it."""
