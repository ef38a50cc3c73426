"""When a time that began at a moment ends: hours as time that passes, days as days of the calendar, both readings.

The choices, each with its source, are in docs/duties.md. Nothing here reads the machine's clock or zone.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from tocsin.cases.duties.calendar import day_off, next_working, working_between, working_days_after
from tocsin.cases.duties.models import Confirmed, Holidays, Period, Reading
from tocsin.cases.duties.sentences import sentence, told
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


def ended(
    start: datetime,
    span: Span,
    period: Period,
    zone_name: str,
    place: Holidays | None,
    language: str = "en",
) -> Ended:
    """When a span that began at `start` (UTC) is over, and how that was reckoned."""
    zone = zone_of(zone_name)
    early, how = _same_time(start, span, zone, place, language)
    begun, end = shown(start, zone), shown(early, zone)
    why = [sentence("reckoned", language, span=told(span, language), start=begun, how=how, end=end)]
    if period.reading is Reading.SAME_TIME:
        return Ended(early, None, tuple(why))
    late, reckoned = _by_reading(start, span, period.reading, zone, place, language)
    if late <= early:
        return Ended(early, None, tuple(why))
    why += reckoned
    if period.confirmed is Confirmed.SECONDARY:
        why.append(sentence("read", language, source=period.source))
        return Ended(late, None, tuple(why))
    why.append(sentence("not-read", language, confirmed=period.confirmed.value, source=period.source))
    return Ended(early, late, tuple(why))


def shown(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as a person in the zone reads it, with its offset."""
    local = moment.astimezone(zone)
    offset = local.strftime("%z")
    seconds = f":{local:%S}" if local.second or local.microsecond else ""
    return f"{local:%Y-%m-%d %H:%M}{seconds} {offset[:3]}:{offset[3:5]} {zone.key}"


def _same_time(
    start: datetime, span: Span, zone: ZoneInfo, place: Holidays | None, language: str
) -> tuple[datetime, str]:
    if span.unit in ELAPSED:
        return start + span.value * ELAPSED[span.unit], sentence("elapsed", language)
    local = start.astimezone(zone)
    day, how = _day(local.date(), span, place)
    said = sentence("same-time", language, how=sentence(how, language))
    return moment_of(day, local.time(), zone), said


def _day(day: date, span: Span, place: Holidays | None) -> tuple[date, str]:
    """The local day on which a span that began on a day ends, and the sentence that says how."""
    if span.unit is Unit.DAYS:
        return day + timedelta(days=span.value), "days"
    if span.unit is Unit.WEEKS:
        return day + timedelta(weeks=span.value), "weeks"
    if span.unit is Unit.WORKING_DAYS:
        return working_days_after(day, span.value, place), "working-days"
    year, month = divmod(day.year * 12 + day.month - 1 + span.value, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)), "month-end" if day.day > last else "months"


def _by_reading(
    start: datetime, span: Span, reading: Reading, zone: ZoneInfo, place: Holidays | None, language: str
) -> tuple[datetime, list[str]]:
    european = reading is Reading.EU_1182_71
    if span.unit in ELAPSED:
        if not european or span.unit is Unit.MINUTES:
            return start, []
        over = _next_hour(start) + span.value * ELAPSED[span.unit]
        return over, [sentence("hour", language, end=shown(over, zone))]
    began = start.astimezone(zone).date()
    day, how = _day(began, span, place)
    end = shown(end_of(day, zone), zone)
    why = [sentence("eu-day" if european else "day-end", language, how=sentence(how, language), end=end)]
    if european and span.unit is not Unit.WORKING_DAYS:
        moved = next_working(day, place)
        if moved != day:
            why.append(sentence("off", language, day=day, why=day_off(day, place), moved=moved))
        first = began + timedelta(days=1)
        while span != Span(1, Unit.DAYS) and working_between(first, moved, place) < TWO_WORKING_DAYS:
            moved = next_working(moved + timedelta(days=1), place)
            why.append(sentence("two-days", language, moved=moved))
        day = moved
    return end_of(day, zone), why


def _next_hour(moment: datetime) -> datetime:
    """The first full hour after the hour of a moment; a moment on the hour begins one."""
    begun = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return begun + timedelta(hours=1)
