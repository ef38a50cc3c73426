"""What a store promises of incidents: the incident, its history, its reports, its alarms. A part of `interface`.

A change and what it changed are kept in one transaction; a history grows and is never rewritten.
"""

from collections.abc import Sequence
from typing import Protocol

from tocsin.kernel.duties import DutyReport, Incident
from tocsin.kernel.incidents import CalendarFeed, ClockAlarm, DutyVerification, IncidentChange


class IncidentStore(Protocol):
    """Incidents of cases, with every change to them."""

    def add(self, incident: Incident, change: IncidentChange) -> None:
        """Keep a new one. Raises Conflict when its case has one already."""
        ...

    def get(self, incident_id: str) -> Incident | None: ...
    def of_case(self, case_id: str) -> Incident | None: ...
    def listed(self, *, closed: bool | None = None, limit: int = 1000) -> tuple[Incident, ...]:
        """Newest first; only open or only closed ones where asked."""
        ...

    def change(self, incident: Incident, changes: Sequence[IncidentChange]) -> None:
        """Put it in the place of the version before, with what changed.

        Raises Conflict when the kept version is not `incident.version - 1`. `number` of a change is given here.
        """
        ...

    def history(self, incident_id: str) -> tuple[IncidentChange, ...]:
        """Oldest first."""
        ...

    def verify(self, verification: DutyVerification) -> None:
        """Keep it; the same person's newer word on the same text takes the place of the older."""
        ...

    def verifications(self) -> tuple[DutyVerification, ...]:
        """By duty, oldest first."""
        ...


class DutyReportStore(Protocol):
    """Reports under duties. Their answers are sealed: what lies here is ciphertext."""

    def add(self, report: DutyReport, sealed: bytes) -> None:
        """Keep a new one. Raises Conflict when the id is taken."""
        ...

    def get(self, report_id: str) -> tuple[DutyReport, bytes, int] | None:
        """The report, its sealed answers, and which version that is."""
        ...

    def of(self, incident_id: str) -> tuple[DutyReport, ...]:
        """Oldest first."""
        ...

    def replace(self, report: DutyReport, sealed: bytes, *, version: int) -> None:
        """In the place of `version`. Raises Conflict when another is kept by now."""
        ...


class ClockStore(Protocol):
    """Alarms of clocks, and calendars of them."""

    def ring(self, alarms: Sequence[ClockAlarm]) -> tuple[ClockAlarm, ...]:
        """Keep those that are new, and return them: each rings once."""
        ...

    def alarm(self, alarm_id: str) -> ClockAlarm | None: ...
    def alarms(self, *, limit: int = 200) -> tuple[ClockAlarm, ...]:
        """Newest first."""
        ...

    def add_feed(self, feed: CalendarFeed) -> None: ...
    def feed(self, feed_id: str) -> CalendarFeed | None: ...
    def feeds(self, user: str) -> tuple[CalendarFeed, ...]:
        """Oldest first."""
        ...

    def revoke_feed(self, feed_id: str, at: int) -> bool:
        """False where there is none that still counts."""
        ...


class IncidentStores(Protocol):
    """Beneath `interface.Store`."""

    @property
    def incidents(self) -> IncidentStore: ...
    @property
    def duty_reports(self) -> DutyReportStore: ...
    @property
    def clocks(self) -> ClockStore: ...
