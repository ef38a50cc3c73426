"""Clocks are told before they run out: once, to channels of duty officers, without a word of the case."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import icalendar
import msgspec
import pytest

from tests.fixtures import Made
from tests.incidents import CHINA, NIS2, WORDS, an_incident, hidden, officer
from tocsin.app.channels import Place
from tocsin.kernel import ChannelKind, NotFound, Notice, RoutingRule
from tocsin.kernel.duties import ClockStart
from tocsin.wire.notices import as_cef, as_json, lines

HOUR = 3_600_000_000


@pytest.fixture
def told(copied: Made) -> Made:
    """A node with two channels, of which one is of duty officers."""
    copied.node.settings = msgspec.structs.replace(copied.node.settings, duty_channels=("officers",))
    for name in ("officers", "everybody"):
        copied.node.channels.add(
            copied.node.access.operator(),
            name,
            ChannelKind.WEBHOOK,
            Place(url="https://hooks.example/in"),
            RoutingRule(),
        )
    return copied


def waiting(made: Made, channel: str) -> tuple[Notice, ...]:
    return made.node.store.outbox.waiting(channel, limit=100)


def test_each_alarm_is_told_once_to_the_channels_of_duty_officers(told: Made) -> None:
    by = officer(told)
    an_incident(told, by)
    assert told.node.duty_clocks.tick() == 1  # China: two of four hours are gone
    assert told.node.duty_clocks.tick() == 0
    assert waiting(told, "everybody") == ()
    (notice,) = waiting(told, "officers")
    channel = told.node.store.outbox.get("officers")
    assert channel is not None
    word = told.node.routing._word(channel, notice, told.now)
    assert word is not None
    for said in (as_json(word).decode(), as_cef(word, version="1"), "\n".join(lines(word))):
        assert CHINA in said
        assert "unverified" in said
        for hidden_word in (WORDS.title, WORDS.where, "lottery", "incident_"):
            assert hidden_word not in said
    told.now += timedelta(hours=2, minutes=1)
    assert told.node.duty_clocks.tick() == 1
    assert told.node.store.clocks.alarms()[0].level == "past"


def test_a_clock_that_is_corrected_rings_anew(told: Made) -> None:
    by = officer(told)
    made = an_incident(told, by)
    told.node.duty_clocks.tick()
    moved = made.moments[ClockStart.NOTICING] - HOUR // 2
    told.node.incidents.set_moment(
        by, made.id, ClockStart.NOTICING, moved, reason="seen in the log of the mail"
    )
    assert told.node.duty_clocks.tick() == 1


def test_of_a_restricted_queue_no_channel_hears_and_no_calendar_shows(told: Made) -> None:
    by = officer(told)
    made = an_incident(told, by)
    _, path = told.node.duty_clocks.make_feed(by)
    key = parse_qs(urlsplit(path).query)["key"][0]
    assert b"BEGIN:VEVENT" in told.node.duty_clocks.calendar(key)
    hidden(told, made)
    assert told.node.duty_clocks.tick() == 1
    assert waiting(told, "officers") == ()
    assert b"BEGIN:VEVENT" not in told.node.duty_clocks.calendar(key)


def test_the_calendar_says_what_is_due_and_nothing_of_the_case(copied: Made) -> None:
    by = officer(copied)
    made = an_incident(copied, by)
    _, path = copied.node.duty_clocks.make_feed(by)
    content = copied.node.duty_clocks.calendar(parse_qs(urlsplit(path).query)["key"][0])
    events = icalendar.Calendar.from_ical(content).walk("VEVENT")
    said = {str(one["summary"]) for one in events}
    assert {f"{CHINA} first (unverified)", f"{NIS2} early-warning (unverified)"} <= said
    assert made.id.encode() not in content
    assert b"ottery" not in content


def test_a_key_that_does_not_count_is_one_that_is_not_there(copied: Made) -> None:
    by, clocks = officer(copied), copied.node.duty_clocks
    feed, path = clocks.make_feed(by)
    key = parse_qs(urlsplit(path).query)["key"][0]
    other = key[:-1] + ("A" if key[-1] != "A" else "B")
    with pytest.raises(NotFound):
        clocks.revoke_feed(officer(copied, "ros"), feed.id)
    assert clocks.calendar(key)
    clocks.revoke_feed(by, feed.id)
    said = set()
    for wrong in (key, other, "", "tocsin_nothing"):
        with pytest.raises(NotFound) as refused:
            clocks.calendar(wrong)
        said.add(refused.value.message)
    assert len(said) == 1
    _, again = clocks.make_feed(by)
    fresh = parse_qs(urlsplit(again).query)["key"][0]
    assert clocks.calendar(fresh)
    copied.node.access.disable_user(copied.node.access.operator(), "olu")
    with pytest.raises(NotFound):
        clocks.calendar(fresh)


def test_a_person_has_five_calendars_and_the_oldest_ends(copied: Made) -> None:
    by, clocks = officer(copied), copied.node.duty_clocks
    first, _ = clocks.make_feed(by)
    for _ in range(5):
        copied.now += timedelta(minutes=1)
        clocks.make_feed(by)
    kept = [one for one in clocks.feeds(by) if one.revoked is None]
    assert len(kept) == 5
    assert first.id not in {one.id for one in kept}
