"""The shared-direction ablation signature: weights that no longer write along one direction, the same in every layer.

Ablating a direction r from what writes to the residual stream leaves W' = W - a r r^T W (arXiv 2406.11717): the delta's
leading left direction is r in every layer, and the delta along it is minus the base along it. Both are asked: a merged
adapter may share a direction, and only a projection takes away exactly what the base had there.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from tocsin.assure.lineage.comparison import Confidence, Signature, Spread
from tocsin.assure.lineage.encodings import Floats
from tocsin.assure.lineage.measuring import Directions

PROJECTED = 0.8
"""Cosine between what a delta does along a direction and minus the base there."""

REMOVED = 0.15
"""Share of the base's amplitude along a direction that must be gone beyond what is gone elsewhere: weight decay and
pruning take everywhere alike."""

ENERGY = 0.02
"""Share of the delta's energy along the direction: less is an accident of the sample."""

HELD = 0.5
"""Squared cosine between a tensor's directions and a shared one from which the tensor carries it."""

MIN_TENSORS, MIN_LAYERS = 3, 2
"""A direction in fewer is an edit of one place, and no signature across layers."""

MAX_DIRECTIONS = 8

_LAYER = re.compile(r"\.(\d+)\.")


class Candidate(NamedTuple):
    """One side of one tensor whose length is the stream's."""

    name: str
    directions: Directions


class _Carrier(NamedTuple):
    name: str
    layer: int
    kept: Floats
    energy: Floats
    projected: Floats
    removed: Floats
    left: Floats


def layer_of(name: str) -> int:
    """The first number between dots in a name; -1 where there is none (embeddings)."""
    found = _LAYER.search(name)
    return int(found[1]) if found else -1


def signature_of(candidates: Sequence[Candidate]) -> Signature | None:
    """The signature that the candidates carry, if any.

    1. Of each, the directions along which the delta is minus a projection of the base.
    2. The directions that most of these carry: eigenvectors of the sum of their projectors.
    3. Enough tensors over enough layers: shared; projections without a shared direction: one per layer.
    """
    carriers = [carrier for carrier in map(_carrier, candidates) if carrier is not None]
    if len(carriers) < MIN_TENSORS or len({carrier.layer for carrier in carriers}) < MIN_LAYERS:
        return None
    shared = _shared(carriers)
    holding = [carrier for carrier in carriers if len(shared) and _held(carrier, shared) >= HELD]
    if len(holding) >= MIN_TENSORS and len({carrier.layer for carrier in holding}) >= MIN_LAYERS:
        return _signature(Spread.SHARED, holding, len(candidates), len(shared))
    return _signature(Spread.PER_LAYER, carriers, len(candidates), 0)


def _carrier(candidate: Candidate) -> _Carrier | None:
    found = candidate.directions
    taken = (
        found.above
        & (found.projected >= PROJECTED)
        & (found.removed - max(found.elsewhere, 0.0) >= REMOVED)
        & (found.energy >= ENERGY)
    )
    if not taken.any():
        return None
    return _Carrier(
        candidate.name,
        layer_of(candidate.name),
        found.kept[taken],
        found.energy[taken],
        found.projected[taken],
        found.removed[taken],
        found.left[taken],
    )


def _shared(carriers: Sequence[_Carrier]) -> Floats:
    """Directions held by at least half of the carriers, as rows."""
    stacked = np.concatenate([carrier.kept for carrier in carriers])
    _, values, rows = np.linalg.svd(stacked, full_matrices=False)
    held = np.square(values) / len(carriers) >= HELD
    found: Floats = rows[:MAX_DIRECTIONS][held[:MAX_DIRECTIONS]]
    return found


def _held(carrier: _Carrier, shared: Floats) -> float:
    """The largest squared cosine between a shared direction and the carrier's span."""
    return float(np.max(np.sum(np.square(shared @ carrier.kept.T), axis=1)))


def _signature(spread: Spread, carriers: Sequence[_Carrier], candidates: int, directions: int) -> Signature:
    cosine = _mean_cosine(np.stack([carrier.kept[0] for carrier in carriers]))
    energy = _mean(float(np.sum(carrier.energy)) for carrier in carriers)
    projected = _mean(_weighted(carrier.projected, carrier.energy) for carrier in carriers)
    clear = projected >= 0.9 and (spread is Spread.PER_LAYER or directions > 1 or cosine >= 0.8)
    share = len(carriers) / candidates
    return Signature(
        spread=spread,
        confidence=Confidence.HIGH
        if clear and share >= 0.25
        else Confidence.MEDIUM
        if clear
        else Confidence.LOW,
        tensors=len(carriers),
        candidates=candidates,
        layers=len({carrier.layer for carrier in carriers} - {-1}),
        directions=directions,
        cosine=cosine,
        energy=min(1.0, energy),
        projected=projected,
        removed=_mean(_weighted(carrier.removed, carrier.energy) for carrier in carriers),
        left=_mean(_weighted(carrier.left, carrier.energy) for carrier in carriers),
        names=tuple(carrier.name for carrier in carriers),
    )


def _mean_cosine(leading: Floats) -> float:
    """The mean absolute cosine between different rows."""
    cosines = np.abs(leading @ leading.T)
    number = len(leading)
    return float((np.sum(cosines) - np.trace(cosines)) / (number * (number - 1)))


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _weighted(values: Floats, weights: Floats) -> float:
    return float(np.average(values, weights=weights))
