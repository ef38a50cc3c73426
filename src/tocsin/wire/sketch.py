"""Fingerprints of texts: MinHash signatures that any two nodes can compare. Docs: docs/fingerprints.md.

One-permutation MinHash (Li, Owen, Zhang 2012) with optimal densification (Shrivastava 2017) over the distinct
shingles of SHINGLE units of a folded text (`wire.fold`). A unit is a code point; a Han, Kana or Hangul
character is two units, for it carries about as much as two letters. Every constant here is part of the format: a
change is a new FORMAT. `tests/vectors/sketch.json` holds examples for other implementations.

The signature may be shared. The verification data (the distinct shingle hashes) never leaves a node: whoever
holds it can test guesses of the text.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.kernel import BadInput
from tocsin.wire.shingles import Shingles, distinct_hashes, read_lengths

FORMAT = 1
SLOTS = 64
"""Slots of a signature: 256 bytes, a standard error of .06 at similarity .5."""

MIN_SHINGLES = 20
"""Distinct shingles below which a text has no fingerprint: short texts repeat by chance."""

MIN_SHARED_SHINGLES = 48
"""Below this a fingerprint is never shared nor looked for: its text could be guessed."""

MAX_SHINGLES = 512
"""Smallest distinct hashes kept for exact verification. Up to here Jaccard is exact, beyond an estimate (±.02)."""

CHUNK_BLOBS = 256
"""Sketches decoded at once: the working set stays in the processor's cache."""

BAND_TEXTS = 1024
"""Texts whose band keys are taken at once, for the same reason."""

BLOCK_TEXTS = 4096
"""Texts whose empty slots are filled at once: there are few, and many share the cost of the calls."""

_MIX_1 = 0xFF51AFD7ED558CCD
_MIX_2 = 0xC4CEB9FE1A85EC53
_DONOR_SEED = 0x746F6373696E0001
_M64 = (1 << 64) - 1
_FIXED = 1 + SLOTS
"""Words before the hashes: shingle count and format in one, then the signature."""
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]


class Sketch(NamedTuple):
    """`signature` holds SLOTS uint32; `hashes` the distinct shingle hashes, ascending, at most MAX_SHINGLES.

    `shingles` counts the distinct shingles of the whole text read.
    """

    signature: U32
    hashes: U32
    shingles: int

    @property
    def signature_bytes(self) -> bytes:
        """The signature as it travels: SLOTS little-endian uint32."""
        return self.signature.astype("<u4").tobytes()


class Columns(NamedTuple):
    """Many sketches: (n, SLOTS) signatures, all hashes in a row, text i's from starts[i] to starts[i + 1]."""

    signatures: U32
    hashes: U32
    starts: npt.NDArray[np.int64]
    shingles: npt.NDArray[np.int64]


def _mix(value: int) -> int:
    value ^= value >> 33
    value = value * _MIX_1 & _M64
    value ^= value >> 33
    value = value * _MIX_2 & _M64
    return value ^ value >> 33


def _donors() -> npt.NDArray[np.intp]:
    """For each slot the slots asked, in order, when it is empty: each asks in its own public order."""
    order = [
        sorted(range(SLOTS), key=lambda other: _mix(_DONOR_SEED ^ slot << 8 ^ other << 20))
        for slot in range(SLOTS)
    ]
    return np.array([[o for o in row if o != slot] for slot, row in enumerate(order)], dtype=np.intp)


_DONORS = _donors()
_NONE = np.zeros(SLOTS, np.uint32)
_NONE[0] = 0xFFFFFFFF
"""What stands in a slot that no hash fell into: a value that belongs to another slot."""


def sketch_batch(folded: Sequence[str]) -> list[bytes | None]:
    """The sketch blob of each folded text; None where there are fewer than MIN_SHINGLES distinct shingles."""
    columns = sketch_columns(folded)
    fixed = np.empty((len(folded), _FIXED), "<u4")
    fixed[:, 0] = columns.shingles << 8 | FORMAT
    fixed[:, 1:] = columns.signatures
    heads = fixed.tobytes()
    hashes = columns.hashes.astype("<u4", copy=False).tobytes()
    starts = (columns.starts * 4).tolist()
    size = 4 * _FIXED
    return [
        heads[row * size : row * size + size] + hashes[start:end] if end > start else None
        for row, (start, end) in enumerate(pairwise(starts))
    ]


def sketch_columns(folded: Sequence[str]) -> Columns:
    """The sketches of texts as columns, without the blobs; a text with too few shingles has zeros and no hashes."""
    lengths = read_lengths(folded)
    # Room for the most there can be; what is never written costs no memory.
    hashes = np.empty(int(np.minimum(2 * lengths, MAX_SHINGLES).sum()), np.uint32)
    signatures = np.empty((len(folded), SLOTS), np.uint32)
    held = np.zeros(len(folded), np.int64)
    shingles = np.empty(len(folded), np.int64)
    at = 0
    for first, part in distinct_hashes(folded, lengths):
        rows = slice(first, first + len(part.counts))
        shingles[rows] = part.counts
        least_in_slots(part, signatures[rows])
        part = _capped(part)
        held[rows] = part.counts
        hashes[at : at + len(part.hashes)] = part.hashes
        at += len(part.hashes)
    for first in range(0, len(folded), BLOCK_TEXTS):
        rows = slice(first, first + BLOCK_TEXTS)
        densify(signatures[rows], held[rows] == 0)
    starts = np.zeros(len(folded) + 1, np.int64)
    np.cumsum(held, out=starts[1:])
    return Columns(signatures, hashes[:at], starts, shingles)


def _capped(part: Shingles) -> Shingles:
    """With at most MAX_SHINGLES hashes a text, and none of texts that have no sketch."""
    sizes = part.counts
    kept = np.where(sizes < MIN_SHINGLES, 0, np.minimum(sizes, MAX_SHINGLES))
    if np.array_equal(kept, sizes):
        return part
    runs = np.stack((kept, sizes - kept), axis=1).reshape(-1)
    stays = np.repeat(np.tile((True, False), len(sizes)), runs)
    return Shingles(part.hashes[stays], kept)


def least_in_slots(part: Shingles, table: U32) -> None:
    """Write the least hash of every slot of every text into the (n, SLOTS) table, and _NONE where there is none."""
    table[:] = _NONE
    # The top six bits of the hash are the slot; sorted, the first of each run is the slot's minimum.
    slots = np.empty(len(part.hashes), np.uint8)
    np.right_shift(part.hashes, np.uint32(26), out=slots, casting="unsafe")
    first = np.empty(len(slots) + 1, np.bool_)
    np.not_equal(slots[1:], slots[:-1], out=first[1:-1])
    starts = np.cumsum(part.counts) - part.counts
    first[starts] = True
    first[-1] = False
    filled = np.add.reduceat(first.view(np.uint8), starts, dtype=np.uint8)  # at most SLOTS
    filled[part.counts == 0] = 0  # `reduceat` gives an empty stretch what comes after it
    found = np.flatnonzero(first)
    places = np.repeat(np.arange(0, table.size, SLOTS), filled)
    places += slots[found]
    table.reshape(-1)[places] = part.hashes[found]


def densify(table: U32, without: npt.NDArray[np.bool_]) -> None:
    """Give every empty slot the value of the first slot in its order that was not empty; zeros to texts `without`."""
    flat = table.reshape(-1)
    gaps = np.flatnonzero((table == _NONE) & ~without[:, None])
    values = np.empty(len(gaps), np.uint32)
    left = np.arange(len(gaps))
    slot = gaps % SLOTS
    row = gaps - slot
    for turn in range(SLOTS - 1):
        donor = _DONORS[slot, turn]
        value = flat[row + donor]
        values[left] = value  # where the donor is empty too, a later turn writes again
        empty = np.flatnonzero(value == _NONE[donor])
        if not len(empty):
            break
        row, slot, left = row[empty], slot[empty], left[empty]
    flat[gaps] = values
    table[without] = 0


def decode(blob: bytes) -> Sketch:
    """The sketch in a blob. Raises BadInput for anything that `sketch_batch` could not have made."""
    columns = decode_batch([blob])
    return Sketch(columns.signatures[0], columns.hashes, int(columns.shingles[0]))


def decode_batch(blobs: Sequence[bytes]) -> Columns:
    """The sketches of many blobs, as columns. Raises BadInput for a blob that is none."""
    return _joined([_decode_chunk(blobs[at : at + CHUNK_BLOBS]) for at in range(0, len(blobs), CHUNK_BLOBS)])


def _joined(parts: Sequence[Columns]) -> Columns:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        none = np.empty(0, np.int64)
        return Columns(np.empty((0, SLOTS), np.uint32), np.empty(0, np.uint32), np.zeros(1, np.int64), none)
    held = np.concatenate([np.diff(part.starts) for part in parts])
    return Columns(
        np.concatenate([part.signatures for part in parts]),
        np.concatenate([part.hashes for part in parts]),
        np.concatenate(([0], np.cumsum(held))),
        np.concatenate([part.shingles for part in parts]),
    )


def _decode_chunk(blobs: Sequence[bytes]) -> Columns:
    fixed = 4 * _FIXED
    sizes = np.fromiter(map(len, blobs), np.int64, len(blobs))
    bad = (sizes < fixed) | (sizes % 4 != 0)
    if bad.any():
        raise BadInput(f"sketch {int(np.argmax(bad))}: {int(sizes[np.argmax(bad)])} bytes")
    heads = np.frombuffer(b"".join([blob[:fixed] for blob in blobs]), "<u4").reshape(-1, _FIXED)
    hashes = np.frombuffer(b"".join([blob[fixed:] for blob in blobs]), "<u4")
    shingles = (heads[:, 0] >> 8).astype(np.int64)
    held = sizes // 4 - _FIXED
    bad = (
        (heads[:, 0] & 0xFF != FORMAT)
        | (shingles < MIN_SHINGLES)
        | (held != np.minimum(shingles, MAX_SHINGLES))
    )
    if bad.any():
        raise BadInput(f"sketch {int(np.argmax(bad))}: not of format {FORMAT}, or of the wrong length")
    starts = np.concatenate(([0], np.cumsum(held)))
    ascends = np.ones(len(hashes), np.bool_)
    np.greater(hashes[1:], hashes[:-1], out=ascends[1:])
    ascends[starts[:-1]] = True
    if not ascends.all():
        raise BadInput("the hashes of a sketch ascend")
    return Columns(heads[:, 1:], hashes, starts, shingles)


def signature_array(signature: bytes) -> U32:
    """SLOTS uint32 from the bytes of a shared signature. Raises BadInput for another length."""
    if len(signature) != 4 * SLOTS:
        raise BadInput(f"a signature has {4 * SLOTS} bytes, not {len(signature)}")
    return np.frombuffer(signature, "<u4")


def similarity(one: bytes | U32, other: bytes | U32) -> float:
    """Share of equal slots: an estimate of Jaccard similarity with a standard error of at most .0625."""
    a = signature_array(one) if isinstance(one, bytes) else one
    b = signature_array(other) if isinstance(other, bytes) else other
    return float(np.count_nonzero(a == b)) / SLOTS


def similarities(signatures: U32, one: bytes | U32) -> npt.NDArray[np.float32]:
    """`similarity` of one signature with each row of an (n, SLOTS) array."""
    probe = signature_array(one) if isinstance(one, bytes) else one
    counts = np.zeros(len(signatures), np.uint8)
    for slot in range(SLOTS):
        counts += signatures[:, slot] == probe[slot]
    shares: npt.NDArray[np.float32] = counts.astype(np.float32) / np.float32(SLOTS)
    return shares


def exact_jaccard(one: U32, other: U32) -> float:
    """Jaccard similarity of two hash sets as kept in a sketch.

    Exact where neither was capped; otherwise the bottom-k estimate over the hashes both would have kept.
    """
    if len(one) >= MAX_SHINGLES or len(other) >= MAX_SHINGLES:
        ceiling = min(array[-1] for array in (one, other) if len(array) >= MAX_SHINGLES)
        one, other = one[one <= ceiling], other[other <= ceiling]
    if not len(one) or not len(other):
        return 0.0
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


def bands(signatures: U32, number: int, rows: int) -> U64:
    """(n, number) keys: texts with an equal key in a column are candidates. number * rows <= SLOTS."""
    if number * rows > SLOTS or number < 1 or rows < 1:
        raise ValueError(f"{number} bands of {rows} rows do not fit in {SLOTS} slots")
    keys = np.empty((number, len(signatures)), np.uint64)
    numbers = np.arange(1, number + 1, dtype=np.uint64)
    for first in range(0, len(signatures), BAND_TEXTS):
        part = signatures[first : first + BAND_TEXTS, : number * rows].reshape(-1, number, rows)
        key = np.tile(numbers, (len(part), 1))
        for row in range(rows):
            key *= np.uint64(_MIX_2)
            key ^= part[:, :, row]
            key *= np.uint64(_MIX_1)
            key ^= key >> np.uint64(32)
        keys[:, first : first + len(part)] = key.T
    return keys.T
