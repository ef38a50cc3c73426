"""One look at the window: its view, its clusters of texts, and the ledger of accounts. Made once, read by all."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.correlate.confirmed import confirmed_rows
from tocsin.correlate.groups import F64, NO_WORDS, Ledger, carried_in
from tocsin.correlate.guard_words import guarded_rows
from tocsin.correlate.joined import Joined
from tocsin.correlate.kin import join
from tocsin.correlate.repeated import Repeated
from tocsin.correlate.window import View, Window

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]

NO_ROWS = np.empty(0, np.int64)
NOTHING_SAID: Mapping[str, float] = {}
MAX_NAMED = 4_096
"""Events of one moment up to which their ids order them; of more the order in which they were kept must do."""


class Survey(NamedTuple):
    """A cluster is named by the number of its most typical text, which `cluster_of_text` gives for each text."""

    view: View
    ledger: Ledger
    cluster_of_text: Joined
    repeated: Repeated


def survey(
    window: Window,
    *,
    since: int,
    until: int,
    confirmed: Sequence[bytes] = (),
    guarded: Mapping[str, float] = NOTHING_SAID,
) -> Survey:
    """What the window holds of events with since <= time < until; `confirmed`, `guarded` as for `find_campaigns`."""
    cluster_of_text = window.clusters()
    view = window.view(since=since, until=until)
    return surveyed(
        view,
        cluster_of_text,
        window.tally(view),
        confirmed_rows(view, confirmed),
        guarded_rows(view, guarded),
    )


def surveyed(
    view: View,
    cluster_of_text: I32,
    tally: tuple[I32, I64],
    confirmed: I64 = NO_ROWS,
    guarded: tuple[I64, F64] = NO_WORDS,
) -> Survey:
    """The same of a view, its clusters of near-duplicates and its tally (`groups.Ledger`)."""
    carried = carried_in(view)
    clusters = join(view, cluster_of_text, carried)
    repeated = Repeated.of(view, clusters)
    return Survey(
        view, Ledger(view, clusters, carried, confirmed, repeated, tally, guarded), clusters, repeated
    )


def by_time(view: View, rows: I64) -> I64:
    """Rows ordered by time, and by event id where times are equal: never by arrival."""
    ordered = rows[np.argsort(view.time[rows], kind="stable")]
    times = view.time[ordered]
    same = np.zeros(len(ordered) + 1, np.bool_)
    same[1:-1] = times[1:] == times[:-1]
    tied = np.flatnonzero(same[1:] | same[:-1])
    if not 0 < len(tied) <= MAX_NAMED:
        return ordered
    names = np.full(len(ordered), "", dtype=object)
    names[tied] = view.ids(ordered[tied])
    return ordered[np.lexsort((_ranks(names), times))]


def _ranks(names: "npt.NDArray[np.object_]") -> npt.NDArray[np.intp]:
    return np.unique(names.astype(np.str_), return_inverse=True)[1].reshape(-1)
