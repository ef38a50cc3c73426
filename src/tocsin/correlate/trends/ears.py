"""EARS C1, C2 and C3: today against the mean and spread of a short baseline just before it.

Hutwagner, Thompson, Seeman, Treadwell, "The bioterrorism preparedness and response Early Aberration Reporting
System (EARS)", Journal of Urban Health 80 (2003), i89-i96. Pure; one value a day, days along the last axis.
"""

import numpy as np
import numpy.typing as npt

BASELINE_DAYS = 7
LAG_DAYS = 2
"""C2 and C3 leave two days between baseline and today, so that a slow start does not raise its own baseline."""

C3_DAYS = 3

F64 = npt.NDArray[np.float64]


def c1(counts: npt.ArrayLike, *, baseline: int = BASELINE_DAYS, least_sd: npt.ArrayLike = 0.0) -> F64:
    """C1-MILD: (count - mean) / sd of the `baseline` days just before; NaN where there are not so many.

    `least_sd` is the smallest spread that is believed: the paper's is 0, Burkom advises 0.5 to 1 for rare counts.
    """
    return _standardised(counts, baseline, 0, least_sd)


def c2(counts: npt.ArrayLike, *, baseline: int = BASELINE_DAYS, least_sd: npt.ArrayLike = 0.0) -> F64:
    """C2-MEDIUM: as C1, with LAG_DAYS between the baseline and today."""
    return _standardised(counts, baseline, LAG_DAYS, least_sd)


def c3(counts: npt.ArrayLike, *, baseline: int = BASELINE_DAYS, least_sd: npt.ArrayLike = 0.0) -> F64:
    """C3-HIGH: the sum over today and the two days before of max(0, C2 - 1); NaN where one of them is."""
    over = np.maximum(0.0, c2(counts, baseline=baseline, least_sd=least_sd) - 1.0)
    total = np.full_like(over, np.nan)
    days = over.shape[-1]
    if days >= C3_DAYS:
        total[..., C3_DAYS - 1 :] = sum(
            over[..., C3_DAYS - 1 - back : days - back] for back in range(C3_DAYS)
        )
    return total


def expected(counts: npt.ArrayLike, *, baseline: int = BASELINE_DAYS, lag: int = LAG_DAYS) -> tuple[F64, F64]:
    """Mean and standard deviation (n - 1) of the baseline of each day; NaN where it is not whole."""
    values = np.asarray(counts, np.float64)
    mean = np.full(values.shape, np.nan)
    sd = np.full(values.shape, np.nan)
    first = baseline + lag
    if values.shape[-1] > first:
        windows = np.lib.stride_tricks.sliding_window_view(values, baseline, axis=-1)
        past = windows[..., : values.shape[-1] - first, :]
        mean[..., first:] = past.mean(axis=-1)
        sd[..., first:] = past.std(axis=-1, ddof=1)
    return mean, sd


def _standardised(counts: npt.ArrayLike, baseline: int, lag: int, least_sd: npt.ArrayLike) -> F64:
    values = np.asarray(counts, np.float64)
    mean, sd = expected(values, baseline=baseline, lag=lag)
    sd = np.maximum(sd, least_sd)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = (values - mean) / sd
    # a flat baseline: any more is infinitely more, and the same is none
    scores[(sd == 0) & (values == mean)] = 0.0
    return scores
