"""Invented series: the same from the same seed, with the outbreak they say and no other."""

import numpy as np
import pytest

from tocsin.sandbox.series import SHAPES, Outbreak, World, delayed, draw, means

WORLD = World(level=20.0, dispersion=2.0, growth=1.5)


def test_a_seed_is_a_series() -> None:
    first, second = (draw(WORLD, 200, np.random.default_rng(5))[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, draw(WORLD, 200, np.random.default_rng(6))[0])


def test_level_spread_week_and_growth_are_as_asked() -> None:
    rng = np.random.default_rng(1)
    drawn = np.stack([draw(World(20.0, 3.0, season=0.0), 700, rng)[0] for _ in range(60)])
    assert drawn.mean() == pytest.approx(20, rel=0.02)
    assert (drawn.var(axis=0) / drawn.mean(axis=0)).mean() == pytest.approx(3, rel=0.1)
    expected = means(WORLD, 800)
    assert expected[5] < expected[4]
    assert expected[731] / expected[1] == pytest.approx(1.5**2, rel=0.15)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_outbreak_is_where_and_what_it_says(shape: str) -> None:
    total = np.zeros(60)
    for seed in range(100):
        counts, added = draw(WORLD, 60, np.random.default_rng(seed), Outbreak(30, 10, 5.0, shape))
        assert added[:30].sum() == added[40:].sum() == 0
        assert np.all(counts >= added)
        total += added
    peak = int(np.argmax(total))
    assert total[peak] / 100 == pytest.approx(5 * np.sqrt(2 * 20), rel=0.35)
    assert peak == {"step": peak, "ramp": 39, "burst": 30}[shape]


def test_late_reports_add_up() -> None:
    counts = np.array([5, 0, 9])
    late = delayed(counts, (0.5, 0.3, 0.2), np.random.default_rng(2))
    np.testing.assert_array_equal(late.sum(axis=1), counts)
