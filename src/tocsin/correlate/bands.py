"""Which texts may resemble each other, as pure functions over columns: band keys out, and a quick look at a pair.

They need no index and no node, so the same functions run over history in another engine: give every text its band
keys, group by (band, key), try the pairs of a group with `near`, and verify what is left with `neighbours.jaccard`.

A band is taken from the *rare* shingles of a text. Five letters that stand in one text in two hundred (" the ",
"tion ") say nothing, and at ten million texts they would make every text a candidate of thousands.
"""

import numpy as np
import numpy.typing as npt

from tocsin.wire.sketch import SLOTS, U32, U64, Columns

BANDS, ROWS = 8, 2
"""Two texts with a share s of their rare shingles in common meet in a band with probability 1 - (1 - s^2)^8:
.90 at .5, .65 at .35, and .00001 at the .001 that unrelated texts have without the common shingles."""

COMMON_SHARE = 1 / 200
"""A shingle in so many of the texts is common."""

MIN_RARE = 8
"""Rare shingles below which a text is banded by all it has."""

PLANES = 3
"""Bits kept of each slot of a signature: 24 bytes a text."""

CLOSE = 20
"""Slots of SLOTS that must agree in those bits: similar (.35) texts have 27.6 ± 4, unrelated ones (.03) 9.7 ± 2.9."""

SURE = 50
"""Slots from which a pair is tied unverified: of similarity .35 it would have so many once in 10^8. What cluster a text
is in is still verified exactly (`clusters`)."""

LIKELY = 36
"""Slots from which a pair is tied where its sketches are not at hand and may not be fetched: similarity .5 has so many
half of the time, .3 (24.8 ± 3.9) once in 500."""

CHUNK_HASHES = 1 << 20

_SPREAD = np.uint32(0x9E3779B1)
_CELLS = BANDS * ROWS
_EMPTY = np.uint32(0xFFFFFFFF)
_MIX = np.uint64(0xC4CEB9FE1A85EC53)
I64 = npt.NDArray[np.int64]
NOTHING_COMMON = np.empty(0, np.uint32)


def band_keys(hashes: U32, starts: I64, common: U32 = NOTHING_COMMON) -> U32:
    """(n, BANDS) keys of texts whose shingle hashes are hashes[starts[i]:starts[i + 1]], at least one each.

    `common` are the ascending shingle hashes to pass over (`common_shingles`). Raises ValueError for an empty text.
    """
    sizes = np.diff(starts)
    if len(sizes) and sizes.min() < 1:
        raise ValueError("a text without shingles has no bands")
    keys = np.empty((len(sizes), BANDS), np.uint32)
    at = 0
    while at < len(sizes):
        until = max(at + 1, int(np.searchsorted(starts, starts[at] + CHUNK_HASHES, "right")) - 1)
        keys[at:until] = _chunk(hashes[starts[at] : starts[until]], sizes[at:until], common)
        at = until
    return keys


def _chunk(hashes: U32, sizes: I64, common: U32) -> U32:
    owner = np.repeat(np.arange(len(sizes)), sizes)
    if len(common):
        at = np.minimum(np.searchsorted(common, hashes), len(common) - 1)
        rare = common[at] != hashes
        rare |= (np.bincount(owner[rare], minlength=len(sizes)) < MIN_RARE)[owner]
        hashes, owner = hashes[rare], owner[rare]
    spread = hashes * _SPREAD  # bottom hashes of a long text lie close together
    cells = np.full(len(sizes) * _CELLS, _EMPTY)
    np.minimum.at(cells, owner * _CELLS + (spread >> np.uint32(28)), spread)
    table = cells.reshape(-1, _CELLS)
    for _ in range(_CELLS - 1):  # an empty cell takes what stands after it
        empty = table == _EMPTY
        if not empty.any():
            break
        table = np.where(empty, np.roll(table, -1, axis=1), table)
    pairs = table.reshape(-1, BANDS, ROWS).astype(np.uint64)
    mixed = (pairs[:, :, 0] << np.uint64(32) | pairs[:, :, 1]) * _MIX
    mixed ^= mixed >> np.uint64(29)
    keys: U32 = (mixed * _MIX >> np.uint64(32)).astype(np.uint32)
    return keys


def planes(signatures: U32) -> U64:
    """(n, PLANES): the lowest bits of every slot, one plane a bit."""
    found = np.empty((len(signatures), PLANES), np.uint64)
    for bit in range(PLANES):
        bits = (signatures >> np.uint32(bit) & np.uint32(1)).astype(np.uint8)
        found[:, bit] = np.packbits(bits, axis=1).view(np.uint64)[:, 0]
    return found


def agreement(one: U64, other: U64) -> npt.NDArray[np.uint8]:
    """Slots of SLOTS that agree in their lowest bits, of each pair of rows: never fewer than truly agree."""
    differs = one[..., 0] ^ other[..., 0]
    for bit in range(1, PLANES):
        differs |= one[..., bit] ^ other[..., bit]
    agree: npt.NDArray[np.uint8] = np.uint8(SLOTS) - np.bitwise_count(differs)
    return agree


def near(one: U64, other: U64) -> npt.NDArray[np.bool_]:
    """Whether a pair is worth verifying."""
    return agreement(one, other) >= CLOSE


def common_shingles(texts: Columns) -> U32:
    """Shingles in at least COMMON_SHARE of some texts, ascending. Give one text of each cluster, no more.

    Otherwise whoever floods a node with one text makes its shingles common, and hides the text from the bands.
    """
    hashes, counts = np.unique(texts.hashes, return_counts=True)
    least = max(2, int(np.ceil(COMMON_SHARE * len(texts.shingles))))
    found: U32 = hashes[counts >= least]
    return found
