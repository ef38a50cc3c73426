"""The thin campaign: what it is made of, and that a sum hears it where no node does."""

import random
from datetime import UTC, datetime

import pytest

from benchmarks.thin_campaign import act
from tocsin.correlate.settings import MIN_ACTORS
from tocsin.sandbox.thin import CROWD, THIN, thin, thin_seed

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_seed_is_a_world_of_few_accounts_at_its_holders_and_a_crowd_everywhere() -> None:
    made, again = (thin(random.Random(thin_seed(5)), NOW) for _ in range(2))
    assert made == again
    assert made != thin(random.Random(thin_seed(6)), NOW)
    for name, lines in made.nodes.items():
        by = {
            label: {line.actor for line in lines if made.labels[line.id] == label} for label in (THIN, CROWD)
        }
        assert 0 < len(by[THIN]) < MIN_ACTORS if name in made.holders else not by[THIN]
        assert len(by[CROWD]) >= MIN_ACTORS
        assert all(line.time <= NOW for line in lines)
    for lines in made.nodes.values():
        for line in lines:
            if made.labels[line.id] == THIN:
                assert line.actor in made.raw_values


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_no_node_hears_it_alone_and_all_that_hold_it_do_together(seed: int) -> None:
    found = act(seed, scale=0.1)
    assert found.alone == ()
    assert found.after == tuple(sorted(found.holders))
    assert found.false == ()
    assert len(found.crowd) == 3, "what all of them have was raised, and did not ring"
    assert found.good
