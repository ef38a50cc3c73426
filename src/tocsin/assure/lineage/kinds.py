"""What a tensor's delta looks like, by thresholds chosen on other models than those reported (docs/compare.md)."""

from tocsin.assure.lineage.comparison import Change, Confidence
from tocsin.assure.lineage.measuring import Measured

RELATED = 0.15
"""Cosine from which two tensors are kin. Between tensors of other seeds it is 0.02 at 4,096 sampled entries, less at
more; a tuning that turns weights so far is a training anew."""

ZEROED = 0.05
"""Share of entries that became zero from which a tensor is pruned."""

EXPLAINED = 0.05
"""Share of a delta's energy that other models may leave unexplained in a merge."""

OVER_GRID = 1.15
"""Times the energy of rounding from which a delta on a grid is more than rounding."""

BEYOND_ROUNDING = 0.002
"""Share of values farther than half a step from the base's from which something moved them before they were rounded.
Rounding alone gives one in ten thousand where the base's last bits were cut off, else none."""

OVER_ROUNDING = 4.0
"""Times the rounding of the stored type that may lie beside a low-rank delta."""

LOW_RANK = 0.25
"""Directions above noise, as a share of what the sample could show, up to which a delta is of low rank."""

LOW_RANK_HELD = 0.98
"""Share of the delta's energy that those directions hold, rounding apart."""

MIDDLE_RANK = 0.45
"""As LOW_RANK, where next to nothing lies beside them: the noise's level is its median, so half of a sample's
directions must be noise."""

MIDDLE_RANK_HELD = 0.998
"""Share of energy that those directions hold. The most that a tensor tuned densely had in as many was 0.991."""

CLEAR, FAIR = 2.0, 1.25
"""How many times its threshold a deciding number is for a confidence that is high, or medium."""


def change_of(measured: Measured, sides: int) -> tuple[Change, Confidence]:
    """The change, and how clear it is. `sides`: how many directions the sample could show.

    1. No byte differs, or between two types the drawn values do not: same. Rows that differ and were not drawn: tuned,
       and more is not known.
    2. No correlation: unrelated.
    3. A combination of the other models given: merged.
    4. On a grid: quantised; tuned before, by the delta's energy, or by values that lie beyond rounding. (Small
       values become zero on a coarse one.)
    5. Zeros that were none: pruned.
    6. Few directions beside rounding: low rank. All else: fine-tuned.
    """
    if measured.identical or not measured.delta_energy or measured.cast:
        return (
            (Change.FINE_TUNED, Confidence.LOW) if measured.changed_rows else (Change.SAME, Confidence.HIGH)
        )
    if abs(measured.cosine) < RELATED:
        return Change.UNRELATED, _under(abs(measured.cosine), RELATED)
    if measured.unexplained < EXPLAINED:
        return Change.MERGED, _under(measured.unexplained, EXPLAINED)
    if measured.grid.bits and not measured.base_on_grid:
        over = measured.delta_energy / (measured.grid.energy + measured.rounding or 1e-30)
        moved = max(over / OVER_GRID, measured.beyond / BEYOND_ROUNDING)
        if moved < 1:
            return Change.QUANTISED, _under(moved, 1.0)
        return Change.TUNED_QUANTISED, _over(moved, 1.0)
    if measured.zeroed >= ZEROED:
        return Change.PRUNED, _over(measured.zeroed, ZEROED)
    return _by_rank(measured, sides)


def _by_rank(measured: Measured, sides: int) -> tuple[Change, Confidence]:
    beside = (1 - measured.rank_share) * measured.delta_energy
    allowed = (1 - LOW_RANK_HELD) * measured.delta_energy + OVER_ROUNDING * measured.rounding
    if sides <= 1:
        return Change.FINE_TUNED, Confidence.MEDIUM  # a vector has no rank
    ranks = max(measured.rank, 1) / (LOW_RANK * sides)
    if measured.rank and ranks <= 1 and beside <= allowed:
        return Change.ADAPTER_MERGED, _under(max(ranks, beside / allowed), 1.0)
    if measured.rank <= MIDDLE_RANK * sides and beside <= (1 - MIDDLE_RANK_HELD) * measured.delta_energy:
        return Change.ADAPTER_MERGED, Confidence.MEDIUM
    return Change.FINE_TUNED, _over(max(ranks, beside / allowed), 1.0)


def _over(value: float, threshold: float) -> Confidence:
    if value >= CLEAR * threshold:
        return Confidence.HIGH
    return Confidence.MEDIUM if value >= FAIR * threshold else Confidence.LOW


def _under(value: float, threshold: float) -> Confidence:
    return _over(threshold, max(value, 1e-30))
