"""The calendar of deadlines is RFC 5545 in UTC, and says a duty and a step, no more."""

from datetime import UTC, datetime

import icalendar
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.kernel import micros
from tocsin.wire.deadline_calendar import DueDate, calendar

DUE = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
"""Within the hour in which clocks change in Europe: only UTC has it once."""

DATE = DueDate(
    incident="incident_1",
    duty="eu.nis2",
    step="early-warning",
    due=micros(DUE),
    changed=micros(datetime(2026, 3, 28, tzinfo=UTC)),
    verified=False,
)


def test_a_deadline_is_read_back_to_the_second_by_a_calendar_program() -> None:
    content = calendar([DATE], feed="feed_1", node="node")
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert event.decoded("dtstart") == DUE
    assert b"DTSTART:20260329T013000Z" in content
    assert str(event["summary"]) == "eu.nis2 early-warning (unverified)"
    assert [one.decoded("trigger").total_seconds() for one in event.walk("VALARM")] == [-86_400, -3_600]
    assert calendar([DATE], feed="feed_1", node="node") == content


def test_it_names_no_incident_and_two_feeds_cannot_be_joined() -> None:
    one, other = (calendar([DATE], feed=feed, node="node") for feed in ("feed_1", "feed_2"))
    assert b"incident_1" not in one
    uids = [str(icalendar.Calendar.from_ical(feed).walk("VEVENT")[0]["uid"]) for feed in (one, other)]
    assert uids[0] != uids[1]


@settings(max_examples=30)
@given(st.text(max_size=200), st.text(max_size=80))
def test_whatever_a_pack_is_called_lines_stay_lines(duty: str, step: str) -> None:
    content = calendar([msgspec.structs.replace(DATE, duty=duty, step=step)], feed="f", node="node")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))  # RFC 5545, 3.1
    assert content.count(b"BEGIN:VEVENT") == 1
    assert content.count(b"\r\nSUMMARY") == 1
