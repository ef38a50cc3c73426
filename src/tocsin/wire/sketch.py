"""Fingerprints of texts: MinHash signatures that any two nodes can compare. Docs: docs/fingerprints.md.

One-permutation MinHash (Li, Owen, Zhang 2012) with optimal densification (Shrivastava 2017) over the distinct
shingles of SHINGLE units of a folded text (`wire.fold`). A unit is a code point; a Han, Kana or Hangul
character is two units, for it carries about as much as two letters. Every constant here is part of the format: a
change is a new FORMAT. `tests/vectors/sketch.json` holds examples for other implementations.

The signature may be shared. The verification data (the distinct shingle hashes) never leaves a node: whoever
holds it can test guesses of the text.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.kernel import BadInput

FORMAT = 1
SLOTS = 64
"""Slots of a signature: 256 bytes, a standard error of .06 at similarity .5."""

SHINGLE = 5
"""Units in a shingle."""

MIN_SHINGLES = 20
"""Distinct shingles below which a text has no fingerprint: short texts repeat by chance."""

MIN_SHARED_SHINGLES = 48
"""Below this a fingerprint is never shared nor looked for: its text could be guessed."""

MAX_SHINGLES = 512
"""Smallest distinct hashes kept for exact verification. Up to here Jaccard is exact, beyond an estimate (±.02)."""

MAX_UNITS = 32_768
"""Units read of one text; what follows does not change the fingerprint."""

CHUNK_UNITS = 3 << 13
"""Units hashed at once: the working set stays in the processor's cache and memory stays flat."""

CHUNK_BLOBS = 256
"""Sketches decoded at once, for the same reason."""

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

    def capped(self) -> "Columns":
        """With at most MAX_SHINGLES hashes a text, and none of texts that have no sketch."""
        sizes = np.diff(self.starts)
        kept = np.where(sizes < MIN_SHINGLES, 0, np.minimum(sizes, MAX_SHINGLES))
        if np.array_equal(kept, sizes):
            return self
        place = np.arange(len(self.hashes)) - np.repeat(self.starts[:-1], sizes)
        starts = np.concatenate(([0], np.cumsum(kept)))
        signatures = np.where((kept > 0)[:, None], self.signatures, np.uint32(0))
        return Columns(signatures, self.hashes[place < np.repeat(kept, sizes)], starts, self.shingles)


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


def sketch_batch(folded: Sequence[str]) -> list[bytes | None]:
    """The sketch blob of each folded text; None where there are fewer than MIN_SHINGLES distinct shingles."""
    found: list[bytes | None] = []
    for first, last in _chunks(folded):
        columns = _sketch_chunk(folded[first:last])
        heads = (columns.shingles.astype("<u4") << 8 | FORMAT).astype("<u4").tobytes()
        signatures = columns.signatures.astype("<u4", copy=False).tobytes()
        hashes = columns.hashes.astype("<u4", copy=False).tobytes()
        starts = (columns.starts[:-1] * 4).tolist()
        for row, (number, start) in enumerate(zip(columns.shingles.tolist(), starts, strict=True)):
            if number < MIN_SHINGLES:
                found.append(None)
                continue
            kept = 4 * min(number, MAX_SHINGLES)
            signature = signatures[row * 4 * SLOTS : (row + 1) * 4 * SLOTS]
            found.append(heads[row * 4 : row * 4 + 4] + signature + hashes[start : start + kept])
    return found


def sketch_columns(folded: Sequence[str]) -> Columns:
    """The sketches of texts as columns, without the blobs; a text with too few shingles has zeros and no hashes."""
    most = 2 * sum(min(len(text), MAX_UNITS) for text in folded)
    # Room for the most there can be; what is never written costs no memory.
    hashes = np.empty(most, np.uint32)
    signatures = np.empty((len(folded), SLOTS), np.uint32)
    sizes = np.zeros(len(folded) + 1, np.int64)
    shingles = np.empty(len(folded), np.int64)
    at = 0
    for first, last in _chunks(folded):
        columns = _sketch_chunk(folded[first:last]).capped()
        hashes[at : at + len(columns.hashes)] = columns.hashes
        at += len(columns.hashes)
        signatures[first:last] = columns.signatures
        sizes[first + 1 : last + 1] = np.diff(columns.starts)
        shingles[first:last] = columns.shingles
    return Columns(signatures, hashes[:at], np.cumsum(sizes), shingles)


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    first = size = 0
    for at, text in enumerate(texts):
        size += min(len(text), MAX_UNITS)
        if size >= CHUNK_UNITS:
            yield first, at + 1
            first, size = at + 1, 0
    if first < len(texts):
        yield first, len(texts)


def _keys(texts: Sequence[str]) -> tuple[U64, npt.NDArray[np.int64]]:
    """A 64-bit key for every window of SHINGLE units over all texts in a row, and the units of each text.

    The key is the sum of e(unit i) * 256**i modulo 2**64, where e(u) is u for ASCII and the mixed u otherwise: for
    ASCII it is the window's bytes, read as one number.
    """
    cut = [text if len(text) <= MAX_UNITS else text[:MAX_UNITS] for text in texts]
    lengths = np.fromiter(map(len, cut), np.int64, len(cut))
    joined = "".join(cut)
    if joined.isascii():
        padded = joined.encode("ascii") + bytes(8 - SHINGLE + 1)
        windows = np.ndarray((max(len(joined) - SHINGLE + 1, 0),), "<u8", padded, strides=(1,))
        return windows & np.uint64((1 << 8 * SHINGLE) - 1), lengths
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
    wide = (
        ((points >= 0x3040) & (points <= 0x9FFF))
        | ((points >= 0xAC00) & (points <= 0xD7A3))
        | ((points >= 0x20000) & (points <= 0x3FFFF))
    )
    units = points.astype(np.uint64)
    if wide.any():
        ends = np.cumsum(lengths)
        before = np.concatenate(([0], np.cumsum(wide)))
        units = np.repeat(units, 1 + wide)
        units[np.arange(1, len(points) + 1)[wide] + before[:-1][wide]] += np.uint64(0x110000)
        lengths = lengths + before[ends] - before[ends - lengths]
    mixed = units.copy()
    _scramble(mixed)
    units = np.where(units < 0x80, units, mixed)
    total = max(len(units) - SHINGLE + 1, 0)
    keys = units[:total].copy()
    for step in range(1, SHINGLE):
        keys += units[step : step + total] << np.uint64(8 * step)
    return keys, lengths


def _scramble(values: U64) -> None:
    """In place: multiply, fold the upper half down, multiply, fold. A bijection that spreads every bit upwards."""
    values *= np.uint64(_MIX_1)
    values ^= values >> np.uint64(32)
    values *= np.uint64(_MIX_2)
    values ^= values >> np.uint64(29)


def _sketch_chunk(texts: Sequence[str]) -> Columns:
    """Columns of some texts, with all distinct hashes (not capped)."""
    number = len(texts)
    keys, lengths = _keys(texts)
    _scramble(keys)
    keys >>= np.uint64(32)
    owner = np.repeat(np.arange(number, dtype=np.uint64) << np.uint64(32), lengths)
    keys |= owner[: len(keys)]
    # A window that runs into the next text is no shingle: it is sorted to the end and cut off.
    ends = np.cumsum(lengths)[:-1]
    across = (ends[:, None] - np.arange(1, SHINGLE)).reshape(-1)
    across = np.unique(across[(across >= 0) & (across < len(keys))])
    keys[across] = np.uint64(0xFFFFFFFFFFFFFFFF)
    keys.sort()
    keys = keys[: len(keys) - len(across)]
    new = np.empty(len(keys), np.bool_)
    new[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    keys = keys[new]
    starts = np.searchsorted(keys, np.arange(number + 1, dtype=np.uint64) << np.uint64(32))
    hashes = keys.astype(np.uint32)
    return Columns(_signatures(keys, hashes, number), hashes, starts, np.diff(starts))


def _signatures(keys: U64, hashes: U32, texts: int) -> U32:
    """One-permutation signatures from the sorted distinct keys (text << 32 | hash)."""
    # The top six bits of the hash are the slot; sorted, the first of each run is the slot's minimum.
    slots = keys >> np.uint64(26)
    first = np.empty(len(slots), np.bool_)
    first[:1] = True
    np.not_equal(slots[1:], slots[:-1], out=first[1:])
    filled = np.zeros(texts * SLOTS, np.bool_)
    values = np.zeros(texts * SLOTS, np.uint32)
    firsts = np.flatnonzero(first)
    at = slots[firsts].astype(np.intp)
    filled[at] = True
    values[at] = hashes[firsts]
    table = values.reshape(texts, SLOTS)
    full = filled.reshape(texts, SLOTS)
    some = np.asarray(full.any(axis=1))
    rows, empty = np.nonzero(~full & some[:, None])
    for turn in range(SLOTS - 1):
        if not len(rows):
            break
        donor = _DONORS[empty, turn]
        has = full[rows, donor]
        table[rows[has], empty[has]] = table[rows[has], donor[has]]
        rows, empty = rows[~has], empty[~has]
    return table


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
    for band in range(number):
        key = np.full(len(signatures), band + 1, np.uint64)
        for row in range(rows):
            key *= np.uint64(_MIX_2)
            key ^= signatures[:, band * rows + row]
            key *= np.uint64(_MIX_1)
            key ^= key >> np.uint64(32)
        keys[band] = key
    return keys.T
