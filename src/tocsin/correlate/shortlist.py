"""Which clusters can ring at all, by a bound that is never below the score: the others need no weighing.

Of fifty thousand repeated texts nearly all are templates and jokes. What a crowd shows as well is worth at most
CAP_CROWD, so a cluster can reach the threshold only by conduct: a shared means of payment or contact, earlier
flags, disguised writing. Those, and new accounts, are counted here for all clusters at once.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tocsin.correlate.evidence import (
    CAMPAIGN_SHARE,
    CAMPAIGN_SOME,
    CAP_CONTEXT,
    CAP_CROWD,
    CAP_DEVOTED,
    CAP_EVASION,
    CAP_FLAGGED,
    CAP_GUARDED,
    CAP_IDENTIFIERS,
    CAP_NEW,
    CROWD,
    CROWD_SHARED,
    EVASION_WEIGHT,
    HISTORY,
    KINDS,
    LEAST_NEW,
    PRIOR_EVASION,
    PRIOR_FLAGGED,
    PRIOR_NEW,
)
from tocsin.correlate.groups import DAY_US, NEW_DAYS, Bools, Ledger
from tocsin.correlate.likelihood import Shares, clip, ratio, shrunk
from tocsin.correlate.numbers import distinct
from tocsin.correlate.repeated import I32, Repeated, counted
from tocsin.correlate.window import View

ROUNDING = 0.01
"""Scores are rounded, and so is what is usual."""

PART_ROWS = 1 << 18
"""Events of some clusters that are counted at once: what stands beside the window while it is looked at."""

REST = CAP_DEVOTED + CAP_CONTEXT
"""What a crowd shows besides new accounts."""

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


def bounds(ledger: Ledger, repeated: Repeated, window_days: int) -> F64:
    """The most that each cluster can score.

    1. The accounts that count are those of the best `window_days`: at least as many as in the best of the
       spans of that length that begin at each half of it; 2. at most all flagged and all evading accounts of the
       cluster are among them, which bounds both terms, for they rise with such accounts and fall with others;
    3. identifiers count in full when any that speaks of conduct is shared at all;
    4. guards' words count in full where any weighs on an account, and never more than 2. and 3. together.
    """
    least = _fewest(ledger, repeated, window_days)
    conduct = _sharing(ledger, repeated)
    crowd = np.minimum(_newest(ledger, repeated, least) + REST, CAP_CROWD)
    acts: F64 = (
        CAP_IDENTIFIERS * conduct
        + _most(
            ledger.flagged, ledger, repeated, least, PRIOR_FLAGGED, lambda raw: clip(raw, 0.0, CAP_FLAGGED)
        )
        + _most(
            ledger.evading,
            ledger,
            repeated,
            least,
            PRIOR_EVASION,
            lambda raw: clip(EVASION_WEIGHT * raw, 0.0, CAP_EVASION),
        )
    )
    most: F64 = (
        crowd + acts + np.minimum(acts, CAP_GUARDED * _guarded(ledger, repeated, len(least))) + ROUNDING
    )
    return most


def _guarded(ledger: Ledger, repeated: Repeated, number: int) -> Bools:
    """Whether a guard's word weighs on any account of each cluster."""
    if not len(ledger.guarded):
        return np.zeros(number, np.bool_)
    some: Bools = np.bincount(repeated.owner, weights=ledger.guarded[repeated.whose], minlength=number) > 0
    return some


def _newest(ledger: Ledger, repeated: Repeated, least: I64) -> F64:
    """The most that the term of new accounts can be worth: old accounts speak against a campaign."""
    number, owner = len(least), repeated.owner
    some = _new(ledger, repeated)
    undated = np.bincount(owner[~ledger.dated[repeated.whose]], minlength=number)
    largest = int(np.bincount(owner).max(initial=0))
    total, of_all = int(np.count_nonzero(ledger.new)), int(np.count_nonzero(ledger.dated))
    usual = (
        shrunk(max(total - largest, 0), of_all, PRIOR_NEW, HISTORY),
        shrunk(total, max(of_all - largest, 0), PRIOR_NEW, HISTORY),
    )
    if max(usual) > 2 * CAMPAIGN_SHARE - 1:  # from there what is expected of a campaign depends on it too
        return np.full(number, CAP_NEW)
    return _each(
        some,
        np.maximum(np.maximum(least - undated, 0), some),
        lambda having, of: max(
            clip(ratio(having, of, Shares(CAMPAIGN_SHARE, CROWD), Shares(one, CROWD)), LEAST_NEW, CAP_NEW)
            for one in usual
        ),
    )


def _new(ledger: Ledger, repeated: Repeated) -> I64:
    """How many accounts of each cluster were new when they first used it: all of them are new to the window too."""
    view = ledger.view
    at = np.flatnonzero(ledger.new[view.actor[repeated.rows]])
    which = np.searchsorted(repeated.starts, at, "right") - 1
    rows = repeated.rows[at]
    actor = view.actor[rows].astype(np.int64)
    width = np.int64(len(view.created) + 1)
    pairs, place = np.unique(which * width + actor, return_inverse=True)
    first = np.full(len(pairs), np.iinfo(np.int64).max)
    np.minimum.at(first, place.reshape(-1), view.time[rows])
    new = first - view.created[pairs % width] < NEW_DAYS * DAY_US
    count: I64 = np.bincount((pairs // width)[new], minlength=len(repeated.clusters))
    return count


def _fewest(ledger: Ledger, repeated: Repeated, window_days: int) -> I64:
    """Accounts of each cluster that its best days have at least."""
    least = np.zeros(len(repeated.clusters), np.int64)
    for part in repeated.parts(PART_ROWS):
        first, last = repeated.starts[part.start], repeated.starts[part.stop]
        sizes = np.diff(repeated.starts[part.start : part.stop + 1])
        _count_spans(least[part], ledger.view, repeated.rows[first:last], sizes, window_days * DAY_US)
    return least


def _count_spans(least: I64, view: View, rows: I32, sizes: I64, span: int) -> None:
    """Raise `least` to the accounts in the best span of each cluster; they stand one after the other in `rows`."""
    time, cluster = view.time[rows], np.repeat(np.arange(len(sizes)), sizes)
    time -= time[np.cumsum(sizes) - sizes][cluster]
    bits = np.int64(len(view.created).bit_length())
    days = int(time.max()) // span + 2
    for shift in (0, span // 2):
        codes = (time + shift) // span
        codes += cluster * days
        codes <<= bits
        codes |= view.actor[rows]
        spans, counts = counted(distinct(codes) >> bits)
        np.maximum.at(least, spans // days, counts)


def _sharing(ledger: Ledger, repeated: Repeated) -> Bools:
    """Whether two accounts of a cluster have an identifier in common that speaks of conduct."""
    view = ledger.view
    kinds = np.array([kind in KINDS and KINDS[kind].conduct for kind in view.types], np.bool_)
    speaks = kinds[view.type_of_tag]
    found = np.zeros(len(repeated.clusters), np.bool_)
    if not speaks.any():
        return found
    width = np.int64(len(speaks) + 1)
    for part in repeated.parts(PART_ROWS):
        pairs = slice(*np.searchsorted(repeated.owner, (part.start, part.stop)))
        mine, items = ledger.tags_of(repeated.whose[pairs])
        kept = speaks[items]
        codes, counts = counted(repeated.owner[pairs][mine[kept]].astype(np.int64) * width + items[kept])
        found[codes[counts > 1] // width] = True
    return found


def _most(
    having: Bools,
    ledger: Ledger,
    repeated: Repeated,
    least: I64,
    prior: float,
    term: Callable[[float], float],
) -> F64:
    """The most that the term of a trait can be worth in each cluster."""
    owner = repeated.owner
    here = np.bincount(owner[having[repeated.whose]], minlength=len(least))
    total = int(np.count_nonzero(having))
    largest = int(np.bincount(owner).max(initial=0))

    def value(some: int, of: int) -> float:
        usual = (
            shrunk(total - some, ledger.present, prior, HISTORY),
            shrunk(total, max(ledger.present - largest, 0), prior, HISTORY),
        )
        if max(usual) > CAMPAIGN_SOME.mean:  # a trait that most have: no bound is known
            return term(np.inf)
        return max(term(ratio(some, of, CAMPAIGN_SOME, Shares(one, CROWD_SHARED))) for one in usual)

    return _each(here, np.maximum(least, here), value)


def _each(some: I64, of: I64, value: Callable[[int, int], float]) -> F64:
    """`value` of each pair of counts: many clusters have the same."""
    width = np.int64(of.max(initial=0) + 1)
    codes, place = np.unique(some * width + of, return_inverse=True)
    values = [value(code // int(width), code % int(width)) for code in codes.tolist()]
    by_pair: F64 = np.array(values, np.float64)[place.reshape(-1)]
    return by_pair
