"""Timestamps: kept exactly, compared exactly, counted in microseconds."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import stix_timestamps
from tocsin.kernel import BadInput
from tocsin.wire.stix import is_timestamp, micros_of, timestamp, timestamp_micros
from tocsin.wire.stix.times import exact


@pytest.mark.parametrize(
    "text",
    [
        "2025-01-01T00:00:00Z",
        "2025-01-01T00:00:00.1Z",
        "2024-02-29T23:59:59.123456789Z",
        "2016-12-31T23:59:60Z",
        "0001-01-01T00:00:00.000Z",
    ],
)
def test_timestamps(text: str) -> None:
    assert is_timestamp(text)
    micros_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-01-01",
        "2025-01-01T00:00:00",
        "2025-01-01t00:00:00z",
        "2025-01-01 00:00:00Z",
        "2025-01-01T00:00:00.Z",
        "2025-01-01T00:00:00,5Z",
        "2025-01-01T00:00:00+00:00",
        "2025-02-29T00:00:00Z",
        "2025-13-01T00:00:00Z",
        "2025-01-01T24:00:00Z",
        "2025-01-01T00:00:61Z",
        "2025-W01-1T00:00:00Z",
        "20250101T000000Z",
        "٢٠٢٥-01-01T00:00:00Z",
        "2025-01-01T00:00:00Z\n",
        "0000-01-01T00:00:00Z",
    ],
)
def test_no_timestamps(text: str) -> None:
    assert not is_timestamp(text)
    with pytest.raises(BadInput):
        micros_of(text)


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001  # UTC by timezones
def test_microseconds_and_back(moment: datetime) -> None:
    micros = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution)
    assert micros_of(timestamp_micros(micros)) == micros
    assert micros_of(timestamp(micros)) == micros - micros % 1000
    assert len(timestamp(micros)) == 24


@given(stix_timestamps(), stix_timestamps())
def test_exact_orders_as_time_does(one: str, other: str) -> None:
    def nanos(text: str) -> int:
        return micros_of(text[:19] + "Z") * 1000 + int(text[20:-1].ljust(9, "0"))

    assert (exact(one) < exact(other)) is (nanos(one) < nanos(other))
