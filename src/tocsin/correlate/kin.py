"""Kin: texts of accounts that share an identifier of conduct, reworded so much that no two of them are tied as copies.

Enters: a view, the clusters of its texts, and who carries which identifier. Leaves: the clusters, some of them joined
(`Joined`). Refuses: to join by likeness alone or by an identifier alone, and what fewer people write who share the
identifier than people who do not.

1. Identifiers that speak of conduct and that LEAST_HOLDERS to MOST_HOLDERS accounts have, with the texts that came
   with them, where some pairs of different accounts look alike at all;
2. of these the texts that agree with what the texts of all *other* accounts have in common, each cluster having one
   voice. Each copy was reworded elsewhere, so what most of them have is nearly the original, and that is far more like
   each than any two are. Two templates have no such thing: none is like what the others have;
3. with everybody else who writes so, whether or not they share the identifier: who is counted is chosen by the text
   again, not by the identifier whose share is then weighed. Where fewer than half of these accounts have it, nothing
   is joined: the text is other people's too.

All of it is read from the bits of signatures that are in memory, and nothing depends on the order of arrival, up to
the bounds below.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.correlate.bands import PLANES, agreement
from tocsin.correlate.evidence import KINDS
from tocsin.correlate.groups import Sets
from tocsin.correlate.joined import Joined
from tocsin.correlate.narrow import chunks
from tocsin.correlate.window import View
from tocsin.wire.sketch import SLOTS, U64

LEAST_HOLDERS = 3
"""Two accounts with one device or telephone are a household."""

MOST_HOLDERS = 48
"""What more accounts share is a place, a shop or a service."""

MAX_USES = 65_536
"""Uses of such identifiers that are looked at, the newest to arrive: some tens of milliseconds."""

MAX_TEXTS = 128
"""Texts of one identifier that are held against each other."""

MAX_CORES = 64
"""Identifiers of a look whose texts are held against each other, those with most that look alike."""

BESIDE = 8
"""Texts of an identifier, in the order of their bits, with which each is compared at first."""

HINT, HINTED = 16, 1 / 8
"""Slots in which a pair looks alike at all, and the share of an identifier's pairs that must: of two copies with 30 to
50 % of other words nine in ten have as many (in Chinese two), of strangers in one language one in twenty-five."""

LEAST_COMMON = 20
"""Slots in which a text agrees with what the others have in common: such copies have 28 ± 4 in Latin letters, 18 ± 4
in Chinese; strangers in one language 11 ± 3.5."""

LEAST_TEXTS = 5
"""Such texts of one identifier, below which chance may be what they have in common."""

READ_TEXTS = 16
"""Sketches that are read of a core that would join something: the only ones."""

OFTEN, ALWAYS, MOST_FIXED = 0.25, 0.85, 0.5
"""A form, an exercise, a footer or an address between people's own words is whole in nearly every text; of copies that
were reworded all over each lacks other parts. Where more than half of what is OFTEN there is there ALWAYS, it is not
one text but a part of many."""

LIKE_MEAN, LIKE_ALL = 0.5, 0.75
"""Pairs that must have this share of the mean similarity: of two templates in one heap half have none at all."""

ROUNDS = 8
"""Times that what does not belong is left out, and what the rest has in common found anew."""

NO_ROWS = np.empty(0, np.int64)
I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
U8 = npt.NDArray[np.uint8]


class _Uses(NamedTuple):
    """By identifier the clusters whose texts came with it, one text each, and whose it is: an account's number, or one
    of its own below 0 where several accounts wrote it."""

    item: I32
    owner: I32
    text: I32

    def take(self, at: "I64 | slice | npt.NDArray[np.bool_]") -> "_Uses":
        return _Uses(self.item[at], self.owner[at], self.text[at])


class _Core(NamedTuple):
    """Texts with one identifier that are alike: what they have in common, as bits."""

    item: int
    texts: I32
    owners: int
    agree: float
    common: U64


def join(view: View, cluster_of_text: I32, carried: Sets) -> Joined:
    """The clusters of a view, with kin joined. `carried` are its identifiers (`groups.carried_in`)."""
    planes = view.texts.planes
    cores = [_core(some, planes) for some in _alike(_uses(view, cluster_of_text, carried), planes)]
    found = sorted(
        (core for core in cores if core is not None),
        key=lambda core: (-core.owners, -core.agree, core.common.tolist()),
    )
    if not found:
        return Joined.nothing(cluster_of_text)
    return _joined(view, cluster_of_text, carried, found)


def _uses(view: View, cluster_of_text: I32, carried: Sets) -> _Uses:
    kinds = np.array([kind in KINDS and KINDS[kind].conduct for kind in view.types], np.bool_)
    holders = carried.holders[: len(view.type_of_tag)]
    wanted = (holders >= LEAST_HOLDERS) & (holders <= MOST_HOLDERS)
    if wanted.any():
        wanted &= kinds[view.type_of_tag[: len(wanted)]]
    parts: list[I32] = []
    room = MAX_USES if wanted.any() else 0
    for part in reversed(list(chunks(len(view.tag)))):
        at = np.flatnonzero(wanted[view.tag[part]])[-room:] + part.start if room else NO_ROWS
        at = at[view.text[view.tag_row[at]] >= 0]
        parts.append(at.astype(np.int32))
        room -= len(at)
    at = np.concatenate(parts) if parts else NO_ROWS
    row = view.tag_row[at]
    return _voices(_Uses(view.tag[at], view.actor[row], view.text[row]), cluster_of_text, view.texts.planes)


def _voices(uses: _Uses, cluster_of_text: I32, planes: U64) -> _Uses:
    """Of each identifier and cluster one use, in the order of bits."""
    cluster = cluster_of_text[uses.text]
    order = np.lexsort((*planes[uses.text].T, cluster, uses.item))
    uses, cluster = uses.take(order), cluster[order]
    first = np.ones(len(cluster), np.bool_)
    first[1:] = (cluster[1:] != cluster[:-1]) | (uses.item[1:] != uses.item[:-1])
    edges = np.flatnonzero(first)
    if not len(edges):
        return uses
    several = np.minimum.reduceat(uses.owner, edges) != np.maximum.reduceat(uses.owner, edges)
    uses, cluster = uses.take(edges), cluster[edges]
    uses = uses._replace(owner=np.where(several, -1 - cluster, uses.owner))
    return uses.take(np.lexsort((*planes[uses.text].T, uses.item)))


def _alike(uses: _Uses, planes: U64) -> Iterator[_Uses]:
    """Of each identifier of which enough pairs look alike its uses."""
    edges = np.flatnonzero(np.diff(uses.item, prepend=-1))
    sizes = np.diff(edges, append=len(uses.item))
    which = np.repeat(np.arange(len(edges)), sizes)
    own = planes[uses.text]
    hits, tried = np.zeros((2, len(edges)), np.int64)
    for step in range(1, BESIDE + 1):
        pair = np.flatnonzero((which[step:] == which[:-step]) & (uses.owner[step:] != uses.owner[:-step]))
        close = agreement(own[pair], own[pair + step]) >= HINT
        tried += np.bincount(which[pair], minlength=len(edges))
        hits += np.bincount(which[pair[close]], minlength=len(edges))
    hinted = np.flatnonzero((hits > 1) & (hits >= HINTED * tried))
    for at in hinted[np.argsort(-hits[hinted], kind="stable")][:MAX_CORES].tolist():
        yield uses.take(slice(edges[at], edges[at] + min(sizes[at], MAX_TEXTS)))


def _core(some: _Uses, planes: U64) -> _Core | None:
    """Those of some texts that agree with what the others have in common, where there are enough of them."""
    values, of = _values(planes[some.text]), len(np.unique(some.owner))
    for _ in range(ROUNDS):
        _, owner = np.unique(some.owner, return_inverse=True)
        owners = len(np.unique(owner))
        if owners < LEAST_HOLDERS:
            return None
        counts = np.zeros((owners, SLOTS, 1 << PLANES), np.int16)
        np.add.at(counts, (owner[:, None], np.arange(SLOTS), values), np.int16(1))
        every = counts.sum(axis=0)
        others = (every - counts).argmax(axis=2)
        agree = np.count_nonzero(values == others[owner], axis=1)
        kept = agree >= LEAST_COMMON
        if kept.all():
            common = every.argmax(axis=1)
            if len(values) < LEAST_TEXTS or 2 * owners < of:
                return None
            return _Core(int(some.item[0]), some.text, owners, float(agree.mean()), _bits(common))
        some, values = some.take(kept), values[kept]
    return None


def _values(planes: U64) -> U8:
    """(n, SLOTS): the lowest bits of each slot, as `bands.planes` packs them."""
    found = np.zeros((len(planes), SLOTS), np.uint8)
    for bit in range(PLANES):
        plane = np.ascontiguousarray(planes[:, bit : bit + 1])
        found |= np.unpackbits(plane.view(np.uint8), axis=1) << np.uint8(bit)
    return found


def _bits(values: "npt.NDArray[np.integer[Any]]") -> U64:
    """(PLANES,) of one row of values."""
    rows = [np.packbits((values >> bit & 1).astype(np.uint8)) for bit in range(PLANES)]
    return np.stack(rows).view(np.uint64)[:, 0]


def _joined(view: View, cluster_of_text: I32, carried: Sets, cores: Sequence[_Core]) -> Joined:
    """Join the clusters of each core with those of everybody who writes so. What is joined is not joined again."""
    parts: list[tuple[_Core, I64]] = []
    for core, like in zip(cores, view.texts.agreeing([core.common for core in cores]), strict=True):
        if like is not None:
            middles = like[cluster_of_text[like] == like]
            parts.append((core, np.union1d(cluster_of_text[core.texts], middles)))
    row = _rows_of(view, cluster_of_text, [own for _, own in parts])
    cluster_of_row = cluster_of_text[view.text[row]]
    into: dict[int, int] = {}
    likeness: dict[int, float] = {}
    for core, own in parts:
        mine = row[np.isin(cluster_of_row, own)]
        if len(own) < 2 or not into.keys().isdisjoint(own.tolist()):
            continue
        if not _theirs(view, carried, core, mine) or not _of_one_text(view, core):
            continue
        name = _typical(own, core.common, view.texts.planes)
        into |= dict.fromkeys(own.tolist(), name)
        likeness[name] = _likeness(view.texts.planes[np.unique(view.text[mine])], core.common)
    return Joined(cluster_of_text, into, likeness)


def _rows_of(view: View, cluster_of_text: I32, clusters: Sequence[I64]) -> I64:
    """Rows whose text is in any of the clusters."""
    held = Joined.nothing(cluster_of_text).holding(np.concatenate((NO_ROWS, *clusters)))
    of_text = np.append(held, False)  # the last place is what -1 names
    rows = [np.flatnonzero(of_text[view.text[part]]) + part.start for part in chunks(len(view))]
    return np.concatenate(rows)


def _theirs(view: View, carried: Sets, core: _Core, rows: I64) -> bool:
    """Whether at least half of the accounts behind some rows have the identifier."""
    accounts = np.unique(view.actor[rows])
    whose, items = carried.of_owners(accounts)
    return 2 * len(np.unique(whose[items == core.item])) >= len(accounts)


def _of_one_text(view: View, core: _Core) -> bool:
    """Whether texts are copies of one that were reworded all over, by all of their shingles.

    1. No part of it stands in nearly all of them, and little else in any; 2. all of them are alike, not some to some.
    """
    at = np.linspace(0, len(core.texts) - 1, min(len(core.texts), READ_TEXTS)).astype(np.int64)
    hashes = [np.unique(view.texts.sketch(text).hashes) for text in core.texts[at].tolist()]
    number = len(hashes)
    names, place = np.unique(np.concatenate(hashes), return_inverse=True)
    has = np.zeros((number, len(names)), np.int32)
    has[np.repeat(np.arange(number), [len(own) for own in hashes]), place.reshape(-1)] = 1
    often = has.sum(axis=0)
    often = often[often >= max(2, OFTEN * number)]
    if often[often >= ALWAYS * number].sum() > MOST_FIXED * often.sum():  # 1
        return False
    both = has @ has.T
    sizes = both.diagonal()
    similar = (both / (sizes[:, None] + sizes - both))[np.triu_indices(number, 1)]
    return bool((similar >= LIKE_MEAN * similar.mean()).mean() >= LIKE_ALL)  # 2


def _typical(clusters: I64, common: U64, planes: U64) -> int:
    """Of some clusters' typical texts the one that agrees most with what all have in common."""
    own = planes[clusters]
    return int(clusters[np.lexsort((*own.T, -agreement(own, common).astype(np.int16)))[0]])


def _likeness(planes: U64, common: U64) -> float:
    """How similar texts are to what they have in common, on average, less what agrees by chance."""
    chance = 1 / (1 << PLANES)
    return float((agreement(planes, common).mean() / SLOTS - chance) / (1 - chance))
