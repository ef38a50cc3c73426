"""The distinct shingle hashes of many texts at once. Docs: docs/fingerprints.md, part 2.

Folded texts in, their hashes out, ascending; `wire.sketch` takes the signature from them. All texts of a chunk are
one row of memory: a shingle is five units of the row, and those that run from one text into the next are dropped.
Each pass reads and writes one plain array that stays in the processor's cache.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SHINGLE = 5
"""Units in a shingle."""

MAX_UNITS = 32_768
"""Characters read of one text; what follows does not change the fingerprint."""

BLOCK_UNITS = 1 << 14
"""Characters whose keys are hashed at once, in 64 bits: more leave the processor's cache, fewer wait for Python."""

CHUNK_BLOCKS = 6
"""Blocks whose hashes are sorted and counted at once, in 32 bits: some 300 short texts."""

_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_WINDOW = np.uint64((1 << 8 * SHINGLE) - 1)
_SECOND = np.uint64(0x110000)
"""What the second unit of a wide character is above the first."""
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


class Shingles(NamedTuple):
    """Distinct hashes of texts in a row, ascending in each: `counts[i]` of them are of text i."""

    hashes: U32
    counts: I64


class _Room:
    """Memory that chunk after chunk is worked in: fresh pages would cost as much as a pass over them."""

    def __init__(self, characters: int) -> None:
        units = 2 * min(characters, BLOCK_UNITS + MAX_UNITS)
        self.keys = np.empty(units, np.uint64)
        self.spare = np.empty(units, np.uint64)
        units = 2 * min(characters, CHUNK_BLOCKS * (BLOCK_UNITS + MAX_UNITS))
        self.hashes = np.empty(units, np.uint32)
        self.new = np.empty(units + 1, np.bool_)


def read_lengths(texts: Sequence[str]) -> I64:
    """How many characters of each text are read."""
    return np.minimum(np.fromiter(map(len, texts), np.int64, len(texts)), MAX_UNITS)


def distinct_hashes(texts: Sequence[str], lengths: I64) -> Iterator[tuple[int, Shingles]]:
    """The hashes of all texts, chunk by chunk, each with the place of its first text; `lengths` as read."""
    long = lengths.max(initial=0) == MAX_UNITS
    room = _Room(int(lengths.sum()))
    edges = _edges(lengths)
    for start in range(0, len(edges) - 1, CHUNK_BLOCKS):
        units: list[I64] = []
        done = 0
        for first, last in pairwise(edges[start : start + CHUNK_BLOCKS + 1]):
            part = texts[first:last]
            if long:
                part = [text[:MAX_UNITS] for text in part]
            keys, each = _keys(part, lengths[first:last], room)
            _hash(keys, room.hashes[done : done + len(keys)], room)
            units.append(each)
            done += len(keys)
        yield edges[start], _distinct(room.hashes[:done], np.concatenate(units), room)


def _edges(lengths: I64) -> list[int]:
    """Where blocks begin: each ends with the text that fills it."""
    ends = np.cumsum(lengths)
    edges = [0]
    while edges[-1] < len(lengths):
        done = int(ends[edges[-1] - 1]) if edges[-1] else 0
        edges.append(min(int(np.searchsorted(ends, done + BLOCK_UNITS)) + 1, len(lengths)))
    return edges


def scramble(values: U64) -> None:
    """In place: multiply, fold the upper half down, multiply, fold. A bijection that spreads every bit upwards."""
    values *= _MIX_1
    values ^= values >> np.uint64(32)
    values *= _MIX_2
    values ^= values >> np.uint64(29)


def _hash(keys: U64, out: U32, room: _Room) -> None:
    """Write the upper halves of the scrambled keys. `keys` is spoiled."""
    spare = room.spare[: len(keys)]
    keys *= _MIX_1
    np.right_shift(keys, np.uint64(32), out=spare)
    keys ^= spare
    keys *= _MIX_2
    keys >>= np.uint64(32)
    np.copyto(out, keys, casting="unsafe")
    # The last fold, of the upper half alone: what comes down to it are its own three uppermost bits.
    down = spare.view(np.uint32)[: len(keys)]
    np.right_shift(out, np.uint32(29), out=down)
    out ^= down


def _distinct(hashes: U32, lengths: I64, room: _Room) -> Shingles:
    """From a hash for every unit: those whose window runs on into the next text are no shingles."""
    ends = np.cumsum(lengths)
    begins = ends - lengths
    lasts = np.maximum(ends - (SHINGLE - 1), begins)
    # Text by text: short rows of 32 bits sort several times faster than one long row with owners in it.
    for begin, last in zip(begins.tolist(), lasts.tolist(), strict=True):
        hashes[begin:last].sort()
    new = room.new[: len(hashes) + 1]
    np.not_equal(hashes[1:], hashes[:-1], out=new[1:-1])
    new[begins] = True
    across = (ends[:, None] - np.arange(1, SHINGLE)).reshape(-1)
    new[across[across >= 0]] = False
    new[-1] = False
    # In 16 bits, which hold twice MAX_UNITS less the last SHINGLE - 1: three times as fast as in 64.
    counts = np.add.reduceat(new, begins, dtype=np.uint16).astype(np.int64)
    counts[lengths == 0] = 0  # `reduceat` gives an empty stretch what comes after it
    return Shingles(hashes[new[:-1]], counts)


def _keys(texts: Sequence[str], lengths: I64, room: _Room) -> tuple[U64, I64]:
    """A 64-bit key for the SHINGLE units from every unit on, over all texts in a row; and the units of each text.

    `lengths` are the characters of each.

    The key is the sum of e(unit i) * 256**i modulo 2**64, where e(u) is u for ASCII and the scrambled u otherwise:
    for ASCII it is the bytes of the window, read as one number.
    """
    joined = "".join(texts)
    if joined.isascii():
        return _ascii_keys(joined, room), lengths
    foreign = [place for place, text in enumerate(texts) if not text.isascii()]
    if len(foreign) == len(texts):
        return _foreign_keys(joined, lengths)
    # The others are read as ASCII, with a gap for each foreign text.
    keys, units = _foreign_keys("".join([texts[place] for place in foreign]), lengths[foreign])
    gapped = list(texts)
    for place, size in zip(foreign, units.tolist(), strict=True):
        gapped[place] = " " * size
    all_keys = _ascii_keys("".join(gapped), room)
    all_units = lengths.copy()
    all_units[foreign] = units
    begins = (np.cumsum(all_units) - all_units)[foreign].tolist()
    ends = np.cumsum(units).tolist()
    for begin, size, end in zip(begins, units.tolist(), ends, strict=True):
        all_keys[begin : begin + size] = keys[end - size : end]
    return all_keys, all_units


def _ascii_keys(joined: str, room: _Room) -> U64:
    padded = joined.encode("ascii") + bytes(8)
    # First copied: the numbers overlap, one begins at every byte, and lie across the processor's words.
    keys = room.keys[: len(joined)]
    np.copyto(keys, np.ndarray((len(joined),), "<u8", padded, strides=(1,)))
    keys &= _WINDOW
    return keys


def _foreign_keys(joined: str, lengths: I64) -> tuple[U64, I64]:
    """The same of texts in any script, `lengths` characters each."""
    points: npt.NDArray[np.uint16] | U32 = np.frombuffer(joined.encode("utf-16-le", "surrogatepass"), "<u2")
    if len(points) != len(joined):
        points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
    wide = _wide(points)
    units = np.empty(len(points) + SHINGLE - 1, np.uint64)
    if not wide.any():
        units[: len(points)] = _units(points, 0)
    else:
        both = np.empty((len(points), 2), np.uint64)
        both[:, 0] = _units(points, 0)
        both[:, 1] = _units(points, 1)
        kept = np.ones((len(points), 2), np.bool_)
        kept[:, 1] = wide
        places = np.flatnonzero(kept)
        units = np.empty(len(places) + SHINGLE - 1, np.uint64)
        both.reshape(-1).take(places, out=units[: len(places)])
        ends = np.cumsum(lengths)
        begins = ends - lengths
        more = np.add.reduceat(np.append(wide, False), begins, dtype=np.int64)
        more[lengths == 0] = 0
        lengths = lengths + more
    units[-SHINGLE + 1 :] = 0
    return _sums(units), lengths


def _wide(points: npt.NDArray[np.uint16] | U32) -> npt.NDArray[np.bool_]:
    """Which characters are two units."""
    kind = points.dtype.type
    wide: npt.NDArray[np.bool_] = points - kind(0x3040) <= kind(0x9FFF - 0x3040)
    wide |= points - kind(0xAC00) <= kind(0xD7A3 - 0xAC00)
    if kind is np.uint32:
        wide |= points - kind(0x20000) <= kind(0x3FFFF - 0x20000)
    return wide


@cache
def _table() -> U64:
    """e(u) of the first and of the second unit of the characters that are 16 bits: 1 MB, a lookup each."""
    points = np.arange(1 << 16, dtype=np.uint64)
    return np.stack((_mixed(points), _mixed(points + _SECOND)))


def _mixed(units: U64) -> U64:
    mixed = units.copy()
    scramble(mixed)
    return np.where(units < 0x80, units, mixed)


def _units(points: npt.NDArray[np.uint16] | U32, which: int) -> U64:
    """e(u) of the first (0) or the second (1) unit of each character."""
    found: U64 = _table()[which].take(points, mode="clip")
    if points.dtype.type is np.uint32:
        beyond = np.flatnonzero(points >> np.uint32(16))
        found[beyond] = _mixed(points[beyond].astype(np.uint64) + _SECOND * np.uint64(which))
    return found


def _sums(units: U64) -> U64:
    """The key from every unit on; the last SHINGLE - 1 units have none."""
    twos = units[1:] << np.uint64(8)
    twos += units[:-1]
    keys = twos[2:] << np.uint64(16)
    keys += twos[:-2]
    keys = keys[: len(units) - SHINGLE + 1]
    keys += units[SHINGLE - 1 :] << np.uint64(32)
    return keys
