"""The texts that are used more than once, and by whom: the events of each cluster, and its accounts."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.correlate.joined import Joined
from tocsin.correlate.narrow import chunks
from tocsin.correlate.window import View

ROW_BITS = 32
"""Of a row number, beside a cluster's of 31: a replay looks at more events than a node holds."""

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


class Repeated(NamedTuple):
    """Clusters by number, ascending. Cluster i's rows of the view, by time, are rows[starts[i]:starts[i + 1]]."""

    clusters: I32
    rows: I32
    starts: I64
    owner: I32
    """For each pair of a cluster and an account that uses it: the place of the cluster, ascending, then"""
    whose: I32
    """the account, and"""
    uses: I32
    """how many of the cluster's events are the account's."""

    @classmethod
    def of(cls, view: View, cluster_of_text: Joined) -> "Repeated":
        """Every cluster with two events or more. A text used once is no habit, and nothing shared."""
        rows = _likely(view, cluster_of_text)
        cluster, rows = _grouped(cluster_of_text[view.text[rows]], rows)
        starts = np.flatnonzero(np.diff(cluster, prepend=np.int32(-1)))
        sizes = np.diff(starts, append=len(rows))
        many = sizes > 1
        rows = rows[np.repeat(many, sizes)]
        clusters, sizes = cluster[starts[many]], sizes[many]
        starts = np.concatenate(([0], np.cumsum(sizes)))
        which = np.repeat(np.arange(len(clusters)), sizes)
        rows = _by_time(view, rows, which)
        bits = np.int64(len(view.created).bit_length())
        which <<= bits
        which |= view.actor[rows]
        pairs, uses = counted(which)
        return cls(
            clusters, rows, starts, narrow(pairs >> bits), narrow(pairs & ((1 << bits) - 1)), narrow(uses)
        )

    def used_by(self, least: int) -> "Repeated":
        """The clusters that at least so many accounts use."""
        enough = np.bincount(self.owner, minlength=len(self.clusters)) >= least
        sizes = np.diff(self.starts)
        if enough.all():
            return self
        place = np.cumsum(enough, dtype=np.int32) - np.int32(1)
        kept = enough[self.owner]
        return Repeated(
            self.clusters[enough],
            self.rows[np.repeat(enough, sizes)],
            np.concatenate(([0], np.cumsum(sizes[enough]))),
            place[self.owner[kept]],
            self.whose[kept],
            self.uses[kept],
        )

    def parts(self, rows: int) -> Iterator[slice]:
        """Slices of clusters that follow each other, with at most so many rows or of one cluster."""
        first = 0
        while first < len(self.clusters):
            full = int(np.searchsorted(self.starts, self.starts[first] + rows, "right")) - 1
            last = max(first + 1, full)
            yield slice(first, last)
            first = last

    def each(self, wanted: Bools) -> Iterator[tuple[int, I64]]:
        """(cluster, rows) of the wanted clusters."""
        for at in np.flatnonzero(wanted).tolist():
            yield int(self.clusters[at]), self.rows[self.starts[at] : self.starts[at + 1]].astype(np.int64)


def narrow(numbers: I64) -> I32:
    """Row numbers and counts, which 32 bits hold."""
    return numbers.astype(np.int32)


def counted(codes: I64) -> tuple[I64, I64]:
    """The distinct values, ascending, and how often each stands there. The codes are sorted where they lie."""
    ordered = codes
    ordered.sort()
    at = np.flatnonzero(np.diff(ordered, prepend=-1)) if len(ordered) else np.empty(0, np.int64)
    return ordered[at], np.diff(at, append=len(ordered))


def _likely(view: View, clusters: Joined) -> I32:
    """Rows whose text has a family, is used again or was joined to others: all that are repeated, and some more."""
    likely = np.zeros(len(view.again) + 1, np.bool_)  # the last place is what -1 names
    np.greater_equal(view.texts.families, 0, out=likely[:-1])
    likely[:-1] |= view.again
    likely[clusters.names] = True
    found = [narrow(np.flatnonzero(likely[view.text[part]]) + part.start) for part in chunks(len(view))]
    return np.concatenate(found) if found else np.empty(0, np.int32)


def _grouped(cluster: I32, rows: I32) -> tuple[I32, I32]:
    """By cluster, and within it by row."""
    codes = cluster.astype(np.int64)
    codes <<= ROW_BITS
    codes |= rows
    codes.sort()
    return narrow(codes >> ROW_BITS), narrow(codes & ((1 << ROW_BITS) - 1))


def _by_time(view: View, rows: I32, which: I64) -> I32:
    """Rows of each cluster by time: most come in that order, and only the clusters where some do not are sorted."""
    time = view.time[rows]
    late = np.flatnonzero((np.diff(time) < 0) & (which[1:] == which[:-1]))
    if not len(late):
        return rows
    late = np.flatnonzero(np.isin(which, which[late]))
    rows = rows.copy()
    rows[late] = rows[late][np.lexsort((time[late], which[late]))]
    return rows
