"""How far judges agree, beyond what chance gives: Krippendorff's alpha, and how sure it is."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

Judgement = str | int | float | None
"""What one judge said of one item; None where that judge said nothing."""

RESAMPLES = 1_000
"""Draws for the interval: its ends then move in the third digit."""

MIN_ITEMS = 10
"""Below this many items that two judges saw, resampling them says nothing."""


class Scale(StrEnum):
    """What the values are: names, or ranks in their order (numbers, sorted)."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"


class Agreement(msgspec.Struct, frozen=True):
    """1 is full agreement, 0 what chance gives. None when nothing can be said: no pair, or one value throughout.

    `items` are those that two judges at least judged; `low` and `high` come of resampling items (None for too few).
    """

    alpha: float | None
    items: int
    low: float | None = None
    high: float | None = None


def agreement(
    items: Iterable[Sequence[Judgement]], scale: Scale = Scale.NOMINAL, rng: np.random.Generator | None = None
) -> Agreement:
    """Krippendorff's alpha over items, each the judges' values in any order (Krippendorff 2011, Computing
    Krippendorff's Alpha-Reliability). With `rng` also an interval. Raises ValueError for ranks that are no numbers.
    """
    judged = [[value for value in item if value is not None] for item in items]
    judged = [item for item in judged if len(item) > 1]
    if not judged:
        return Agreement(None, 0)
    known = {value for item in judged for value in item}
    if scale is Scale.ORDINAL and any(isinstance(value, str) for value in known):
        raise ValueError("ordinal values are numbers: give each name its rank")
    place = {value: index for index, value in enumerate(sorted(known, key=lambda one: (str(type(one)), one)))}
    if scale is Scale.ORDINAL:
        place = {value: index for index, value in enumerate(sorted(known, key=float))}
    tables = np.zeros((len(judged), len(place), len(place)))
    for table, item in zip(tables, judged, strict=True):
        counted = np.bincount([place[value] for value in item], minlength=len(place)).astype(float)
        table += (np.outer(counted, counted) - np.diag(counted)) / (len(item) - 1)
    alpha = _alpha(tables.sum(axis=0), scale)
    if rng is None or alpha is None or len(judged) < MIN_ITEMS:
        return Agreement(alpha, len(judged))
    drawn = rng.multinomial(len(judged), np.full(len(judged), 1 / len(judged)), size=RESAMPLES)
    found = [_alpha(np.tensordot(weights, tables, axes=1), scale) for weights in drawn]
    # a draw with one value throughout has no disagreement in it, and no chance of any
    low, high = np.quantile([1.0 if one is None else one for one in found], [0.025, 0.975])
    return Agreement(alpha, len(judged), float(low), float(high))


def agreement_by_language(
    items: Iterable[tuple[str, Sequence[Judgement]]],
    scale: Scale = Scale.NOMINAL,
    rng: np.random.Generator | None = None,
) -> Mapping[str, Agreement]:
    """Each language apart, for a judge that is good in one may be blind in another."""
    sorted_out: dict[str, list[Sequence[Judgement]]] = {}
    for language, item in items:
        sorted_out.setdefault(language, []).append(item)
    return {language: agreement(listed, scale, rng) for language, listed in sorted(sorted_out.items())}


def _alpha(coincidences: NDArray[np.float64], scale: Scale) -> float | None:
    totals = coincidences.sum(axis=0)
    distance = 1 - np.eye(len(totals))
    if scale is Scale.ORDINAL:
        # between two ranks lie all values of the ranks between, and half of their own
        middle = np.cumsum(totals) - totals / 2
        distance = (middle[:, None] - middle[None, :]) ** 2
    expected = float((np.outer(totals, totals) * distance).sum())
    if expected == 0:
        return None
    return 1 - float((coincidences * distance).sum()) * (float(totals.sum()) - 1) / expected
