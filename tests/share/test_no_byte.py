"""Must show: random records, policies and peers, and no byte outside the decision ever leaves."""

import pytest

from tests.share.cases import BENDS, ROWS, SPOKEN, own_policies
from tests.share.judging import judge

CASES = 10_000
BATCHES = 10
OWN = own_policies(12)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_byte_outside_the_decision_ever_leaves(batch: int) -> None:
    """Ten thousand cases; a failure names its seed."""
    for seed in range(batch, CASES, BATCHES):
        assert judge(seed, OWN[seed % len(OWN)]) is None, f"seed {seed}"


@pytest.mark.parametrize("bend", [*BENDS, *ROWS, *SPOKEN])
def test_every_way_of_bending_a_record_alone(bend: str) -> None:
    for seed in range(40):
        assert judge(seed, OWN[0], bend) is None, f"seed {seed}"
