"""Zip archives by hand, as PyTorch writes them (stored, aligned) and as nobody should."""

import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

ENCRYPTED = 0x1
ALIGNMENT = 64
"""PyTorch pads each member's data to it, by an extra field `FB`."""


class Entry(NamedTuple):
    """One member, and what its two headers say of it where they lie."""

    name: str
    content: bytes
    local_name: str | None = None
    local_flags: int = 0
    central_flags: int = 0
    crc: int | None = None
    deflate: bool = False
    hidden: bool = False
    """Not in the central directory."""


def archive(
    entries: Sequence[Entry], *, prefix: bytes = b"", comment: bytes = b"", aligned: bool = True
) -> bytes:
    """The archive. With a prefix the offsets count from its start, as `cat prefix zip` does not do and zip -A does."""
    out, directory, listed = bytearray(prefix), bytearray(), 0
    for entry in entries:
        offset = len(out)
        stored = _deflated(entry.content) if entry.deflate else entry.content
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        name = entry.name.encode()
        local = (entry.name if entry.local_name is None else entry.local_name).encode()
        sizes = struct.pack(
            "<HHHIII", 8 if entry.deflate else 0, 0, 0x5C21, crc, len(stored), len(entry.content)
        )
        pad = -(offset + 30 + len(local) + 4) % ALIGNMENT if aligned else 0
        extra = b"FB" + struct.pack("<H", pad) + b"Z" * pad if aligned else b""
        out += b"PK\x03\x04" + struct.pack("<HH", 20, entry.local_flags) + sizes
        out += struct.pack("<HH", len(local), len(extra)) + local + extra + stored
        if entry.hidden:
            continue
        listed += 1
        directory += b"PK\x01\x02" + struct.pack("<HHH", 20, 20, entry.central_flags) + sizes
        directory += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, offset) + name
    end = struct.pack("<HHHHIIH", 0, 0, listed, listed, len(directory), len(out), len(comment))
    return bytes(out + directory + b"PK\x05\x06" + end + comment)


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def torch_zip(pickle: bytes, storages: Sequence[bytes] = (), *, top: str = "archive") -> list[Entry]:
    """The members of what torch.save writes, with `pickle` for its data.pkl."""
    return [
        Entry(f"{top}/data.pkl", pickle),
        Entry(f"{top}/byteorder", b"little"),
        *(Entry(f"{top}/data/{number}", content) for number, content in enumerate(storages)),
        Entry(f"{top}/version", b"3\n"),
        Entry(f"{top}/.data/serialization_id", b"0" * 40),
    ]
