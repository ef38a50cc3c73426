"""Merkle trees as RFC 6962, section 2.1, has them: a root over lines, and proofs that one line is among them.

Enters: lines. Leaves: a root, a path, whether a path leads there. A leaf and a node are hashed apart (0x00, 0x01), so
that neither passes for the other. A path lets somebody who can guess a neighbouring line try the guess: it hides
nothing that is guessable.
"""

from collections.abc import Sequence
from hashlib import sha256

MAX_PATH = 64
"""Hashes in one path: a tree of 2^64 leaves."""


def leaf_hash(line: bytes) -> bytes:
    """Of one line."""
    return sha256(b"\x00" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Of two hashes side by side."""
    return sha256(b"\x01" + left + right).digest()


def root(lines: Sequence[bytes]) -> bytes:
    """Of all lines in their order; of none, the hash of nothing."""
    return _levels(lines)[-1][0] if lines else sha256(b"").digest()


def path(lines: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes beside the way from line `index` to the root, from below. Raises IndexError."""
    if not 0 <= index < len(lines):
        raise IndexError(f"there is no line {index} of {len(lines)}")
    beside = []
    for level in _levels(lines)[:-1]:
        if index ^ 1 < len(level):
            beside.append(level[index ^ 1])
        index >>= 1
    return tuple(beside)


def paths(lines: Sequence[bytes], indices: Sequence[int]) -> tuple[tuple[bytes, ...], ...]:
    """`path` of several lines, the tree made once. Raises IndexError."""
    levels = _levels(lines)
    if not all(0 <= index < len(lines) for index in indices):
        raise IndexError(f"there is no such line among {len(lines)}")
    return tuple(
        tuple(
            level[index >> height ^ 1]
            for height, level in enumerate(levels[:-1])
            if index >> height ^ 1 < len(level)
        )
        for index in indices
    )


def holds(expected: bytes, line: bytes, index: int, size: int, beside: Sequence[bytes]) -> bool:
    """Whether `line` is number `index` of the `size` lines under the root `expected` (RFC 9162, section 2.1.3.2)."""
    return leads(expected, leaf_hash(line), index, size, beside)


def leads(expected: bytes, leaf: bytes, index: int, size: int, beside: Sequence[bytes]) -> bool:
    """`holds`, for a line whose `leaf_hash` is at hand."""
    if not 0 <= index < size or len(beside) > MAX_PATH:
        return False
    place, last, found = index, size - 1, leaf
    for one in beside:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(one, found)
            while place & 1 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, one)
        place, last = place >> 1, last >> 1
    return last == 0 and found == expected


def _levels(lines: Sequence[bytes]) -> list[list[bytes]]:
    """From the leaves up; a hash without a neighbour goes up as it is, which is RFC 6962's split at powers of two."""
    levels = [[leaf_hash(line) for line in lines]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
        levels.append(above + below[len(above) * 2 :])
    return levels
