"""A calendar of deadlines as iCalendar (RFC 5545), for a calendar program that subscribes to it.

Enters: which duty and step is due when. Leaves: bytes in UTC (form 2 of RFC 5545, 3.3.5), so that no zone has to be
carried and every reader's own is right. No field holds a word of a case, and what names an incident is a digest.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta

import msgspec

from tocsin.kernel import at_micros

PRODUCT = "-//Tocsin//Deadlines//EN"
REFRESH = timedelta(minutes=15)
"""How often a reader is asked to look again (RFC 7986, 5.7): the shortest clock that is known runs 30 minutes."""

REMIND_BEFORE = (timedelta(hours=24), timedelta(hours=1))

_EVENTS = uuid.UUID("f3b5c0e2-6f2c-5f0e-8c43-9a3e1f1f6d07")
"""Of event ids: UUIDv5 over the feed, the incident, the duty and the step; two feeds cannot be joined by them."""


class DueDate(msgspec.Struct, frozen=True, kw_only=True):
    """One deadline. `due` and `changed` in microseconds; `incident` never leaves but inside a digest."""

    incident: str
    duty: str
    step: str
    due: int
    changed: int
    verified: bool


def calendar(dates: Iterable[DueDate], *, feed: str, node: str) -> bytes:
    """The feed. The same bytes for the same dates."""
    from icalendar import Alarm, Calendar, Event

    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", node)
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for date in dates:
        name = "\x00".join((feed, date.incident, date.duty, date.step))
        said = f"{date.duty} {date.step}" + ("" if date.verified else " (unverified)")
        event = Event()
        event.add("uid", f"{uuid.uuid5(_EVENTS, name)}@tocsin")
        event.add("dtstamp", at_micros(date.changed))
        event.add("dtstart", at_micros(date.due))
        event.add("summary", said)
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        for before in REMIND_BEFORE:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", said)
            alarm.add("trigger", -before)
            event.add_component(alarm)
        made.add_component(event)
    return bytes(made.to_ical())
