"""What a guard model's word weighs: as much as people here found it right, in that language, and nothing before that.

Enters: how far a guard and people agree, and its verdicts on events. Leaves: events with weights from 0 to 1, as rows
of a view. Refuses: to weigh a guard that few people checked, or that agrees with them no better than chance; and an
unknown verdict, which is no verdict.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from tocsin.correlate.agreement import Agreement, Pairs
from tocsin.correlate.window import View

LEAST_DECISIONS = 30
"""Texts of a language that a person and the guard both judged, before its word weighs anything. At thirty, half
of them misuse, the alpha of a guard that errs one time in ten lies above .54; of one that errs two in ten, asked of ten
texts, it may be anything from .04 up.
"""

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


def weight_of(agreed: Agreement) -> float:
    """0 to 1: the lower end of the interval of alpha, and 0 where that is unknown, below chance, or rests on few."""
    if agreed.pairs.number < LEAST_DECISIONS or agreed.low is None:
        return 0.0
    return min(max(agreed.low, 0.0), 1.0)


def wrong_of(pairs: Pairs) -> float:
    """How often the guard flags what people find harmless, by Laplace's rule: who was never seen to err may err yet."""
    return (pairs.guard_only + 1) / (pairs.guard_only + pairs.neither + 2)


def guarded_rows(view: View, words: Mapping[str, float]) -> tuple[I64, F64]:
    """Rows of the view that a guard flagged, ascending, and what its word weighs there."""
    weighed = {event: weight for event, weight in words.items() if weight > 0}
    if not weighed:
        return np.empty(0, np.int64), np.empty(0, np.float64)
    rows = sorted((row, weighed[event]) for event, row in view.rows_of(weighed.keys()).items())
    return np.array([row for row, _ in rows], np.int64), np.array([weight for _, weight in rows], np.float64)
