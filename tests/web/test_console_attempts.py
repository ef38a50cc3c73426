"""The bounds on guessing: what a guesser gains, and that no stranger can lock a person out."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.web.console.attempts import (
    ACCOUNT_WINDOW_SECONDS,
    MAX_ACCOUNT_FAILURES,
    MAX_CODE_WAIT_SECONDS,
    MAX_CODES,
    Codes,
    Passwords,
)

YEAR = 365 * 86_400


def test_guessing_from_many_addresses_is_bounded_by_account() -> None:
    guard = Passwords()
    for number in range(MAX_ACCOUNT_FAILURES):
        assert guard.wait("chen", f"192.0.2.{number}", 0.0) == 0
        guard.failed("chen", 0.0)
    assert guard.wait("chen", "198.51.100.1", 1.0) == ACCOUNT_WINDOW_SECONDS
    assert guard.wait("bo", "198.51.100.1", 1.0) == 0
    assert guard.wait("chen", "198.51.100.1", ACCOUNT_WINDOW_SECONDS + 1.0) == 0


def test_a_stranger_cannot_keep_the_owner_out() -> None:
    guard = Passwords()
    guard.succeeded("chen", "2001:db8::1")
    for _ in range(1_000):
        guard.failed("chen", 5.0)
    assert guard.wait("chen", "2001:db8::beef", 6.0) == 0, "where the owner came from before"
    assert guard.wait("chen", "192.0.2.1", 6.0) > 0


def test_an_account_that_is_named_like_an_address_is_not_one() -> None:
    guard = Passwords(failures=1)
    guard.failed("2001:db8::1", 0.0)
    assert guard.wait("2001:db8::2", "192.0.2.1", 0.0) == 0


def test_owners_remembered_are_bounded() -> None:
    guard = Passwords(failures=1, owners=2)
    for number in range(3):
        guard.succeeded("chen", f"192.0.2.{number}")
    guard.failed("chen", 0.0)
    assert [guard.wait("chen", f"192.0.2.{number}", 0.0) == 0 for number in range(3)] == [False, True, True]


def test_wrong_codes_wait_longer_and_longer_and_a_right_one_ends_it() -> None:
    guard = Codes()
    now, waits = 0.0, []
    for _ in range(MAX_CODES + 9):
        waits.append(guard.wait("chen", now))
        now += waits[-1]
        assert guard.wait("chen", now) == 0
        guard.failed("chen", now)
    assert waits[:MAX_CODES] == [0] * MAX_CODES
    growing = waits[MAX_CODES:]
    assert growing == sorted(growing)
    assert growing[0] == 61
    assert growing[-1] == MAX_CODE_WAIT_SECONDS + 1
    assert guard.wait("bo", now) == 0
    guard.succeeded("chen")
    assert guard.wait("chen", now) == 0


def test_a_year_of_guessing_codes_does_not_pay() -> None:
    """Three codes of a million count at a time: the chance of a patient thief who has the first factor."""
    guard, now, tries = Codes(), 0.0, 0
    while now < YEAR:
        guard.failed("chen", now)
        tries += 1
        now += guard.wait("chen", now)
    assert tries * 3 / 1_000_000 < 0.04


@given(st.lists(st.text(max_size=3), max_size=60))
def test_accounts_remembered_are_bounded(names: list[str]) -> None:
    guard = Codes(accounts=4)
    for name in names:
        guard.failed(name, 0.0)
    assert len(guard._wrong) <= 4
