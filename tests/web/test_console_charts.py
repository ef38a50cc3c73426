"""Pictures as numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import Level, RiskVector
from tocsin.web.console.charts import DAY, HEIGHT, MAX_BARS, RADIUS, WIDTH, radar, timeline

DAYS = st.lists(
    st.tuples(st.integers(0, 20_000).map(lambda day: day * DAY), st.integers(0, 10**9)),
    min_size=1,
    max_size=60,
)


@given(DAYS)
def test_no_event_is_lost_and_no_bar_leaves_the_picture(days: list[tuple[int, int]]) -> None:
    drawn = timeline(days)
    assert drawn is not None
    assert sum(bar.events for bar in drawn.bars) == sum(events for _, events in days)
    assert len(drawn.bars) <= MAX_BARS
    assert drawn.peak == max(bar.events for bar in drawn.bars)
    for bar in drawn.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= WIDTH + 0.02
        assert 0 <= bar.y <= HEIGHT
        assert abs(bar.y + bar.height - HEIGHT) <= 2
        assert (bar.height > 0) == (bar.events > 0), "a day with an event is seen, a day without is not"
    assert [bar.end for bar in drawn.bars[:-1]] == [bar.start for bar in drawn.bars[1:]], "no gap"


def test_days_without_events_keep_their_place() -> None:
    drawn = timeline([(10 * DAY, 4), (13 * DAY + 5, 2)])
    assert drawn is not None
    assert [bar.events for bar in drawn.bars] == [4, 0, 0, 2]
    assert [bar.height for bar in drawn.filled] == [HEIGHT, HEIGHT / 2]
    assert drawn.days == 1
    assert timeline([]) is None


def test_a_long_time_is_joined() -> None:
    drawn = timeline([(0, 1), (399 * DAY, 1)])
    assert drawn is not None
    assert drawn.days == 4
    assert len(drawn.bars) == 100


@pytest.mark.parametrize("level", list(Level))
def test_the_outline_reaches_as_far_as_the_level(level: Level) -> None:
    drawn = radar(RiskVector(uplift=level))
    top = drawn.outline.split(" ")[0]
    reach = {"N": -3.0, "L": -RADIUS / 3, "M": -RADIUS * 2 / 3, "H": -RADIUS}[level.value]
    assert [float(part) for part in top.split(",")] == [0.0, pytest.approx(reach, abs=0.01)]
    assert [spoke.letter for spoke in drawn.spokes] == list("USACG")
