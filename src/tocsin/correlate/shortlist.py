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

ROUNDING = 0.01
"""Scores are rounded, and so is what is usual."""

REST = CAP_DEVOTED + CAP_CONTEXT
"""What a crowd shows besides new accounts."""

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


def bounds(ledger: Ledger, rows: I64, starts: I64, window_days: int) -> F64:
    """The most that each cluster can score; cluster i's rows are rows[starts[i]:starts[i + 1]].

    1. The accounts that count are those of the best `window_days`: at least as many as in the best of the
       spans of that length that begin at each half of it; 2. at most all flagged and all evading accounts of the
       cluster are among them, which bounds both terms, for they rise with such accounts and fall with others;
    3. identifiers count in full when any that speaks of conduct is shared at all;
    4. guards' words count in full where any weighs on an account, and never more than 2. and 3. together.
    """
    number = len(starts) - 1
    cluster = np.repeat(np.arange(number), np.diff(starts))
    actor = ledger.view.actor[rows].astype(np.int64)
    width = np.int64(len(ledger.view.created) + 1)
    pairs = distinct(cluster * width + actor)
    owner, whose = pairs // width, pairs % width
    least = _fewest(ledger, rows, cluster, actor, number, window_days)
    conduct = _sharing(ledger, owner, whose, number)
    crowd = np.minimum(
        _newest(ledger, rows, pairs, cluster * width + actor, owner, whose, least) + REST, CAP_CROWD
    )
    acts: F64 = (
        CAP_IDENTIFIERS * conduct
        + _most(
            ledger.flagged,
            ledger,
            owner,
            whose,
            least,
            PRIOR_FLAGGED,
            lambda raw: clip(raw, 0.0, CAP_FLAGGED),
        )
        + _most(
            ledger.evading,
            ledger,
            owner,
            whose,
            least,
            PRIOR_EVASION,
            lambda raw: clip(EVASION_WEIGHT * raw, 0.0, CAP_EVASION),
        )
    )
    most: F64 = (
        crowd + acts + np.minimum(acts, CAP_GUARDED * _guarded(ledger, owner, whose, number)) + ROUNDING
    )
    return most


def _guarded(ledger: Ledger, owner: I64, whose: I64, number: int) -> Bools:
    """Whether a guard's word weighs on any account of each cluster."""
    if not len(ledger.guarded):
        return np.zeros(number, np.bool_)
    some: Bools = np.bincount(owner, weights=ledger.guarded[whose], minlength=number) > 0
    return some


def _newest(ledger: Ledger, rows: I64, pairs: I64, code: I64, owner: I64, whose: I64, least: I64) -> F64:
    """The most that the term of new accounts can be worth: old accounts speak against a campaign."""
    view = ledger.view
    first = np.full(len(pairs), np.iinfo(np.int64).max)
    np.minimum.at(first, np.searchsorted(pairs, code), view.time[rows])
    dated = ledger.dated[whose]
    new = dated & (first - np.where(dated, view.created[whose], 0) < NEW_DAYS * DAY_US)
    number = len(least)
    some = np.bincount(owner[new], minlength=number)
    undated = np.bincount(owner[~dated], minlength=number)
    largest = int(np.bincount(owner).max(initial=0))
    total, of_all = int(np.count_nonzero(ledger.new)), int(np.count_nonzero(ledger.dated))
    usual = (
        shrunk(max(total - largest, 0), of_all, PRIOR_NEW, HISTORY),
        shrunk(total, max(of_all - largest, 0), PRIOR_NEW, HISTORY),
    )
    if max(usual) > 2 * CAMPAIGN_SHARE - 1:  # from there what is expected of a campaign depends on it too
        return np.full(number, CAP_NEW)
    codes, place = np.unique(
        np.stack((some, np.maximum(np.maximum(least - undated, 0), some))), axis=1, return_inverse=True
    )
    values = [
        max(
            clip(ratio(having, of, Shares(CAMPAIGN_SHARE, CROWD), Shares(one, CROWD)), LEAST_NEW, CAP_NEW)
            for one in usual
        )
        for having, of in codes.T.tolist()
    ]
    return np.array(values, np.float64)[place.reshape(-1)]


def _fewest(ledger: Ledger, rows: I64, cluster: I64, actor: I64, number: int, window_days: int) -> I64:
    """Accounts of each cluster that its best days have at least."""
    span = window_days * DAY_US
    time = ledger.view.time[rows]
    first = np.full(number, np.iinfo(np.int64).max)
    np.minimum.at(first, cluster, time)
    least = np.zeros(number, np.int64)
    width = np.int64(len(ledger.view.created) + 1)
    for shift in (0, span // 2):
        which = (time - first[cluster] + shift) // span
        codes = distinct((cluster * (which.max(initial=0) + 1) + which) * width + actor)
        spans, counts = np.unique(codes // width, return_counts=True)
        np.maximum.at(least, spans // (which.max(initial=0) + 1), counts)
    return least


def _sharing(ledger: Ledger, owner: I64, whose: I64, number: int) -> Bools:
    """Whether two accounts of a cluster have an identifier in common that speaks of conduct."""
    view = ledger.view
    kinds = np.array([kind in KINDS and KINDS[kind].conduct for kind in view.types], np.bool_)
    speaks = kinds[view.type_of_tag]
    mine, items = ledger.tags_of(whose)
    kept = speaks[items] if len(items) else np.zeros(0, np.bool_)
    mine, items = mine[kept], items[kept]
    width = np.int64(len(speaks) + 1)
    codes, counts = np.unique(owner[mine] * width + items, return_counts=True)
    found = np.zeros(number, np.bool_)
    found[codes[counts > 1] // width] = True
    return found


def _most(
    having: Bools,
    ledger: Ledger,
    owner: I64,
    whose: I64,
    least: I64,
    prior: float,
    term: Callable[[float], float],
) -> F64:
    """The most that the term of a trait can be worth in each cluster."""
    number = len(least)
    here = np.bincount(owner[having[whose]], minlength=number)
    total = int(np.count_nonzero(having))
    largest = int(np.bincount(owner).max(initial=0))
    codes, place = np.unique(np.stack((here, np.maximum(least, here))), axis=1, return_inverse=True)
    values = []
    for some, of in codes.T.tolist():
        usual = (
            shrunk(total - some, ledger.present, prior, HISTORY),
            shrunk(total, max(ledger.present - largest, 0), prior, HISTORY),
        )
        if max(usual) > CAMPAIGN_SOME.mean:  # a trait that most have: no bound is known
            values.append(term(np.inf))
            continue
        values.append(max(term(ratio(some, of, CAMPAIGN_SOME, Shares(one, CROWD_SHARED))) for one in usual))
    return np.array(values, np.float64)[place.reshape(-1)]
