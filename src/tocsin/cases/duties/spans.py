"""When a time that began at a moment ends: hours as time that passes, days as days of the calendar, both readings.

The choices, each with its source, are in docs/duties.md. Nothing here reads the machine's clock or zone.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from tocsin.cases.duties.calendar import day_off, next_working, working_between, working_days_after
from tocsin.cases.duties.models import Confirmed, Holidays, Period, Reading
from tocsin.cases.duties.zones import end_of, moment_of, zone_of
from tocsin.kernel.duties import Span, Unit

ELAPSED = {Unit.MINUTES: timedelta(minutes=1), Unit.HOURS: timedelta(hours=1)}
TWO_WORKING_DAYS = 2
"""Regulation 1182/71, Article 3(5): a period of two days or more holds two working days at least."""


class Ended(msgspec.Struct, frozen=True):
    """`due` is what counts, `latest` the other reading where there is one that is later. Both UTC."""

    due: datetime
    latest: datetime | None
    why: tuple[str, ...]


def ended(start: datetime, span: Span, period: Period, zone_name: str, place: Holidays | None) -> Ended:
    """When a span that began at `start` (UTC) is over, and how that was reckoned."""
    zone = zone_of(zone_name)
    early, how = _same_time(start, span, zone, place)
    why = [f"{told(span)} from {shown(start, zone)}: {how}: {shown(early, zone)}"]
    if period.reading is Reading.SAME_TIME:
        return Ended(early, None, tuple(why))
    late, reckoned = _by_reading(start, span, period.reading, zone, place)
    if late <= early:
        return Ended(early, None, tuple(why))
    why += reckoned
    if period.confirmed is Confirmed.SECONDARY:
        why.append(f"that counts, for it was read: {period.source}")
        return Ended(late, None, tuple(why))
    why.append(
        f"that reading is not confirmed ({period.confirmed.value}: {period.source}): the earlier one is due"
    )
    return Ended(early, late, tuple(why))


def told(span: Span) -> str:
    """A span in words: "72 hours"."""
    unit = span.unit.value.replace("-", " ")
    return f"{span.value} {unit.removesuffix('s') if span.value == 1 else unit}"


def shown(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as a person in the zone reads it, with its offset."""
    local = moment.astimezone(zone)
    offset = local.strftime("%z")
    seconds = f":{local:%S}" if local.second or local.microsecond else ""
    return f"{local:%Y-%m-%d %H:%M}{seconds} {offset[:3]}:{offset[3:5]} {zone.key}"


def _same_time(start: datetime, span: Span, zone: ZoneInfo, place: Holidays | None) -> tuple[datetime, str]:
    if span.unit in ELAPSED:
        return start + span.value * ELAPSED[span.unit], "as time that passes, whatever clocks are set to"
    local = start.astimezone(zone)
    day, how = _day(local.date(), span, place)
    return moment_of(day, local.time(), zone), f"{how}, at the same time of day"


def _day(day: date, span: Span, place: Holidays | None) -> tuple[date, str]:
    """The local day on which a span that began on a day ends."""
    if span.unit is Unit.DAYS:
        return day + timedelta(days=span.value), "days of the calendar"
    if span.unit is Unit.WEEKS:
        return day + timedelta(weeks=span.value), "the same day of the week"
    if span.unit is Unit.WORKING_DAYS:
        return working_days_after(day, span.value, place), "working days, the day it began on not counted"
    years, month = divmod(day.year * 12 + day.month - 1 + span.value, 12)
    last = monthrange(years, month + 1)[1]
    clamped = ", which is the month's last day" if day.day > last else ""
    return date(years, month + 1, min(day.day, last)), f"the same day of the month{clamped}"


def _by_reading(
    start: datetime, span: Span, reading: Reading, zone: ZoneInfo, place: Holidays | None
) -> tuple[datetime, list[str]]:
    law = "Regulation 1182/71, Article 3" if reading is Reading.EU_1182_71 else "to the end of the day"
    if span.unit in ELAPSED:
        if reading is not Reading.EU_1182_71 or span.unit is Unit.MINUTES:
            return start, []
        whole = _next_hour(start)
        over = whole + span.value * ELAPSED[span.unit]
        return over, [f"{law}(1): the hour in which it happened is not counted: {shown(over, zone)}"]
    began = start.astimezone(zone).date()
    day, how = _day(began, span, place)
    why = [
        f"{law}: the day it began on is not counted, {how}, with that day's end: {shown(end_of(day, zone), zone)}"
    ]
    if reading is Reading.EU_1182_71 and span.unit is not Unit.WORKING_DAYS:
        moved = next_working(day, place)
        if moved != day:
            why.append(f"{law}(4): {day} is off ({day_off(day, place)}): to {moved}")
        while (
            span != Span(1, Unit.DAYS)
            and working_between(began + timedelta(days=1), moved, place) < TWO_WORKING_DAYS
        ):
            moved = next_working(moved + timedelta(days=1), place)
            why.append(f"{law}(5): two working days at least: to {moved}")
        day = moved
    return end_of(day, zone), why


def _next_hour(moment: datetime) -> datetime:
    """The first full hour after the hour of a moment; a moment on the hour begins one."""
    begun = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return begun + timedelta(hours=1)
