"""How many directions a delta has above its noise.

The noise's singular values follow Marchenko and Pastur (1967): their median tells its level, their edge where
directions begin (Gavish and Donoho 2014, arXiv 1305.5870, with the edge instead of their risk's optimum).
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tocsin.assure.lineage.encodings import Floats

ABOVE_EDGE = 1.1
"""Times the edge: noise of a few hundred samples passes its edge by some per cent (Tracy and Widom)."""

KEPT = 4
"""Leading directions that are kept of a tensor: ablations of more directions show their first four."""


class Spectrum(NamedTuple):
    """`values` descending; `left` holds the KEPT leading left directions, as rows; `rank` counts those above noise."""

    values: Floats
    left: Floats
    rank: int
    rank_share: float


def spectrum(delta: Floats) -> Spectrum:
    """Singular values and leading left directions, by the Gram matrix of the shorter side. `delta` is not all zero."""
    rows, columns = delta.shape
    tall = rows >= columns
    scale = float(np.sqrt(np.mean(np.square(delta)))) or 1.0
    scaled = delta / np.float32(scale)
    gram = (scaled.T @ scaled if tall else scaled @ scaled.T).astype(np.float64)
    squares, vectors = np.linalg.eigh(gram)
    squares, vectors = np.maximum(squares[::-1], 0), vectors[:, ::-1]
    # the Gram matrix of float32 sums tells nothing below this: what lies there is rounding of ours
    floor = squares[0] * 1e-6
    values = np.sqrt(np.maximum(squares, floor))
    edge = _edge_over_median(min(rows, columns) / max(rows, columns)) * float(np.median(values)) * ABOVE_EDGE
    rank = int(np.count_nonzero(values > edge))
    kept = vectors[:, :KEPT].astype(np.float32)
    left = scaled @ kept if tall else kept
    norms = np.linalg.norm(left, axis=0)
    left = left / np.where(norms > 0, norms, 1)
    total = float(np.sum(squares)) or 1.0
    return Spectrum(
        (values * scale).astype(np.float32),
        np.ascontiguousarray(left.T, np.float32),
        rank,
        float(np.sum(squares[:rank])) / total,
    )


@lru_cache(maxsize=256)
def _edge_over_median(ratio: float) -> float:
    """The largest singular value of pure noise over its median one, for a matrix with sides of this ratio."""
    low, high = (1 - np.sqrt(ratio)) ** 2, (1 + np.sqrt(ratio)) ** 2
    at = np.linspace(low, high, 2001)[1:]
    density = np.sqrt(np.maximum((high - at) * (at - low), 0)) / at
    below = np.cumsum(density)
    median = at[int(np.searchsorted(below, below[-1] / 2))]
    return float(np.sqrt(high / median))
