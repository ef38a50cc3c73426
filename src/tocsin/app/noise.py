"""Discrete Laplace noise on whole numbers, by OpenDP: nothing of a mechanism is written here.

OpenDP draws from the operating system's entropy by exact integer arithmetic (Canonne, Kamath, Steinke 2020): no
floating-point number is ever a sample. The library is an extra, imported when the first count is drawn.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from tocsin.kernel import TocsinError, Unavailable
from tocsin.kernel.counts import scale_of

Noise = Callable[[Sequence[int], int, int], tuple[int, ...]]
"""(true values, bound, cost in thousandths of epsilon) → noisy values."""


def discrete_laplace(values: Sequence[int], bound: int, cost: int) -> tuple[int, ...]:
    """`values` with noise of scale bound / epsilon. Raises Unavailable without OpenDP.

    OpenDP itself computes what a change of `bound` in L1 costs; more than was paid is an error, and nothing is drawn.
    """
    dp = _opendp()
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    measurement = dp.m.make_laplace(*space, scale=scale_of(bound, cost))
    if measurement.map(bound) > cost / 1_000:
        raise TocsinError("the noise would cost more than was paid: report this as a fault of the node")
    return tuple(map(int, measurement(list(values))))


def laplace_of_scale(number: int, scale: int) -> tuple[int, ...]:
    """So many draws of noise of this scale, alone. Raises Unavailable without OpenDP."""
    return discrete_laplace([0] * number, scale, 1_000) if number else ()


def require_noise() -> None:
    """Raises Unavailable where OpenDP is not installed: before anything is paid."""
    _opendp()


def _opendp() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it speaks of optional packages that are not used here
            import opendp.prelude as dp
    except ImportError as error:
        raise Unavailable(
            "noisy counts need OpenDP, which is not installed: `pip install 'tocsin[statistics]'`"
        ) from error
    dp.enable_features("contrib")
    return dp
