"""One look at the window: its view, its clusters of texts, and the ledger of accounts. Made once, read by all."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.correlate.confirmed import confirmed_rows
from tocsin.correlate.groups import Ledger
from tocsin.correlate.window import View, Window

I64 = npt.NDArray[np.int64]


class Survey(NamedTuple):
    """A cluster is named by the number of its most typical text, which `cluster_of_text` gives for each text."""

    view: View
    ledger: Ledger
    cluster_of_text: I64

    def repeated(self, least_actors: int) -> Iterator[tuple[int, I64]]:
        """(cluster, rows of the view by time and id) of the clusters with at least so many accounts."""
        view = self.view
        rows = np.flatnonzero(view.text >= 0)
        if not len(rows):
            return
        cluster = self.cluster_of_text[view.text[rows]]
        order = np.argsort(cluster, kind="stable")
        rows, cluster = rows[order], cluster[order]
        starts = np.flatnonzero(np.concatenate(([True], cluster[1:] != cluster[:-1])))
        ends = np.append(starts[1:], len(rows))
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            members = rows[start:end]
            if end - start >= least_actors and len(np.unique(view.actor[members])) >= least_actors:
                yield int(cluster[start]), by_time(view, members)


def survey(window: Window, *, since: int, until: int, confirmed: Sequence[bytes] = ()) -> Survey:
    """What the window holds of events with since <= time < until; `confirmed` as for `find_campaigns`."""
    cluster_of_text = window.clusters()
    view = window.view(since=since, until=until)
    ledger = Ledger(view, cluster_of_text, confirmed_rows(view, confirmed))
    return Survey(view, ledger, cluster_of_text)


def by_time(view: View, rows: I64) -> I64:
    """Rows ordered by time, and by event id where times are equal: never by arrival."""
    ordered = rows[np.argsort(view.time[rows], kind="stable")]
    times = view.time[ordered]
    if len(times) > 1 and (times[1:] == times[:-1]).any():
        return np.array(
            sorted(ordered.tolist(), key=lambda row: (int(view.time[row]), view.ids[row])), np.int64
        )
    return ordered
