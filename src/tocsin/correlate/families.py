"""Families: texts tied by verified likeness, kept up as texts come and go. Only what is touched is computed anew.

A family is a connected component of the texts: two are tied when they share a band key (`bands`), agree in enough
slots, and have an exact Jaccard similarity of at least LINK. Inside a family `clusters` finds the groups around a
typical text. Families and clusters depend on the texts alone, never on the order or the batches in which they came,
as long as the work that takes is affordable. In a flood the work for a text is bounded, and the order may show: a
text goes with the typical text of what it was tied to (`placing`) until its family's turn comes to be split.

Of a text 35 bytes stay in memory, and its index entry. Signatures and hashes are fetched for likely pairs.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from tocsin.correlate.bands import (
    NOTHING_COMMON,
    PLANES,
    agreement,
    band_keys,
    common_shingles,
    near,
    planes,
)
from tocsin.correlate.clusters import clusters, components
from tocsin.correlate.growing import SPARE, Growing
from tocsin.correlate.in_common import InCommon
from tocsin.correlate.index import BandIndex
from tocsin.correlate.likeness import Likeness
from tocsin.correlate.narrow import chunks
from tocsin.correlate.numbers import distinct
from tocsin.correlate.placing import TRIED, Verifier, inherited, likeliest, place
from tocsin.correlate.sketches import Fetch, Sketches
from tocsin.correlate.tied import Tied, parted
from tocsin.wire.sketch import SLOTS, U32, U64, Columns, Sketch

LEARN_AT = 16_384
"""Texts from which it is known which shingles are common; below, the bands take all of them."""

QUERY_TEXTS = 1_024
"""Texts looked up at once: candidates of all of them are in memory."""

FETCH_TEXTS = 8_192
"""Texts whose sketches are asked for at once."""

TIE_FETCHES = 128
"""Sketches read from the store to tie one batch, the likeliest pairs first. Each reads half a megabyte."""

LARGE = 256
"""Texts from which a family is split anew only when it has doubled."""

HUGE = 4_096
"""Texts from which a family is not split as a whole any more: it would take seconds, at ten million texts hours."""

SETTLED_TEXTS = 16_384
"""Texts of families split in one look, a second's work. The others wait for the next, the longest waiting first."""

SETTLED_FETCHES = 256
"""Of them, how many are read from the store. A family below LARGE has its turn by that; of a larger one as many must
be at hand, and until then its texts stay where they were placed."""

RETIED_TEXTS = 16_384
"""Texts whose families lost a member that are tied anew when texts are forgotten; other families stay together."""

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]


class Families:
    """Texts by number, in the order in which they were added."""

    def __init__(self, fetch: Fetch, *, learn_at: int = LEARN_AT) -> None:
        self._sketches = Sketches(fetch)
        self._learn_at = learn_at
        self._planes = Growing(np.uint64, PLANES)
        self._medoid = Growing(np.int32)
        self._family = Growing(np.int32)
        """The family's number, or -1 for a text that resembles none."""
        self._members: dict[int, I32] = {}
        self._next = 0
        self._unsplit: set[int] = set()
        """Families whose clusters are out of date: they are split when somebody looks."""
        self._split_at: dict[int, int] = {}
        """How many texts a large family had when it was split."""
        self._index = BandIndex()
        self._likeness = Likeness(self._sketches)
        self._in_common = InCommon()
        self.common: U32 = NOTHING_COMMON
        self.learned = False

    def __len__(self) -> int:
        return len(self._medoid)

    @property
    def medoids(self) -> I32:
        """For each text its cluster's most typical text; a lone text is its own. It changes as texts are added."""
        self._settle()
        return self._medoid.rows

    @property
    def families(self) -> I32:
        """For each text its family's number, -1 where it has none."""
        return self._family.rows

    def sketch(self, text: int) -> Sketch:
        """The sketch of one text. Raises KeyError when its day's key was destroyed."""
        return self._sketches.of([text])[text]

    def add(self, columns: Columns) -> U32:
        """Take texts none of which is here yet; returns their band keys."""
        first, number = len(self), len(columns.shingles)
        keys = band_keys(columns.hashes, columns.starts, self.common)
        fresh = np.arange(first, first + number, dtype=np.int32)
        self._planes.extend(planes(columns.signatures))
        self._medoid.extend(fresh)
        self._family.extend(np.full(number, -1, np.int32))
        for at, text in enumerate(fresh.tolist()):
            begin, end = columns.starts[at], columns.starts[at + 1]
            self._sketches.keep(
                text, Sketch(columns.signatures[at], columns.hashes[begin:end], int(columns.shingles[at]))
            )
        self._index.add(keys, fresh)
        if self.learned or len(self) < self._learn_at:
            self._tie(self._candidates(self._index, keys, fresh))
        else:
            self._learn()
        return keys

    def fill(self, band_of: Callable[[int], Iterable[U32]], number: int) -> None:
        """Index so many texts, before they are taken: `band_of` gives their keys in a band, in order."""
        self._index.fill(band_of, number)

    def load(
        self,
        signature_planes: Growing[np.uint64],
        tied: Tied,
        common: U32,
        *,
        learned: bool,
    ) -> None:
        """Take all texts at once into a set that has only been indexed (`fill`), as they were saved.

        Of a family that has lost a member since, what is left is tied and split anew.
        """
        number = len(signature_planes)
        self._planes = signature_planes
        for column in (self._medoid, self._family):
            column.reserve(number + number // SPARE)
        for rows in chunks(number):
            self._medoid.extend(np.arange(rows.start, rows.stop, dtype=np.int32))
            self._family.extend(np.full(rows.stop - rows.start, -1, np.int32))
        self.common, self.learned = common, learned
        self._medoid.rows[tied.texts] = np.where(tied.medoid >= 0, tied.medoid, tied.texts)
        found = parted(tied, retied=RETIED_TEXTS, largest=LARGE)
        names = np.arange(self._next, self._next + len(found.number_of))
        self._next += len(names)
        self._family.rows[found.texts] = np.repeat(names, found.number_of)
        starts = (np.cumsum(found.number_of) - found.number_of).tolist()
        for name, start, number in zip(names.tolist(), starts, found.number_of.tolist(), strict=True):
            self._members[name] = found.texts[start : start + number]
        unsplit = found.late & (found.number_of < HUGE)
        self._unsplit.update(names[unsplit].tolist())
        large = ~unsplit & (found.number_of >= LARGE)
        self._split_at.update(zip(names[large].tolist(), found.number_of[large].tolist(), strict=True))
        for some in _batches(found.broken, FETCH_TEXTS):
            self._medoid.rows[some] = some
            self._tie_among(some)

    def tied(self) -> Tied:
        """The families as they stand, for `load`."""
        texts = np.flatnonzero(self._family.rows >= 0).astype(np.int32)
        family = self._family.rows[texts]
        sizes = np.zeros(max(self._next, 1), np.int32)
        for name, members in self._members.items():
            sizes[name] = -len(members) if name in self._unsplit else len(members)
        return Tied(texts, family, self._medoid.rows[texts], sizes[family])

    @property
    def planes(self) -> U64:
        return self._planes.rows

    def keys(self, band: int) -> U32:
        """By text the key in a band, as far as it counts."""
        return self._index.keys(band, len(self))

    def keep(self, place: I32) -> None:
        """Number anew: `place` gives the new number by the old one, -1 for texts to forget."""
        kept = np.flatnonzero(place >= 0)
        self._index.keep(place)
        self._sketches.renumber(place)
        self._planes.keep(kept)
        number = len(kept)
        medoid = inherited(self._medoid.rows, place, self._planes.rows)
        family = np.full(number, -1, np.int32)
        broken: list[I32] = []
        members = {}
        room = RETIED_TEXTS
        for name in sorted(self._members, reverse=True):  # what changed last is looked at first
            new = place[self._members[name]]
            left = new[new >= 0]
            if len(left) < len(new) and len(left) <= min(room, LARGE):
                broken.append(left)
                room -= len(left)
                medoid[left] = left
            elif len(left) > 1:
                members[name] = left
                family[left] = name
            else:
                medoid[left] = left
        self._members = members
        self._unsplit &= members.keys()
        self._split_at = {name: size for name, size in self._split_at.items() if name in members}
        self._family.replace(family)
        self._medoid.replace(medoid)
        self._likeness.renumber(place)
        self._in_common.renumber(place)
        for some in _batches(broken, FETCH_TEXTS):
            self._tie_among(some)

    def like(self, signatures: Sequence[bytes], least: float) -> list[I32]:
        """For each signature the texts whose own is at least so similar, ascending (`Likeness`)."""
        return self._likeness.of(signatures, least, self._planes.rows)

    def agreeing(self, commons: Sequence[U64]) -> list[I32 | None]:
        """For each bits the texts that agree with them, ascending, or None (`InCommon`)."""
        return self._in_common.agreeing(commons, self._planes.rows)

    def _learn(self) -> None:
        """Find out which shingles are common, one text a family speaking, and tie everything anew."""
        every = np.arange(len(self), dtype=np.int32)
        family = self._family.rows
        voices = np.concatenate((every[family < 0], [members[0] for members in self._members.values()]))
        self.common = common_shingles(self._sketches.columns(voices.astype(np.int32))[0])
        self.learned = True
        self.rebuild()

    def rebuild(self) -> None:
        """Index and tie all texts from their sketches."""
        every = np.arange(len(self), dtype=np.int32)
        self._index, self._members = BandIndex(), {}
        self._unsplit, self._split_at = set(), {}
        self._family.replace(np.full(len(every), -1, np.int32))
        self._medoid.replace(every)
        for at in range(0, len(every), FETCH_TEXTS):
            columns, there = self._sketches.columns(every[at : at + FETCH_TEXTS])
            keys = band_keys(columns.hashes, columns.starts, self.common)
            self._index.add(keys, there)
            self._tie(self._candidates(self._index, keys, there))

    def _tie_among(self, texts: I32) -> None:
        columns, there = self._sketches.columns(np.sort(texts))
        if len(there) > 1:
            keys = band_keys(columns.hashes, columns.starts, self.common)
            index = BandIndex()
            index.add(keys, there)
            self._tie(self._candidates(index, keys, there))

    def _candidates(self, index: BandIndex, keys: U32, texts: I32) -> I64:
        """Pairs (m, 2) of a text here and an earlier one that may resemble it, the likeliest first."""
        found = []
        for at in range(0, len(texts), QUERY_TEXTS):
            row, other = index.meet(keys[at : at + QUERY_TEXTS])
            text = texts[at + row]
            before = other < text
            text, other = text[before], other[before]
            close = near(self._planes.rows[text], self._planes.rows[other])
            found.append(distinct(text[close].astype(np.int64) << 32 | other[close]))
        codes = np.concatenate(found) if found else np.empty(0, np.int64)
        pairs = np.stack((codes >> 32, codes & 0xFFFFFFFF), axis=1)
        return likeliest(pairs, agreement(self._planes.rows[pairs[:, 0]], self._planes.rows[pairs[:, 1]]))

    def _tie(self, pairs: I64) -> None:
        """Join the families of pairs that are verified, each text tried with its likeliest first.

        Each text goes with the typical text of what it was tied to; families that changed are split later.
        """
        if not len(pairs):
            return
        family = self._family.rows[pairs].astype(np.int64)
        labels, node = np.unique(np.where(family >= 0, family + (1 << 32), pairs), return_inverse=True)
        node = node.reshape(-1, 2)
        root = np.arange(len(labels))
        ties = []
        verifier = Verifier(self._sketches, self._planes.rows, TIE_FETCHES)
        for _ in range(TRIED):
            apart = root[node[:, 0]] != root[node[:, 1]]
            pairs, node = pairs[apart], node[apart]
            if not len(pairs):
                break
            _, best = np.unique(pairs[:, 0], return_index=True)
            alike = best[verifier.tied(pairs[best])]
            if len(alike):
                root = components(len(labels), root[node[alike]])[root]
                ties.append(pairs[alike])
            untried = np.ones(len(pairs), np.bool_)
            untried[best] = False
            pairs, node = pairs[untried], node[untried]
        if ties:
            place(np.concatenate(ties), self._medoid.rows, verifier)
        for joined in _together(root):
            self._join(labels[joined])

    def _join(self, labels: I64) -> None:
        """Make one family of lone texts (below 2**32) and families (above)."""
        names = [label - (1 << 32) for label in labels.tolist() if label >> 32]
        split_at = max((self._split_at.get(name, 0) for name in names), default=0)
        members = np.sort(
            np.concatenate(
                (*(self._members.pop(name) for name in names), labels[labels < 1 << 32].astype(np.int32))
            )
        )
        for name in names:
            self._unsplit.discard(name)
            self._split_at.pop(name, None)
        name = self._name(members)
        if len(members) < LARGE or split_at * 2 <= len(members) < HUGE:
            self._unsplit.add(name)
        else:
            self._split_at[name] = split_at

    def _name(self, members: I32) -> int:
        name = self._next
        self._next += 1
        self._members[name] = members
        self._family.rows[members] = name
        return name

    def _settle(self) -> None:
        """Split families that changed, as many as one look may. Texts are taken in the order of their signatures."""
        if not self._unsplit:
            return
        self._medoid.replace(self._medoid.rows)  # who took a view keeps the old column
        waiting: list[int] = []
        held, room, fetches = 0, SETTLED_TEXTS, SETTLED_FETCHES
        for name in sorted(self._unsplit):  # who was joined first has waited longest
            members = self._members[name]
            missing = int(np.count_nonzero(~self._sketches.held(members)))
            if len(members) > room or missing > fetches:
                continue
            room -= len(members)
            fetches -= missing
            waiting.append(name)
            held += len(members)
            if held >= FETCH_TEXTS:
                self._split_all(waiting)
                waiting, held = [], 0
        self._split_all(waiting)

    def _split_all(self, names: Sequence[int]) -> None:
        if not names:
            return
        parts = [self._members[name] for name in names]
        members = np.concatenate(parts)
        self._medoid.rows[members] = members
        texts, there = self._sketches.texts(members)
        if len(there):
            row = texts.signatures.astype(">u4").reshape(-1, SLOTS).view(f"V{4 * SLOTS}").reshape(-1)
            rank = np.argsort(np.argsort(row, kind="stable"), kind="stable")
            family = self._family.rows[there]
            order = np.lexsort((rank, family))
            starts = np.concatenate(([0], np.flatnonzero(np.diff(family[order])) + 1, [len(there)]))
            self._medoid.rows[there[order]] = there[order[clusters(texts.take(order), starts)]]
        for name, part in zip(names, parts, strict=True):
            self._unsplit.discard(name)
            if len(part) >= LARGE:
                self._split_at[name] = len(part)


def _together(root: I64) -> list[I64]:
    """Places with an equal root, for every root that has several."""
    several = np.flatnonzero(np.bincount(root, minlength=1)[root] > 1)
    order = several[np.argsort(root[several], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(root[order])) + 1) if len(order) else []


def _batches(parts: Sequence[I32], size: int) -> list[I32]:
    """Parts put together until there are `size`."""
    found: list[I32] = []
    held: list[I32] = []
    number = 0
    for part in parts:
        held.append(part)
        number += len(part)
        if number >= size:
            found.append(np.concatenate(held))
            held, number = [], 0
    return [*found, np.concatenate(held)] if held else found
