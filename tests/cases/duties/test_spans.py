"""Times that pass and days of a calendar: each paragraph of Regulation 1182/71, Article 3, and days off by place."""

from datetime import datetime

import pytest

from tests.duty_incidents import at
from tocsin.cases.duties.models import Confirmed, Holidays, Period, Reading
from tocsin.cases.duties.sentences import told
from tocsin.cases.duties.spans import ended
from tocsin.cases.duties.zones import zone_of
from tocsin.kernel import BadInput, at_micros, micros
from tocsin.kernel.duties import Span, Unit

BERLIN = Holidays(country="DE", subdivision="BE")
BAVARIA = Holidays(country="DE", subdivision="BY")


def due(
    start: str,
    span: Span,
    *,
    zone: str = "Europe/Berlin",
    reading: Reading = Reading.SAME_TIME,
    read: bool = False,
    place: Holidays | None = None,
) -> tuple[int, int | None]:
    confirmed = Confirmed.SECONDARY if read else Confirmed.MEMORY
    period = Period(reading=reading, confirmed=confirmed, source="a test")
    found = ended(at_micros(at(start)), span, period, zone, place)
    assert found.why
    return micros(found.due), None if found.latest is None else micros(found.latest)


@pytest.mark.parametrize(
    ("zone", "start", "span", "end"),
    [
        ("Europe/Berlin", "2026-03-28T10:15:00+01:00", Span(72, Unit.HOURS), "2026-03-31T11:15:00+02:00"),
        ("Europe/Berlin", "2026-03-28T10:15:00+01:00", Span(3, Unit.DAYS), "2026-03-31T10:15:00+02:00"),
        ("Europe/Berlin", "2026-10-24T10:15:00+02:00", Span(72, Unit.HOURS), "2026-10-27T09:15:00+01:00"),
        ("Europe/Berlin", "2026-10-24T10:15:00+02:00", Span(3, Unit.DAYS), "2026-10-27T10:15:00+01:00"),
        (
            "America/Los_Angeles",
            "2026-03-07T10:15:00-08:00",
            Span(24, Unit.HOURS),
            "2026-03-08T11:15:00-07:00",
        ),
        ("America/Los_Angeles", "2026-03-07T10:15:00-08:00", Span(1, Unit.DAYS), "2026-03-08T10:15:00-07:00"),
        (
            "America/Los_Angeles",
            "2026-10-31T10:15:00-07:00",
            Span(24, Unit.HOURS),
            "2026-11-01T09:15:00-08:00",
        ),
        ("America/Los_Angeles", "2026-10-31T10:15:00-07:00", Span(1, Unit.DAYS), "2026-11-01T10:15:00-08:00"),
        # no half past two on the day clocks go forward, two on the day they go back
        ("Europe/Berlin", "2026-03-28T02:30:00+01:00", Span(1, Unit.DAYS), "2026-03-29T01:30:00+01:00"),
        ("Europe/Berlin", "2026-10-24T02:30:00+02:00", Span(1, Unit.DAYS), "2026-10-25T02:30:00+02:00"),
        ("Asia/Kolkata", "2028-01-31T23:59:00+05:30", Span(1, Unit.MONTHS), "2028-02-29T23:59:00+05:30"),
        ("Asia/Shanghai", "2026-01-31T08:00:00+08:00", Span(13, Unit.MONTHS), "2027-02-28T08:00:00+08:00"),
        ("Asia/Shanghai", "2028-02-29T08:00:00+08:00", Span(12, Unit.MONTHS), "2029-02-28T08:00:00+08:00"),
        ("Asia/Shanghai", "2026-11-30T08:00:00+08:00", Span(3, Unit.MONTHS), "2027-02-28T08:00:00+08:00"),
        # the day is that of the zone, not of UTC
        ("Asia/Kolkata", "2026-12-31T20:00:00+00:00", Span(1, Unit.MONTHS), "2027-02-01T01:30:00+05:30"),
    ],
)
def test_hours_pass_and_days_are_those_of_the_calendar(zone: str, start: str, span: Span, end: str) -> None:
    assert due(start, span, zone=zone) == (at(end), None)


@pytest.mark.parametrize(
    ("start", "span", "end", "why"),
    [
        ("2026-11-02T10:15:00+01:00", Span(5, Unit.HOURS), "2026-11-02T16:00:00+01:00", "3(1)"),
        ("2026-11-02T10:00:00+01:00", Span(5, Unit.HOURS), "2026-11-02T16:00:00+01:00", "3(1), on the hour"),
        ("2026-11-02T10:15:00+01:00", Span(3, Unit.DAYS), "2026-11-06T00:00:00+01:00", "3(2)(b)"),
        ("2026-11-02T10:15:00+01:00", Span(1, Unit.WEEKS), "2026-11-10T00:00:00+01:00", "3(2)(c)"),
        ("2026-01-29T10:15:00+01:00", Span(1, Unit.MONTHS), "2026-03-03T00:00:00+01:00", "3(2)(c), Saturday"),
        (
            "2026-12-21T10:15:00+01:00",
            Span(4, Unit.DAYS),
            "2026-12-29T00:00:00+01:00",
            "3(4), Christmas, weekend",
        ),
        ("2026-11-06T10:15:00+01:00", Span(1, Unit.DAYS), "2026-11-10T00:00:00+01:00", "3(4), Saturday"),
        ("2026-11-05T10:15:00+01:00", Span(2, Unit.DAYS), "2026-11-10T00:00:00+01:00", "Friday and Monday"),
        ("2026-11-06T10:15:00+01:00", Span(3, Unit.DAYS), "2026-11-11T00:00:00+01:00", "3(5)"),
        (
            "2026-11-02T10:15:00+01:00",
            Span(2, Unit.WORKING_DAYS),
            "2026-11-05T00:00:00+01:00",
            "working days",
        ),
    ],
)
def test_regulation_1182_71_article_3(start: str, span: Span, end: str, why: str) -> None:
    earlier, later = due(start, span, reading=Reading.EU_1182_71, place=BERLIN)
    assert later == at(end), why
    assert earlier < later
    assert due(start, span, reading=Reading.EU_1182_71, place=BERLIN, read=True) == (at(end), None)


def test_days_off_are_those_of_the_place() -> None:
    """8 March is off in Berlin, 6 January in Bavaria."""
    span = Span(1, Unit.WORKING_DAYS)
    assert due("2027-03-05T09:00:00+01:00", span, place=BERLIN)[0] == at("2027-03-09T09:00:00+01:00")
    assert due("2027-03-05T09:00:00+01:00", span, place=BAVARIA)[0] == at("2027-03-08T09:00:00+01:00")
    assert due("2027-01-05T09:00:00+01:00", span, place=BERLIN)[0] == at("2027-01-06T09:00:00+01:00")
    assert due("2027-01-05T09:00:00+01:00", span, place=BAVARIA)[0] == at("2027-01-07T09:00:00+01:00")


def test_a_saturday_on_which_china_works_is_a_working_day() -> None:
    """14 February 2026 makes up for the spring festival; without a place it is a Saturday."""
    span, zone = Span(1, Unit.WORKING_DAYS), "Asia/Shanghai"
    china = Holidays(country="CN")
    assert due("2026-02-13T09:00:00+08:00", span, zone=zone, place=china)[0] == at(
        "2026-02-14T09:00:00+08:00"
    )
    assert due("2026-02-13T09:00:00+08:00", span, zone=zone)[0] == at("2026-02-16T09:00:00+08:00")


def test_zones_are_the_packages_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONTZPATH", "/nowhere")
    zone = zone_of("Europe/Berlin")
    assert zone.key == "Europe/Berlin"
    assert datetime(2026, 7, 1, tzinfo=zone).utcoffset() != datetime(2026, 1, 1, tzinfo=zone).utcoffset()
    for name in ("Europe/Brelin", "../../etc/passwd", "", "localtime"):
        with pytest.raises(BadInput, match="IANA name"):
            zone_of(name)


def test_one_of_a_unit_is_told_as_one() -> None:
    assert told(Span(1, Unit.WORKING_DAYS)) == "1 working day"
    assert told(Span(72, Unit.HOURS)) == "72 hours"
