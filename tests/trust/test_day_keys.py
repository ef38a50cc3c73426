"""Day keys at rest: bound to their day and expiry; a log in which nothing can be changed but its end."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import Unavailable
from tocsin.trust import day_keys
from tocsin.trust.day_keys import Gone, HeldInFile, What
from tocsin.trust.seal import SealBroken

HOLDER = HeldInFile(b"k" * 32, lambda number: b"n" * number)
OTHER = HeldInFile(b"o" * 32, lambda number: b"n" * number)
KEY = b"d" * 32


def a_log(days: int) -> list[Gone]:
    return day_keys.following(HOLDER, (), [(What.DAY, f"2026-11-{n:02d}") for n in range(1, days + 1)], 7)


def test_a_key_opens_under_its_own_day_expiry_and_holder_only() -> None:
    entry = day_keys.read_entry(
        day_keys.wrapped_day(HOLDER, "2026-11-20", date(2027, 2, 19), KEY), "2026-11-20"
    )
    assert day_keys.opened_entry(HOLDER, entry) == KEY
    for changed in (
        msgspec.structs.replace(entry, expires="2036-02-19"),
        msgspec.structs.replace(entry, day="2026-11-21"),
        msgspec.structs.replace(entry, wrapped=entry.wrapped[:-1] + b"\0"),
    ):
        with pytest.raises(SealBroken):
            day_keys.opened_entry(HOLDER, changed)
    with pytest.raises(SealBroken):
        day_keys.opened_entry(OTHER, entry)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"day":"2026-11-20"}', b"x" * 2_000])
def test_junk_is_no_entry(content: bytes) -> None:
    with pytest.raises(SealBroken):
        day_keys.read_entry(content, "2026-11-20")


@given(st.binary(max_size=300))
def test_no_bytes_but_ours_become_a_key(content: bytes) -> None:
    with pytest.raises(SealBroken):
        day_keys.read_entry(content, "2026-11-20")


@given(st.integers(2, 9), st.data())
def test_a_log_that_was_changed_is_refused_wherever_it_was(length: int, data: st.DataObject) -> None:
    log = a_log(length)
    place = data.draw(st.integers(0, length - 1))
    kind = data.draw(st.sampled_from(["day", "moment", "order", "gap", "chain", "letters"]))
    if kind == "gap" and place == length - 1:
        return  # cut at its end it is an older log: its copy in the database tells (tests/app/test_key_settling.py)
    match kind:
        case "day":
            log[place] = msgspec.structs.replace(log[place], name="2020-01-01")
        case "moment":
            log[place] = msgspec.structs.replace(log[place], at=8)
        case "order":
            log[place], log[place - 1] = log[place - 1], log[place]
        case "gap":
            del log[place]
        case "chain":
            log[place] = msgspec.structs.replace(log[place], mac="00" * 32)
        case "letters":
            log[place] = msgspec.structs.replace(log[place], mac="é\ud800")
    with pytest.raises(Unavailable, match="changed at line"):
        day_keys.checked(HOLDER, log, "the log")


def test_a_whole_log_is_read_as_it_was_written_and_a_cut_line_was_never_said() -> None:
    log = a_log(4)
    content = day_keys.encoded(log)
    for cut in (b"", b'{"seq":5,"wh', b"\x00\xff"):
        lines, whole = day_keys.decoded(content + cut, "the log")
        assert lines == tuple(log)
        assert whole == len(content)
        day_keys.checked(HOLDER, lines, "the log")
    with pytest.raises(Unavailable, match="line 5"):
        day_keys.decoded(content + b"junk\n", "the log")
    with pytest.raises(Unavailable):
        day_keys.checked(OTHER, log, "the log")


def test_a_ticket_stands_for_one_pseudonym_at_one_node() -> None:
    one, other = f"ps_{'a' * 32}", f"ps_{'b' * 32}"
    tickets = {day_keys.ticket_for(holder, name) for holder in (HOLDER, OTHER) for name in (one, other)}
    assert len(tickets) == 4
    assert not any(name[3:] in ticket for name in (one, other) for ticket in tickets)
