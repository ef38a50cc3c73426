"""Tiles (c2sp.org/tlog-tiles): hashes of one level, and entries, 256 together; names that are paths."""

import re
import struct
from collections.abc import Sequence

import msgspec

from tocsin.kernel import BadInput, TooLarge

WIDTH = 256
"""Hashes of a full tile, which is a tree of height 8."""

MAX_LEVEL = 7
"""2^64 leaves need tiles of levels 0 to 7; the standard's paths go to 63."""

MAX_INDEX = 2**55
"""Tiles of level 0 that 2^63 entries fill."""

MAX_ENTRY_BYTES = 2**16 - 1
_PATH = re.compile(
    r"(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


class Tile(msgspec.Struct, frozen=True):
    """Tile `index` of a `level`, or of the entries where that is None. `width` under 256 is a part of one."""

    level: int | None
    index: int
    width: int = WIDTH


def tile_path(tile: Tile) -> str:
    """What follows `<prefix>/tile/`."""
    parts = [f"{tile.index % 1000:03}"]
    rest = tile.index // 1000
    while rest:
        parts.append(f"x{rest % 1000:03}")
        rest //= 1000
    level = "entries" if tile.level is None else str(tile.level)
    partial = f".p/{tile.width}" if tile.width < WIDTH else ""
    return f"{level}/{'/'.join(reversed(parts))}{partial}"


def parse_tile_path(path: str) -> Tile:
    """What `tile_path` makes, in its one spelling. Raises BadInput."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise BadInput("a tile is LEVEL/INDEX or entries/INDEX, with .p/WIDTH when it is partial")
    level = None if found[1] == "entries" else int(found[1])
    tile = Tile(level, int(found[2].replace("x", "").replace("/", "")), int(found[3] or WIDTH))
    if (level or 0) > MAX_LEVEL or tile.index >= MAX_INDEX or tile_path(tile) != path:
        raise BadInput(
            "there is no such tile: a level is at most 7, a width at most 255, and no digit is idle"
        )
    return tile


def bundle_bytes(entries: Sequence[bytes]) -> bytes:
    """Entries one after the other, each after its length in two bytes. Raises TooLarge."""
    if len(entries) > WIDTH or any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise TooLarge(f"a bundle holds {WIDTH} entries of {MAX_ENTRY_BYTES} bytes")
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def parse_bundle(data: bytes) -> tuple[bytes, ...]:
    """What `bundle_bytes` makes. Raises BadInput, TooLarge."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        if len(entries) == WIDTH:
            raise TooLarge(f"a bundle holds {WIDTH} entries")
        length = int.from_bytes(data[at : at + 2], "big")
        if at + 2 + length > len(data):
            raise BadInput("the bundle ends within an entry")
        entries.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return tuple(entries)
