"""Near-duplicates at rest: candidate pairs by bands of the signature, then every pair verified exactly.

Arrays in, arrays out. `Texts` holds n distinct texts: signatures (n, SLOTS) uint32, and their ascending shingle
hashes in one row.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.wire.sketch import MAX_SHINGLES, SLOTS, U32, U64, bands

BANDS = 21
ROWS = 3
"""A pair of similarity .5 is a candidate with probability .94, of .35 with .60, an unrelated one (.05) with .003."""

MAX_ALL_PAIRS = 24
"""Texts in one bucket up to which all pairs are tried; a larger one is tied by a star and a chain instead."""

MAX_CANDIDATES = 8_000_000
"""Candidate pairs in one run, 128 MB: a flood of alike texts costs a bounded time. Beyond, later bands are left out."""

VERIFY_HASHES = 1 << 16
"""Hashes compared at once: the working set stays near the processor's cache."""

Pairs = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]


class Texts(NamedTuple):
    """Distinct texts: text i's hashes are `size[i]` from `first[i]` on."""

    signatures: U32
    hashes: U32
    first: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]

    @classmethod
    def of(cls, signatures: U32, hashes: U32, starts: npt.NDArray[np.int64]) -> "Texts":
        """From columns as `wire.sketch` gives them: text i's hashes from starts[i] to starts[i + 1]."""
        return cls(signatures, hashes, starts[:-1], np.diff(starts))

    def __len__(self) -> int:
        return len(self.signatures)

    def take(self, order: npt.NDArray[np.int64]) -> "Texts":
        """The texts in another order; the hashes stay where they are."""
        return Texts(self.signatures[order], self.hashes, self.first[order], self.size[order])


def near_pairs(
    texts: Texts,
    *,
    least: float,
    number: int = BANDS,
    rows: int = ROWS,
    slack: float = 0.2,
    starts: npt.NDArray[np.int64] | None = None,
) -> tuple[Pairs, F32]:
    """Pairs (m, 2) with i < j whose exact Jaccard similarity is at least `least`, and that similarity.

    `slack` is how far the estimate of a signature may fall short before a pair is dropped unverified: three
    standard errors. With `starts` only within the parts of the texts that begin there.
    """
    starts = np.array([0, len(texts)]) if starts is None else starts
    sizes = np.diff(starts)
    found = [
        _all_pairs(starts[:-1][sizes == size], size)
        for size in np.unique(sizes).tolist()
        if 1 < size <= MAX_ALL_PAIRS
    ]
    for part in np.flatnonzero(sizes > MAX_ALL_PAIRS).tolist():
        first, last = starts[part], starts[part + 1]
        found.append(candidates(texts.signatures[first:last], number, rows) + first)
    pairs = np.concatenate(found) if found else np.empty((0, 2), np.int64)
    pairs = pairs[estimates(texts.signatures, pairs) >= least - slack]
    exact = jaccard(texts, pairs)
    kept = exact >= least
    return pairs[kept], exact[kept]


def _all_pairs(firsts: npt.NDArray[np.int64], size: int) -> Pairs:
    """Every pair within each of the parts of one size that begin at `firsts`."""
    within = np.stack(np.triu_indices(size, 1), axis=1)
    pairs: Pairs = (firsts[:, None, None] + within).reshape(-1, 2)
    return pairs


def candidates(signatures: U32, number: int = BANDS, rows: int = ROWS) -> Pairs:
    """Distinct pairs (m, 2), i < j, that agree in at least one band."""
    texts = len(signatures)
    found: list[U64] = []
    count = 0
    for column in bands(signatures, number, rows).T:
        codes = _band_pairs(column, texts)
        count += len(codes)
        found.append(codes)
        if count > MAX_CANDIDATES:
            found = [_distinct(np.concatenate(found))]
            count = len(found[0])
            if count > MAX_CANDIDATES:
                break
    codes = _distinct(np.concatenate(found)) if found else np.empty(0, np.uint64)
    return np.stack((codes // np.uint64(max(texts, 1)), codes % np.uint64(max(texts, 1))), axis=1).astype(
        np.int64
    )


def _distinct(codes: U64) -> U64:
    codes.sort()
    new = np.ones(len(codes), np.bool_)
    np.not_equal(codes[1:], codes[:-1], out=new[1:])
    return codes[new]


def _band_pairs(keys: U64, texts: int) -> U64:
    # The place of a text in the low bits of its key: one plain sort, several times faster than an indirect one.
    places = np.uint64((1 << texts.bit_length()) - 1)
    ordered = keys & ~places
    ordered |= np.arange(texts, dtype=np.uint64)
    ordered.sort()
    again = np.flatnonzero((ordered[1:] ^ ordered[:-1]) <= places)
    if not len(again):
        return np.empty(0, np.uint64)
    order = (ordered & places).astype(np.int64)
    edges = np.concatenate(([0], np.flatnonzero(np.diff(again) != 1) + 1))
    starts = again[edges]
    sizes = np.diff(np.append(edges, len(again))) + 1
    left: list[npt.NDArray[np.int64]] = []
    right: list[npt.NDArray[np.int64]] = []
    small = sizes <= MAX_ALL_PAIRS
    for step in range(1, int(sizes[small].max(initial=1))):
        for first in range(int(sizes[small].max(initial=1)) - step):
            fits = small & (sizes > first + step)
            left.append(order[starts[fits] + first])
            right.append(order[starts[fits] + first + step])
    for start, size in zip(starts[~small].tolist(), sizes[~small].tolist(), strict=True):
        members = np.sort(order[start : start + size])
        left += [np.full(size - 1, members[0]), members[1:-1]]
        right += [members[1:], members[2:]]
    one, other = np.concatenate(left), np.concatenate(right)
    truly = keys[one] == keys[other]  # the low bits of the keys were not compared
    one, other = one[truly], other[truly]
    low, high = np.minimum(one, other), np.maximum(one, other)
    codes: U64 = low.astype(np.uint64) * np.uint64(texts) + high.astype(np.uint64)
    return codes


def estimates(signatures: U32, pairs: Pairs) -> F32:
    """Share of equal slots for each pair."""
    found = np.empty(len(pairs), np.float32)
    for at in range(0, len(pairs), 8192):
        part = pairs[at : at + 8192]
        equal = signatures[part[:, 0]] == signatures[part[:, 1]]
        found[at : at + 8192] = equal.sum(axis=1, dtype=np.int32)
    return found / np.float32(SLOTS)


def jaccard(texts: Texts, pairs: Pairs) -> F32:
    """Jaccard similarity of each pair from the hashes: exact up to MAX_SHINGLES, a bottom-k estimate beyond."""
    sizes = texts.size
    found = np.zeros(len(pairs), np.float32)
    load = np.cumsum(sizes[pairs[:, 0]] + sizes[pairs[:, 1]])
    at = 0
    while at < len(pairs):
        done = int(load[at - 1]) if at else 0
        until = max(at + 1, int(np.searchsorted(load, done + VERIFY_HASHES)))
        found[at:until] = _jaccard_chunk(texts, pairs[at:until])
        at = until
    return found


def _jaccard_chunk(texts: Texts, pairs: Pairs) -> F32:
    sides = pairs.reshape(-1)
    firsts, lengths = texts.first[sides], texts.size[sides]
    spans = map(slice, firsts.tolist(), (firsts + lengths).tolist())
    hashes = np.concatenate([texts.hashes[span] for span in spans])
    whole = lengths.reshape(-1, 2).sum(axis=1)
    capped = lengths >= MAX_SHINGLES
    if capped.any():
        tops = np.where(capped, texts.hashes[firsts + lengths - 1], np.uint32(0xFFFFFFFF))
        kept = hashes <= np.repeat(tops.reshape(-1, 2).min(axis=1), whole)
        hashes = hashes[kept]
        whole = np.bincount(np.repeat(np.arange(len(pairs)), whole)[kept], minlength=len(pairs))
    ends = np.cumsum(whole)
    begins = ends - whole
    # Pair by pair: short rows of 32 bits sort several times faster than one long row with owners in it.
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        hashes[begin:end].sort()
    twice = np.zeros(len(hashes) + 1, np.bool_)
    np.equal(hashes[1:], hashes[:-1], out=twice[1:-1])
    twice[begins] = False
    shared = np.add.reduceat(twice, begins, dtype=np.int64)
    shares: F32 = (shared / np.maximum(whole - shared, 1)).astype(np.float32)
    return shares
