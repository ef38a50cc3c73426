"""What is left of a confidence: half after the half-life, nothing at the end, never more than was stated."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.correlate.decay import DAY, HALF_LIFE_DAYS, HALF_LIFE_OTHER, UNSTATED, half_life, left

NOW = 1_795_000_000_000_000


def test_half_is_left_after_a_half_life() -> None:
    for days in sorted({*HALF_LIFE_DAYS.values(), HALF_LIFE_OTHER}):
        assert left(80, days=days, renewed=NOW - days * DAY, now=NOW).now == 40
        assert left(80, days=days, renewed=NOW - 2 * days * DAY, now=NOW).now == 20
    assert left(None, days=7, renewed=NOW, now=NOW).now == UNSTATED
    assert left(80, days=7, renewed=NOW + DAY, now=NOW).now == 80, "a clock that is ahead adds nothing"


def test_an_end_is_an_end() -> None:
    assert left(80, days=60, renewed=NOW, now=NOW, valid_until=NOW).now == 0
    assert left(80, days=60, renewed=NOW, now=NOW, valid_until=NOW).ended
    assert not left(80, days=60, renewed=NOW, now=NOW, valid_until=NOW + 1).ended
    assert left(80, days=60, renewed=NOW, now=NOW, revoked=True).now == 0


def test_the_half_life_is_that_of_what_is_named() -> None:
    assert half_life("indicator", "[ipv4-addr:value = '198.51.100.1']") == 7
    assert half_life("indicator", "[ ( NOT domain-name:value = 'x.example')]") == 30
    assert half_life("indicator", "[x-tocsin-text:minhash_1 = 'ab']") == 60
    assert half_life("indicator", "nonsense") == HALF_LIFE_OTHER
    assert half_life("malware") == HALF_LIFE_OTHER


@given(
    st.one_of(st.none(), st.integers(-5, 200)),
    st.integers(1, 400),
    st.integers(0, 3_000),
    st.integers(0, 3_000),
)
def test_time_never_adds(stated: int | None, days: int, age: int, more: int) -> None:
    young = left(stated, days=days, renewed=NOW - age * DAY, now=NOW)
    old = left(stated, days=days, renewed=NOW - age * DAY, now=NOW + more * DAY)
    assert 0 <= old.now <= young.now <= young.stated <= 100
