"""Incidents, their reports and their clocks, in tables."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import Conflict
from tocsin.kernel.duties import DutyReport, Incident
from tocsin.kernel.incidents import CalendarFeed, ClockAlarm, DutyVerification, IncidentChange
from tocsin.store.dialect import insert_new, noun, upsert, written
from tocsin.store.engine import Database
from tocsin.store.incident_tables import (
    calendar_feeds,
    clock_alarms,
    duty_reports,
    duty_verifications,
    incident_changes,
    incidents,
)

_ENCODE = msgspec.msgpack.Encoder().encode
_INCIDENT = msgspec.msgpack.Decoder(Incident)
_CHANGE = msgspec.msgpack.Decoder(IncidentChange)
_REPORT = msgspec.msgpack.Decoder(DutyReport)
_ALARM = msgspec.msgpack.Decoder(ClockAlarm)

OLD = "somebody changed it meanwhile: read it again, then say what should change"


class SqlIncidents:
    """Keeps incident_interface.IncidentStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, incident: Incident, change: IncidentChange) -> None:
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, incidents).values(_row(incident))):
                raise Conflict("this case has an incident already: `tocsin incident list` shows it")
            _note(connection, incident.id, [change])

    def get(self, incident_id: str) -> Incident | None:
        return self._one(incidents.c.id == incident_id)

    def of_case(self, case_id: str) -> Incident | None:
        return self._one(incidents.c.case == case_id)

    def listed(self, *, closed: bool | None = None, limit: int = 1000) -> tuple[Incident, ...]:
        query = sa.select(incidents.c.body).order_by(incidents.c.opened.desc(), incidents.c.id).limit(limit)
        if closed is not None:
            query = query.where(incidents.c.closed.is_not(None) if closed else incidents.c.closed.is_(None))
        with self._database.reading() as connection:
            return tuple(map(_INCIDENT.decode, connection.scalars(query).all()))

    def change(self, incident: Incident, changes: Sequence[IncidentChange]) -> None:
        before = sa.and_(incidents.c.id == incident.id, incidents.c.version == incident.version - 1)
        with self._database.writing() as connection:
            if not connection.execute(sa.update(incidents).where(before).values(_row(incident))).rowcount:
                raise Conflict(OLD)
            _note(connection, incident.id, changes)

    def history(self, incident_id: str) -> tuple[IncidentChange, ...]:
        table = incident_changes
        query = sa.select(table.c.body).where(table.c.incident == incident_id).order_by(table.c.number)
        with self._database.reading() as connection:
            return tuple(map(_CHANGE.decode, connection.scalars(query).all()))

    def verify(self, verification: DutyVerification) -> None:
        row = msgspec.structs.asdict(verification)
        changed = {"at": verification.at, "statement": verification.statement}
        with self._database.writing() as connection:
            upsert(connection, duty_verifications, row, changed=changed)

    def verifications(self) -> tuple[DutyVerification, ...]:
        table = duty_verifications
        query = sa.select(table).order_by(table.c.duty, table.c.at, table.c.by)
        with self._database.reading() as connection:
            return tuple(noun(row, DutyVerification) for row in connection.execute(query).mappings())

    def _one(self, which: sa.ColumnElement[bool]) -> Incident | None:
        with self._database.reading() as connection:
            body = connection.execute(sa.select(incidents.c.body).where(which)).scalar()
        return None if body is None else _INCIDENT.decode(body)


class SqlDutyReports:
    """Keeps incident_interface.DutyReportStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, report: DutyReport, sealed: bytes) -> None:
        row = {**_report_row(report, sealed), "version": 1}
        with self._database.writing() as connection:
            if not written(connection, insert_new(connection, duty_reports).values(row)):
                raise Conflict("a report of this id is kept already")

    def get(self, report_id: str) -> tuple[DutyReport, bytes, int] | None:
        table = duty_reports
        query = sa.select(table.c.body, table.c.sealed, table.c.version).where(table.c.id == report_id)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (_REPORT.decode(row.body), row.sealed, row.version)

    def of(self, incident_id: str) -> tuple[DutyReport, ...]:
        table = duty_reports
        query = sa.select(table.c.body).where(table.c.incident == incident_id)
        with self._database.reading() as connection:
            found = connection.scalars(query.order_by(table.c.made, table.c.id)).all()
            return tuple(map(_REPORT.decode, found))

    def replace(self, report: DutyReport, sealed: bytes, *, version: int) -> None:
        before = sa.and_(duty_reports.c.id == report.id, duty_reports.c.version == version)
        row = {**_report_row(report, sealed), "version": version + 1}
        with self._database.writing() as connection:
            if not connection.execute(sa.update(duty_reports).where(before).values(row)).rowcount:
                raise Conflict(OLD)


class SqlClocks:
    """Keeps incident_interface.ClockStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ring(self, alarms: Sequence[ClockAlarm]) -> tuple[ClockAlarm, ...]:
        if not alarms:
            return ()
        with self._database.writing() as connection:
            return tuple(
                alarm
                for alarm in alarms
                if written(connection, insert_new(connection, clock_alarms).values(_alarm_row(alarm)))
            )

    def alarm(self, alarm_id: str) -> ClockAlarm | None:
        with self._database.reading() as connection:
            query = sa.select(clock_alarms.c.body).where(clock_alarms.c.id == alarm_id)
            body = connection.execute(query).scalar()
        return None if body is None else _ALARM.decode(body)

    def alarms(self, *, limit: int = 200) -> tuple[ClockAlarm, ...]:
        table = clock_alarms
        query = sa.select(table.c.body).order_by(table.c.at.desc(), table.c.id).limit(limit)
        with self._database.reading() as connection:
            return tuple(map(_ALARM.decode, connection.scalars(query).all()))

    def add_feed(self, feed: CalendarFeed) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.insert(calendar_feeds).values(msgspec.structs.asdict(feed)))

    def feed(self, feed_id: str) -> CalendarFeed | None:
        return next(iter(self._feeds(calendar_feeds.c.id == feed_id)), None)

    def feeds(self, user: str) -> tuple[CalendarFeed, ...]:
        return self._feeds(calendar_feeds.c.user == user)

    def revoke_feed(self, feed_id: str, at: int) -> bool:
        counts = sa.and_(calendar_feeds.c.id == feed_id, calendar_feeds.c.revoked.is_(None))
        with self._database.writing() as connection:
            change = sa.update(calendar_feeds).where(counts).values(revoked=at)
            return connection.execute(change).rowcount > 0

    def _feeds(self, which: sa.ColumnElement[bool]) -> tuple[CalendarFeed, ...]:
        query = sa.select(calendar_feeds).where(which)
        query = query.order_by(calendar_feeds.c.made, calendar_feeds.c.id)
        with self._database.reading() as connection:
            return tuple(noun(row, CalendarFeed) for row in connection.execute(query).mappings())


def _note(connection: Connection, incident: str, changes: Sequence[IncidentChange]) -> None:
    """Number and keep changes, after the newest that is kept. The incident's row is held by the caller's write."""
    newest = sa.select(sa.func.coalesce(sa.func.max(incident_changes.c.number), 0))
    last = connection.execute(newest.where(incident_changes.c.incident == incident)).scalar_one()
    for number, change in enumerate(changes, last + 1):
        kept = msgspec.structs.replace(change, incident=incident, number=number)
        row = {"incident": incident, "number": number, "body": _ENCODE(kept)}
        connection.execute(sa.insert(incident_changes).values(row))


def _row(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "case": incident.case,
        "opened": incident.opened,
        "closed": incident.closed,
        "version": incident.version,
        "body": _ENCODE(incident),
    }


def _report_row(report: DutyReport, sealed: bytes) -> dict[str, Any]:
    return {
        "id": report.id,
        "incident": report.incident,
        "state": report.state.value,
        "made": report.made,
        "body": _ENCODE(report),
        "sealed": sealed,
    }


def _alarm_row(alarm: ClockAlarm) -> dict[str, Any]:
    return {"id": alarm.id, "incident": alarm.incident, "at": alarm.at, "body": _ENCODE(alarm)}
