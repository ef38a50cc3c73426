"""The score of a risk vector: what comes together, never a sum; it never falls when anything rises, and the floor
holds."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import EvidenceStatus, Level, RiskVector
from tocsin.kernel.risk import BANDS, FLOOR, MOST, combine, highest
from tocsin.taxonomy.messages import sentences

LEVELS = tuple(Level)
VECTORS = st.builds(RiskVector, *[st.sampled_from(LEVELS)] * 5)
STATUSES = tuple(EvidenceStatus)
CONTEXTS = st.lists(st.sampled_from(["context.health", "context.government", "a", "b"]), unique=True)
DIMENSIONS = RiskVector.__struct_fields__
H, M, N = Level.HIGH, Level.MEDIUM, Level.NONE


def score(vector: RiskVector, *, floor: bool = False, contexts: tuple[str, ...] = ()) -> float:
    return combine(vector, floor=floor, contexts=contexts, evidence=EvidenceStatus.OBSERVED).score


@given(VECTORS, st.booleans(), CONTEXTS, st.sampled_from(STATUSES), st.sampled_from(DIMENSIONS))
def test_nothing_that_rises_lowers_it(
    vector: RiskVector, floor: bool, contexts: list[str], status: EvidenceStatus, dimension: str
) -> None:
    def of(
        *, v: RiskVector = vector, c: tuple[str, ...] = tuple(contexts), s: EvidenceStatus = status
    ) -> float:
        return combine(v, floor=floor, contexts=c, evidence=s).score

    raised = {name: getattr(vector, name) for name in DIMENSIONS}
    raised[dimension] = LEVELS[min(LEVELS.index(raised[dimension]) + 1, 3)]
    assert of(v=RiskVector(**raised)) >= of()
    assert of(c=(*contexts, "one more")) >= of()
    assert of(s=STATUSES[min(STATUSES.index(status) + 1, 2)]) >= of()
    assert 0 <= of() <= MOST


@given(VECTORS, CONTEXTS, st.sampled_from(STATUSES))
def test_the_floor_holds_whatever_comes_out(
    vector: RiskVector, contexts: list[str], status: EvidenceStatus
) -> None:
    held = combine(vector, floor=True, contexts=tuple(contexts), evidence=status)
    free = combine(vector, floor=False, contexts=tuple(contexts), evidence=status)
    assert held.score == max(free.score, FLOOR)
    assert {reason.code for reason in held.reasons} <= set(sentences())
    assert ("risk.floor" in {reason.code for reason in held.reasons}) == (free.score < FLOOR)


def test_what_comes_together_weighs_more_than_its_sum() -> None:
    grown = [score(RiskVector(*[H] * high, *[N] * (5 - high))) for high in range(6)]
    assert grown[0] == 0
    assert grown[5] == MOST
    steps = [after - before for before, after in pairwise(grown[1:])]
    assert all(later > 0 for later in steps)
    assert max(steps) > min(steps), "no step is worth the same: it is no sum"
    assert score(RiskVector(coupling=H, gaps=H)) > score(RiskVector(coupling=H, attribution=H))
    assert score(RiskVector(scale=H)) == 4.0


def test_contexts_multiply_within_a_bound() -> None:
    vector = RiskVector(scale=H, gaps=M)
    alone = score(vector)
    assert score(vector, contexts=("context.health",)) == pytest.approx(alone * 1.15, abs=0.06)
    many = tuple(str(number) for number in range(9))
    assert score(vector, contexts=many) == pytest.approx(alone * 1.3, abs=0.06)
    assert score(RiskVector(*[H] * 5), contexts=many) == MOST


def test_a_band_begins_where_it_says() -> None:
    for least, name in BANDS:
        assert least <= MOST
        assert name in {"critical", "high", "medium", "low"}
    assert combine(RiskVector(), floor=False, evidence=EvidenceStatus.OBSERVED).band == "none"
    assert combine(RiskVector(), floor=True, evidence=EvidenceStatus.THEORETICAL).band == "high"


@given(VECTORS, VECTORS)
def test_of_two_that_are_one_the_higher_levels_count(first: RiskVector, second: RiskVector) -> None:
    both = highest((first, second))
    assert both == highest((second, first))
    assert score(both) >= max(score(first), score(second))
