"""Time zones from the package tzdata, never from the machine: the same deadline everywhere.

A local time that does not exist, or exists twice, is taken at its earlier moment.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from tocsin.kernel import BadInput


@cache
def zone_names() -> frozenset[str]:
    """Every zone of the package."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


@cache
def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises BadInput where there is none."""
    if name not in zone_names():
        raise BadInput(f"there is no time zone {name[:40]!r}; write an IANA name as Europe/Berlin")
    place = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with place.open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The earlier moment, UTC, that a local date and time can mean."""
    local = datetime.combine(day, at.replace(fold=0), tzinfo=zone)
    return min(local.astimezone(UTC), local.replace(fold=1).astimezone(UTC))


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a local day is over, UTC."""
    return moment_of(day + timedelta(days=1), time(0), zone)
