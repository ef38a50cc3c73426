"""Weeks as the calendar has them, the interval of the noise, and names of payments."""

from datetime import UTC, datetime
from math import exp

import pytest

from tocsin.kernel import BadInput
from tocsin.kernel.counts import (
    BOUNDS,
    COST,
    COVERAGE,
    WEEK_BUDGET,
    CountList,
    Spend,
    end_of_week,
    half_width,
    spend_named,
    start_of_week,
    week_of,
)


@pytest.mark.parametrize("scale", [0.05, 0.5, 1.0, 4.0, 6.0, 8.0, 37.5])
def test_the_interval_is_the_shortest_that_holds_its_share(scale: float) -> None:
    a = exp(-1 / scale)
    mass = [(1 - a) / (1 + a) * a ** abs(k) for k in range(-2_000, 2_001)]

    def within(k: int) -> float:
        return sum(mass[2_000 - k : 2_001 + k])

    width = half_width(scale)
    assert within(width) >= COVERAGE
    assert width == 0 or within(width - 1) < COVERAGE


def test_weeks_are_of_iso_8601_and_utc() -> None:
    assert week_of(datetime(2027, 1, 3, 23, 59, tzinfo=UTC)) == "2026-W53"
    assert start_of_week("2026-W01") == datetime(2025, 12, 29, tzinfo=UTC)
    assert end_of_week("2026-W53") == start_of_week("2027-W01")
    for wrong in ("2026-W54", "2025-W53", "2026-W00", "2026-1", "2026-W1", ""):
        with pytest.raises(BadInput, match="ISO 8601"):
            start_of_week(wrong)


def test_a_payment_is_read_back_from_its_name() -> None:
    spend = Spend("2026-W46", "trends", 500, "0123456789abcdef", 7)
    assert spend_named(spend.name, 7) == spend
    for wrong in ("2026-W46/other/500/0123456789abcdef", "2026-W46/trends/-5/0123456789abcdef", ""):
        with pytest.raises(BadInput, match="cannot read"):
            spend_named(wrong)


def test_a_week_has_room_for_every_list_and_one_more() -> None:
    assert (len(CountList) + 1) * COST == WEEK_BUDGET
    assert set(BOUNDS) == set(CountList)
