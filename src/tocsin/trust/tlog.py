"""The tree of a log that grows (RFC 6962, section 2.1): proofs from tiles that are read when they are needed.

Enters: a reader of tiles (c2sp.org/tlog-tiles), leaf hashes. Leaves: roots, proofs, the tiles that an append changed.
Nothing is kept in memory between questions: a question reads some tiles of each level, and there are four levels
to ten million entries. `merkle` is the same tree over a short list; the hashing is there, and here is none of it.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec

from tocsin.kernel import Unavailable
from tocsin.trust.merkle import MAX_PATH, node_hash

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
TILE_BYTES = TILE_WIDTH * HASH_BYTES

EMPTY_ROOT = sha256(b"").digest()

Tiles = Callable[[int, int], bytes]
"""(level, index) → the hashes of a tile, as many as there are by now; b"" of one that there is not."""


class Grown(msgspec.Struct, frozen=True):
    """A tree after an append: `tiles` are those that changed, whole."""

    size: int
    root: bytes
    tiles: dict[tuple[int, int], bytes]


class Tree:
    """The tree over the first `size` leaves, whatever came after them."""

    def __init__(self, size: int, read: Tiles) -> None:
        self.size = size
        self._read = read
        self._seen: dict[tuple[int, int], bytes] = {}

    def root(self) -> bytes:
        """Raises Unavailable where a tile is not as long as it has to be, as everything here does."""
        return self._over(0, self.size) if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """The hashes beside the way from a leaf to the root, from below. Raises IndexError."""
        if not 0 <= index < self.size:
            raise IndexError(f"there is no entry {index} among {self.size}")
        beside = []
        start, end = 0, self.size
        while end - start > 1:
            middle = start + _half(end - start)
            if index < middle:
                beside.append(self._over(middle, end))
                end = middle
            else:
                beside.append(self._over(start, middle))
                start = middle
        return tuple(reversed(beside))

    def consistency(self, old: int) -> tuple[bytes, ...]:
        """That the first `old` leaves are what they were (RFC 6962, section 2.1.2). Raises IndexError."""
        if not 0 <= old <= self.size:
            raise IndexError(f"there are {self.size} entries, and never were {old}")
        if old in (0, self.size):
            return ()
        proof = []
        start, end, whole = 0, self.size, True
        while old != end:
            middle = start + _half(end - start)
            if old <= middle:
                proof.append(self._over(middle, end))
                end = middle
            else:
                proof.append(self._over(start, middle))
                start, whole = middle, False
        if not whole:
            proof.append(self._over(start, end))
        return tuple(reversed(proof))

    def _over(self, start: int, end: int) -> bytes:
        """The root over leaves from `start`, a multiple of a power of two that is no less than their number."""
        peaks = []
        while start < end:
            height = (end - start).bit_length() - 1
            peaks.append(self._perfect(height, start >> height))
            start += 1 << height
        found = peaks.pop()
        while peaks:
            found = node_hash(peaks.pop(), found)
        return found

    def _perfect(self, height: int, index: int) -> bytes:
        """The root over the `index`th run of 2^height leaves."""
        level, within = divmod(height, TILE_HEIGHT)
        tile, first = divmod(index << within, TILE_WIDTH)
        if (level, tile) not in self._seen:
            self._seen[level, tile] = self._read(level, tile)
        start = first * HASH_BYTES
        hashes = self._seen[level, tile][start : start + (HASH_BYTES << within)]
        if len(hashes) != HASH_BYTES << within:
            raise Unavailable("the log lacks hashes that it had: its database is damaged; restore a backup")
        return _folded(hashes)


def grow(size: int, read: Tiles, leaves: Sequence[bytes]) -> Grown:
    """The tree of `size` leaves with more after them; `leaves` are hashes (`merkle.leaf_hash`)."""
    changed: dict[tuple[int, int], bytes] = {}
    level, new = 0, leaves
    while new:
        index, there = divmod(size >> TILE_HEIGHT * level, TILE_WIDTH)
        held = read(level, index)[: there * HASH_BYTES] if there else b""
        if len(held) != there * HASH_BYTES:
            raise Unavailable("the log lacks hashes that it had: its database is damaged; restore a backup")
        hashes = held + b"".join(new)
        above = []
        for number, start in enumerate(range(0, len(hashes), TILE_BYTES)):
            tile = changed[level, index + number] = hashes[start : start + TILE_BYTES]
            if len(tile) == TILE_BYTES:
                above.append(_folded(tile))
        level, new = level + 1, above

    def now(level: int, index: int) -> bytes:
        return changed.get((level, index)) or read(level, index)

    grown = size + len(leaves)
    return Grown(grown, Tree(grown, now).root(), changed)


def extends(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `new` leaves begins with that of `old` (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= new or len(proof) > 2 * MAX_PATH:
        return False
    if old == 0:  # every tree begins with none
        return not proof and old_root == EMPTY_ROOT and (new > 0 or new_root == EMPTY_ROOT)
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(one, first), node_hash(one, second)
            while place & 1 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, one)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _half(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _folded(hashes: bytes) -> bytes:
    """The root over a run of hashes whose number is a power of two."""
    row = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]
