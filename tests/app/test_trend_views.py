"""What scripts are shown: no small count, and none that a difference would give away."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.app.test_trends import quiet, rows
from tests.fixtures import Made
from tocsin.app.trend_views import SMALL, trends_view, withheld
from tocsin.correlate.trends import ALL, LATE, Series


def series(language: str, region: str, count: int) -> Series:
    return Series("fraud.scam", language, region, 9, np.array([count]), np.zeros((1, LATE + 1), np.int64))


CELLS = st.dictionaries(
    st.tuples(st.sampled_from(["en", "zh", "ru"]), st.sampled_from(["asia", "europe"])),
    st.integers(0, 12),
    min_size=2,
)


@given(CELLS)
def test_no_total_gives_a_small_count_away(cells: dict[tuple[str, str], int]) -> None:
    parts = [series(language, region, count) for (language, region), count in cells.items()]
    languages = sorted({language for language, _ in cells})
    sums = [
        series(one, ALL, sum(count for (language, _), count in cells.items() if language == one))
        for one in languages
    ]
    every = [*parts, *sums, series(ALL, ALL, sum(cells.values()))]
    for one in every:
        count = int(one.counts[0])
        if 0 < count < SMALL:
            assert withheld(one, every, 9)
    if not withheld(every[-1], every, 9):
        assert not any(withheld(one, every, 9) and one.counts[0] >= SMALL for one in sums)
    for total in [*sums, every[-1]]:
        if withheld(total, every, 9):
            continue
        inside = [one for one in parts if total.language in (ALL, one.language)]
        hidden = sum(int(one.counts[0]) for one in inside if withheld(one, every, 9))
        assert hidden == 0 or hidden >= SMALL


def test_small_counts_are_withheld_and_the_rest_is_told(made: Made) -> None:
    store = made.node.store
    store.events.append(rows(made, quiet(mean=30)))
    store.events.append(rows(made, [2] * 100, name="zh", lang="zh"))
    made.node.trends.tick()
    shown = {(one["language"], one["region"]): one for one in trends_view(made.node)["trends"]}
    assert all(day["count"] is None for day in shown["zh", None]["days"])
    assert all(day["count"] is None for day in shown[None, None]["days"])  # the total would give the 2 away
    assert any(day["count"] for day in shown["en", None]["days"])
    assert shown["en", None]["days"][-1]["expected"] > 20
    whole = {one["language"]: one for one in trends_view(made.node, whole=True)["trends"]}
    assert {day["count"] for day in whole["zh"]["days"]} == {2}
