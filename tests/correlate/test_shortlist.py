"""The bound is never below the score, and so no cluster that would ring is left out."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.worlds import DAY, NOW, World
from tocsin.correlate.evidence import weigh
from tocsin.correlate.groups import densest
from tocsin.correlate.shortlist import bounds
from tocsin.correlate.survey import survey


@given(st.integers(0, 1_000), st.integers(2, 25), st.floats(0, 1), st.integers(1, 14))
@settings(max_examples=25, deadline=None)
def test_no_cluster_scores_above_its_bound(seed: int, people: int, evading: float, days: int) -> None:
    world = World(seed).people(people).campaign(6, evading=evading).protest(12)
    seen = survey(world.window(), since=NOW - 60 * DAY, until=NOW + 1)
    repeated = seen.repeated.used_by(2)
    most = bounds(seen.ledger, repeated, days)
    for at, (cluster, whole) in enumerate(repeated.each(np.ones(len(repeated.clusters), np.bool_))):
        view = seen.view
        rows = whole[densest(view.time[whole], view.actor[whole], days * DAY)]
        group = seen.ledger.group(rows, frozenset((cluster,)))
        assert weigh(group, seen.ledger).score <= most[at]
