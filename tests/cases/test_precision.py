"""Precision: a share with an interval that stands at its edges."""

import pytest

from tocsin.cases import Precision


def test_nobody_decided() -> None:
    assert Precision(0, 0).share is None
    assert Precision(0, 0).interval is None


@pytest.mark.parametrize(
    ("confirmed", "dismissed", "low", "high"),
    [(10, 0, 0.722, 1.0), (0, 10, 0.0, 0.278), (8, 2, 0.490, 0.943), (50, 50, 0.404, 0.596)],
)
def test_wilsons_interval(confirmed: int, dismissed: int, low: float, high: float) -> None:
    found = Precision(confirmed, dismissed)
    assert found.share == confirmed / (confirmed + dismissed)
    assert found.interval == pytest.approx((low, high), abs=5e-4)
