"""How the five dimensions of a risk vector make one score: by what comes together, never by a sum.

The score is 0 to 10. With N, L, M, H as 0, 1/3, 2/3, 1:

1. ALONE of it is the highest dimension; the rest is the mean, over the ten pairs, of the smaller of the two: a
pair counts as far as both are there. Pairs in which one opens the way for the other count double (`DOUBLE`).
2. How far the claim has come scales it (`EVIDENCE`): what nobody observed weighs less, and is never nothing.
3. Each high-risk context in which it happens multiplies by `CONTEXT`, up to `CONTEXT_MOST`.
4. A category marked `floor` has `FLOOR` at least, whatever came out: an outcome of that size is not averaged away.

Tests hold that it never falls when a dimension, a context or the evidence rises, and that the floor holds.
"""

from itertools import combinations

import msgspec

from tocsin.kernel.indicators import EvidenceStatus
from tocsin.kernel.warnings import Level, Reason, RiskVector

MOST = 10.0
ALONE = 0.4
DOUBLE = frozenset(
    {
        frozenset(("uplift", "scale")),
        frozenset(("uplift", "coupling")),
        frozenset(("scale", "gaps")),
        frozenset(("attribution", "gaps")),
        frozenset(("coupling", "gaps")),
    }
)
"""Skill that many have at once, or near something sensitive; what nobody watches, or can trace, while it grows."""

EVIDENCE = {EvidenceStatus.THEORETICAL: 0.7, EvidenceStatus.TESTED: 0.85, EvidenceStatus.OBSERVED: 1.0}
CONTEXT = 1.15
CONTEXT_MOST = 1.3
"""Two contexts, nearly: a third says little that the first two did not."""

FLOOR = 7.0
BANDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))
"""As CVSS 4.0 names them (section 6): what people are used to read."""

_VALUE = {Level.NONE: 0.0, Level.LOW: 1 / 3, Level.MEDIUM: 2 / 3, Level.HIGH: 1.0}
_PAIRS = tuple(
    (first, second, 2 if frozenset((first, second)) in DOUBLE else 1)
    for first, second in combinations(RiskVector.__struct_fields__, 2)
)
_WEIGHTS = sum(weight for _, _, weight in _PAIRS)


class Combined(msgspec.Struct, frozen=True):
    """The score, its band, and how it came about in sentences."""

    score: float
    band: str
    reasons: tuple[Reason, ...]


def combine(
    vector: RiskVector, *, floor: bool, contexts: tuple[str, ...] = (), evidence: EvidenceStatus
) -> Combined:
    """One score of a vector. `contexts` are ids of the taxonomy's high-risk contexts."""
    value = {name: _VALUE[getattr(vector, name)] for name in RiskVector.__struct_fields__}
    overlaps = sum(weight * min(value[first], value[second]) for first, second, weight in _PAIRS) / _WEIGHTS
    base = MOST * (ALONE * max(value.values()) + (1 - ALONE) * overlaps)  # 1
    pairs = sum(min(value[first], value[second]) > 0 for first, second, _ in _PAIRS)
    reasons = [Reason("risk.overlaps", {"pairs": pairs, "score": round(base, 1)})]
    score = base * EVIDENCE[evidence]  # 2
    reasons.append(Reason("risk.evidence", {"status": evidence.value, "factor": EVIDENCE[evidence]}))
    if contexts:  # 3
        factor = min(CONTEXT ** len(set(contexts)), CONTEXT_MOST)
        score = min(score * factor, MOST)
        reasons.append(Reason("risk.contexts", {"contexts": len(set(contexts)), "factor": round(factor, 2)}))
    if floor and score < FLOOR:  # 4
        score = FLOOR
        reasons.append(Reason("risk.floor", {"floor": FLOOR}))
    score = round(score, 1)
    return Combined(score, next((name for least, name in BANDS if score >= least), "none"), tuple(reasons))


def highest(vectors: tuple[RiskVector, ...]) -> RiskVector:
    """The highest level of each dimension: of warnings that are one thing together."""
    return RiskVector(
        *(
            max((getattr(vector, name) for vector in vectors), key=_VALUE.__getitem__)
            for name in RiskVector.__struct_fields__
        )
    )
