"""Working days, by the library `holidays`: which days a regime's place is off. Imported when first asked.

What the library does not know of a year far ahead (moon calendars, days that are decreed) is no day off here: the
deadline is the earlier for it.
"""

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from tocsin.kernel import BadInput

if TYPE_CHECKING:
    from holidays import HolidayBase

    from tocsin.cases.duties.models import Holidays

FAR = 366
"""A calendar with no working day in a year is none."""


def check_holidays(country: str, subdivision: str, at: str) -> None:
    """Raises BadInput where the library knows no such place."""
    try:
        _of(country, subdivision)
    except (NotImplementedError, AttributeError, KeyError, ValueError):
        place = f"{country} {subdivision}".strip()[:40]
        raise BadInput(
            f"{at} no calendar of days off for {place!r}; `country` is an ISO 3166-1 code as DE, `subdivision` a part"
            " of it as BE; leave `holidays` out where none fits: Saturdays and Sundays are then off"
        ) from None


def day_off(day: date, place: "Holidays | None") -> str:
    """Why a day is none on which people work; "" when it is."""
    if place is None:
        return ("Saturday", "Sunday")[day.weekday() - 5] if day.weekday() >= 5 else ""
    days = _of(place.country, place.subdivision)
    if days.is_working_day(day):
        return ""
    return str(days.get(day) or day.strftime("%A"))


def next_working(day: date, place: "Holidays | None") -> date:
    """The day itself, or the next on which people work."""
    for ahead in range(FAR):
        if not day_off(day + timedelta(days=ahead), place):
            return day + timedelta(days=ahead)
    return day


def working_days_after(day: date, number: int, place: "Holidays | None") -> date:
    """The `number`-th working day after a day; the day itself is not counted."""
    while number:
        day = next_working(day + timedelta(days=1), place)
        number -= 1
    return day


def working_between(first: date, last: date, place: "Holidays | None") -> int:
    """Working days from `first` to `last`, both counted."""
    days = (first + timedelta(days=one) for one in range((last - first).days + 1))
    return sum(not day_off(one, place) for one in days)


@cache
def _of(country: str, subdivision: str) -> "HolidayBase":
    import holidays

    return holidays.country_holidays(country, subdiv=subdivision or None, language="en_US")
