"""Texts of a long history held against each other: pure steps over columns, for one process and for an engine alike.

Enters: texts by number (any 64 bits that are equal for equal texts) with their sketches. Leaves: for each text that
resembles another the typical text of its cluster. Refuses: to depend on the order or the batches in which rows come.

1. `band_rows`: a text's band keys and three bits a slot; the engine sorts them by key and number;
2. `Meetings`: what stands in one bucket and agrees in enough slots, in bounded time;
3. `families`: what is tied, and by which pairs the engine must first look at the hashes;
4. `Splitting`: a family's texts, by number, into clusters, by the function that a node calls.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.correlate.bands import (
    BANDS,
    CLOSE,
    NOTHING_COMMON,
    SURE,
    agreement,
    band_keys,
    common_shingles,
    planes,
)
from tocsin.correlate.clusters import LINK, clusters, components
from tocsin.correlate.neighbours import Pairs, Texts, jaccard
from tocsin.wire.sketch import SLOTS, U32, U64, decode_batch

WIDTH = 16
"""In a bucket a text meets the next so many and the first so many, by number, which is as good as chance. Buckets up
to this size are tried whole."""

MANY, FEW = 512, 2
"""From the text in this place of its bucket on, FEW are met instead of WIDTH: so large a bucket is a flood, and what
further texts of it tell is that they belong to it. Each costs at most 2 * FEW quick looks a band."""

TRIED = 8
"""Pairs of two groups of which the hashes are looked at, the likeliest first: a pair that is not sure by its bits."""

MAX_SPLIT = 4_096
"""Texts of one family that are held against each other; further ones go with the typical text they agree with most."""

LEARN_FROM = 16_384
"""Texts, those with the least numbers, that say which shingles are common (`bands.common_shingles`). As on a node,
a history of fewer bands by all shingles."""

VERIFY_PAIRS = 8_192
"""Pairs whose hashes are in memory at once: some 20 MB."""

I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Verify = Callable[[Pairs], Bools]
"""Pairs of texts (m, 2) → whether their hashes tie them (`verified`)."""


class Met(NamedTuple):
    """Pairs (m, 2) of texts that may resemble each other, smaller number first, and in how many slots they agree."""

    pairs: Pairs
    agree: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, parts: "Sequence[Met]") -> "Met":
        """Parts as one, each pair once, by number."""
        pairs = np.concatenate([part.pairs for part in parts]) if parts else np.empty((0, 2), np.int64)
        agree = np.concatenate([part.agree for part in parts]) if parts else np.empty(0, np.uint8)
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        pairs, agree = pairs[order], agree[order]
        new = np.ones(len(pairs), np.bool_)
        new[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
        return cls(pairs[new], agree[new])


class BandRows(NamedTuple):
    """Rows to sort by (code, text): a text's key in one band, and the lowest bits of its signature."""

    code: I64
    text: I64
    bits: U64

    def sorted(self) -> "BandRows":
        """In the order that `Meetings` wants."""
        order = np.lexsort((self.text, self.code))
        return self.take(order)

    def take(self, at: I64) -> "BandRows":
        return BandRows(self.code[at], self.text[at], self.bits[at])


def band_rows(texts: I64, blobs: Sequence[bytes], common: U32) -> BandRows:
    """BANDS rows a text. Raises BadInput for a sketch that is none."""
    columns = decode_batch(blobs)
    keys = band_keys(columns.hashes, columns.starts, common).astype(np.int64)
    codes = keys | np.arange(BANDS, dtype=np.int64) << 32
    return BandRows(
        codes.reshape(-1),
        np.repeat(texts, BANDS),
        np.repeat(planes(columns.signatures), BANDS, axis=0),
    )


class Meetings:
    """Takes BandRows in order, batch by batch, and tells who meets whom. Of an open bucket 2 * WIDTH rows are kept."""

    def __init__(self) -> None:
        self._open: BandRows | None = None
        self._dropped = 0
        """Rows of the open bucket that stood between its first WIDTH and its last WIDTH."""
        self.tried = 0
        """Quick looks so far."""

    def take(self, rows: BandRows) -> Met:
        """Pairs of these rows with each other and with what came before; a pair may be told again."""
        if not len(rows.code):
            return Met.of(())
        if self._open is not None:
            rows = BandRows(*(np.concatenate(both) for both in zip(self._open, rows, strict=True)))
        start, rank = _ranks(rows.code)
        rank[WIDTH : np.searchsorted(rows.code, rows.code[0], "right")] += self._dropped
        met = []
        for one, other in _met(start, rank):
            self.tried += len(one)
            agree = agreement(rows.bits[one], rows.bits[other])
            kept = np.flatnonzero(agree >= CLOSE)
            met.append(Met(rows.text[np.stack((one[kept], other[kept]), axis=1)], agree[kept]))
        last = np.arange(start[-1], len(rows.code))
        if len(last) > 2 * WIDTH:
            last = np.append(last[:WIDTH], last[-WIDTH:])
        self._open, self._dropped = rows.take(last), int(rank[-1]) + 1 - len(last)
        return Met(np.concatenate([some.pairs for some in met]), np.concatenate([some.agree for some in met]))


def _ranks(codes: I64) -> tuple[I64, I64]:
    """Where the bucket of each place starts, and which place in it it is; `codes` ascending."""
    edge = np.ones(len(codes), np.bool_)
    np.not_equal(codes[1:], codes[:-1], out=edge[1:])
    starts = np.flatnonzero(edge)
    start = np.repeat(starts, np.diff(np.append(starts, len(codes))))
    return start, np.arange(len(codes)) - start


def _met(start: I64, rank: I64) -> Iterator[tuple[I64, I64]]:
    """Places in one bucket, some at a time: each with those before it and with the first of its bucket.

    `rank` counts the rows that were dropped too.
    """
    late = np.flatnonzero(rank)
    far = late[rank[late] > WIDTH]
    for step in range(1, WIDTH + 1):
        late = late[(rank[late] >= step) & ((rank[late] <= MANY) | (step <= FEW))]
        next_to = late[rank[late] - rank[late - step] == step]
        yield next_to - step, next_to
    for head in range(WIDTH):
        far = far[(rank[far] > WIDTH + head) & ((rank[far] <= MANY) | (head < FEW))]  # nearer ones met above
        yield start[far] + head, far


class Families(NamedTuple):
    """Texts that have a family, by number, and its name: the smallest of its texts."""

    texts: I64
    family: I64


def families(met: Met, verify: Verify) -> Families:
    """Join what is tied: 1. pairs that are sure by their bits; 2. of what is still apart, up to TRIED pairs of any
    two groups, where their hashes say so."""
    texts, node = np.unique(met.pairs, return_inverse=True)
    node = node.reshape(-1, 2)
    sure = met.agree >= SURE
    root = components(len(texts), node[sure])
    doubtful = np.flatnonzero(~sure)
    asked = doubtful[_likeliest(root[node[doubtful]], met.agree[doubtful])]
    tied = asked[verify(met.pairs[asked])]
    root = components(len(texts), np.concatenate((node[sure], node[tied])))
    large = np.bincount(root, minlength=len(texts))[root] > 1
    return Families(texts[large], texts[root[large]])


def _likeliest(groups: Pairs, agree: npt.NDArray[np.uint8]) -> I64:
    """Places of at most TRIED pairs for each two different groups; of equally likely ones the earlier."""
    low, high = groups.min(axis=1, initial=1 << 62), groups.max(axis=1, initial=-1)
    apart = np.flatnonzero(low != high)
    order = apart[np.lexsort((-agree[apart].astype(np.int16), high[apart], low[apart]))]
    edge = np.ones(len(order), np.bool_)
    edge[1:] = (low[order[1:]] != low[order[:-1]]) | (high[order[1:]] != high[order[:-1]])
    starts = np.flatnonzero(edge)
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    return np.sort(order[rank < TRIED])


def verified(pairs: Pairs, texts: I64, blobs: Sequence[bytes]) -> Bools:
    """Whether the hashes tie each pair; `texts`, ascending, are those that the blobs are of."""
    columns = decode_batch(blobs)
    held = Texts.of(columns.signatures, columns.hashes, columns.starts)
    tied: Bools = jaccard(held, np.searchsorted(texts, pairs)) >= LINK
    return tied


def common_of(texts: I64, blobs: Sequence[bytes]) -> U32:
    """The common shingles of the LEARN_FROM texts with the least numbers (ascending), one of each family speaking."""
    if len(texts) < LEARN_FROM:
        return NOTHING_COMMON
    met = Met.of([Meetings().take(band_rows(texts, blobs, NOTHING_COMMON).sorted())])

    def verify(pairs: Pairs) -> Bools:
        found = np.zeros(len(pairs), np.bool_)
        for at in range(0, len(pairs), VERIFY_PAIRS):
            part = pairs[at : at + VERIFY_PAIRS]
            some = np.unique(part)
            found[at : at + VERIFY_PAIRS] = verified(
                part, some, [blobs[place] for place in np.searchsorted(texts, some).tolist()]
            )
        return found

    tied = families(met, verify)
    silent = np.isin(texts, tied.texts[tied.texts != tied.family])
    return common_shingles(decode_batch([blobs[at] for at in np.flatnonzero(~silent).tolist()]))


class Typical(NamedTuple):
    """Texts, and for each the typical text of its cluster; a text that resembles none of its family is its own."""

    texts: I64
    typical: I64


class Prints(NamedTuple):
    """Texts, and of each the lowest bits of its signature (`bands.planes`)."""

    texts: I64
    planes: U64

    @classmethod
    def of(cls, texts: I64, blobs: Sequence[bytes]) -> "Prints":
        """Of texts and their sketches. Raises BadInput for a sketch that is none."""
        return cls(texts, planes(decode_batch(blobs).signatures))


class Splitting:
    """Takes (family, text, sketch), ordered by family and text, batch by batch. At most MAX_SPLIT sketches are held."""

    def __init__(self) -> None:
        self._family: int | None = None
        self._texts: list[int] = []
        self._blobs: list[bytes] = []
        self._middles: tuple[I64, U64] | None = None
        """Of a family of more than MAX_SPLIT texts: its typical texts so far, and their bits."""

    def take(self, family: I64, texts: I64, blobs: Sequence[bytes]) -> Iterator[Typical]:
        """What is decided by these rows; `end` gives the rest."""
        edges = np.flatnonzero(np.diff(family)) + 1
        for first, last in zip([0, *edges.tolist()], [*edges.tolist(), len(family)], strict=True):
            if first == last:
                continue
            if family[first] != self._family:
                yield from self.end()
                self._family = int(family[first])
            room = 0 if self._middles else MAX_SPLIT - len(self._texts)
            cut = min(first + room, last)
            self._texts += texts[first:cut].tolist()
            self._blobs += blobs[first:cut]
            if cut < last:
                yield from self._follow(texts[cut:last], blobs[cut:last])

    def end(self) -> Iterator[Typical]:
        """The clusters of the family that is still open."""
        if self._texts:
            yield self._split()
        self._family, self._middles = None, None

    def _split(self) -> Typical:
        columns = decode_batch(self._blobs)
        texts = np.array(self._texts, np.int64)
        self._texts, self._blobs = [], []
        # By signature, as a node's families are: of equally typical texts the first stands for the cluster.
        rows = np.ascontiguousarray(columns.signatures.astype(">u4")).view(f"V{4 * SLOTS}").reshape(-1)
        order = np.argsort(rows, kind="stable")
        held = Texts.of(columns.signatures, columns.hashes, columns.starts)
        typical = np.empty(len(texts), np.int64)
        typical[order] = texts[order[clusters(held.take(order))]]
        self._middles = _middles(texts, typical, planes(columns.signatures))
        return Typical(texts, typical)

    def _follow(self, texts: I64, blobs: Sequence[bytes]) -> Iterator[Typical]:
        if self._middles is None:
            yield self._split()
        assert self._middles is not None
        middles, bits = self._middles
        typical = texts.copy()
        for at, own in enumerate(planes(decode_batch(blobs).signatures)):
            agree = agreement(bits, own)
            best = int(np.argmax(agree))
            if agree[best] >= CLOSE:
                typical[at] = middles[best]
        yield Typical(texts, typical)


def _middles(texts: I64, typical: I64, bits: U64) -> tuple[I64, U64]:
    """The typical texts of clusters of several, by number; of all texts where no two make one."""
    names, counts = np.unique(typical, return_counts=True)
    several = names[counts > 1] if (counts > 1).any() else names
    at = np.flatnonzero(np.isin(texts, several))
    return texts[at], bits[at]
