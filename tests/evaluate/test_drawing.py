"""Intervals as numbers for a picture."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.evaluate.drawing import Interval, drawing
from tocsin.kernel.evaluations import LineVerdict

SHARES = st.floats(0, 1)


@st.composite
def _intervals(draw: st.DrawFn) -> Interval:
    low, share, high = sorted(draw(st.tuples(SHARES, SHARES, SHARES)))
    return Interval("a", share, low, high, draw(st.none() | SHARES), weight=draw(st.floats(0, 1e6)))


@given(st.lists(_intervals(), max_size=8))
def test_nothing_leaves_the_picture_and_order_on_the_scale_is_order_of_rates(rows: list[Interval]) -> None:
    drawn = drawing(rows)
    assert len(drawn.strips) == len(rows)
    assert (drawn.ticks[0], drawn.ticks[-1]) == (0, drawn.end)
    for strip in drawn.strips:
        assert 0 <= strip.low <= strip.at <= strip.high <= 1
        assert 0 <= strip.size <= 1
        line = strip.interval.line
        if strip.line is not None and line is not None:
            assert 0 <= strip.line <= 1
            assert (strip.interval.high <= line) <= (strip.high <= strip.line)


def test_a_small_rate_is_seen_against_its_line() -> None:
    drawn = drawing([Interval("a", 0.02, 0.01, 0.04, 0.05, LineVerdict.BELOW)])
    assert drawn.end == 0.05
    assert drawn.strips[0].line == 1
    assert round(drawn.strips[0].high, 9) == 0.8
    assert drawing([Interval("b", 0.2, 0.1, 0.31, 0.05)]).end == 0.5


def test_heavier_points_are_larger_and_what_was_not_counted_does_not_stretch_the_scale() -> None:
    drawn = drawing(
        [
            Interval("a", 0.01, 0.0, 0.02, weight=100),
            Interval("b", 0.01, 0.0, 0.02, weight=25),
            Interval("c", 0.0, 0.0, 1.0, known=False),
        ]
    )
    assert [strip.size for strip in drawn.strips[:2]] == [1.0, 0.5]
    assert drawn.end == 0.05
    assert drawing([]).strips == ()
