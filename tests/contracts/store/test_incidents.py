"""Incidents and their history are kept together; a report is replaced only in the version that was read."""

import msgspec
import pytest

from tests.contracts.store.samples import START
from tocsin.kernel import Conflict
from tocsin.kernel.duties import ClockStart, DutyReport, DutyReportState, Incident
from tocsin.kernel.incidents import (
    CalendarFeed,
    ChangeKind,
    ClockAlarm,
    DutyVerification,
    IncidentChange,
)
from tocsin.store import Store


def incident(number: int = 1, **changed: object) -> Incident:
    plain = Incident(
        id=f"incident_{number}",
        case=f"case_{number}",
        opened=START + number,
        updated=START + number,
        facts={"people.exposed": 1_200_000, "critical": True},
        moments={ClockStart.AWARENESS: START},
        tags={"failure": ("misuse",)},
    )
    return msgspec.structs.replace(plain, **changed)


def change(kind: ChangeKind = ChangeKind.OPENED, **said: str) -> IncidentChange:
    return IncidentChange(incident="", number=0, at=START, by="user_1", kind=kind, **said)


def report(number: int = 1, **changed: object) -> DutyReport:
    plain = DutyReport(
        id=f"report_{number}",
        incident="incident_1",
        duty="eu.nis2",
        step="early-warning",
        state=DutyReportState.DRAFT,
        pack="aa" * 32,
        made=START + number,
        by="user_1",
        lang="en",
        partial=True,
        missing=("severity",),
    )
    return msgspec.structs.replace(plain, **changed)


def test_an_incident_comes_back_as_it_was_and_is_one_a_case(store: Store) -> None:
    for number in (1, 2):
        store.incidents.add(incident(number), change())
    assert store.incidents.get("incident_1") == incident()
    assert store.incidents.of_case("case_2") == incident(2)
    assert store.incidents.get("none") is None is store.incidents.of_case("none")
    assert store.incidents.listed() == (incident(2), incident(1))
    with pytest.raises(Conflict, match="already"):
        store.incidents.add(incident(3, case="case_1"), change())
    assert store.incidents.get("incident_3") is None
    assert store.incidents.history("incident_3") == ()


def test_a_change_takes_the_version_before_and_its_history_grows(store: Store) -> None:
    store.incidents.add(incident(), change())
    closed = incident(version=2, closed=START + 9)
    changes = [change(ChangeKind.FACT, name="critical", before="", after="true"), change(ChangeKind.CLOSED)]
    store.incidents.change(closed, changes)
    with pytest.raises(Conflict, match="meanwhile"):
        store.incidents.change(closed, changes)
    kept = store.incidents.history("incident_1")
    assert [(one.number, one.kind) for one in kept] == [
        (1, ChangeKind.OPENED),
        (2, ChangeKind.FACT),
        (3, ChangeKind.CLOSED),
    ]
    assert kept[1].incident == "incident_1"
    assert kept[1].after == "true"
    assert store.incidents.listed(closed=True) == (closed,)
    assert store.incidents.listed(closed=False) == ()


def test_a_verification_is_of_one_text_by_one_person(store: Store) -> None:
    first = DutyVerification(duty="eu.nis2", digest="aa", by="user_1", at=START, statement="OJ L 333")
    again = msgspec.structs.replace(first, at=START + 5, statement="OJ L 333, read again")
    other = msgspec.structs.replace(first, by="user_2", at=START + 1)
    for one in (first, other, again):
        store.incidents.verify(one)
    assert store.incidents.verifications() == (other, again)


def test_a_report_is_replaced_only_in_the_version_that_was_read(store: Store) -> None:
    store.duty_reports.add(report(), b"sealed")
    store.duty_reports.add(report(2), b"other")
    assert store.duty_reports.get("report_1") == (report(), b"sealed", 1)
    assert store.duty_reports.get("none") is None
    sent = report(state=DutyReportState.SENT, digest="bb" * 32)
    store.duty_reports.replace(sent, b"more", version=1)
    assert store.duty_reports.get("report_1") == (sent, b"more", 2)
    with pytest.raises(Conflict):
        store.duty_reports.replace(report(), b"late", version=1)
    with pytest.raises(Conflict):
        store.duty_reports.add(report(), b"again")
    assert store.duty_reports.of("incident_1") == (sent, report(2))
    assert store.duty_reports.of("incident_2") == ()


def test_an_alarm_rings_once(store: Store) -> None:
    alarms = [
        ClockAlarm(
            id=f"alarm_{number}",
            incident="incident_1",
            duty="eu.nis2",
            step="early-warning",
            due=START,
            at=START + number,
            level="early",
        )
        for number in range(3)
    ]
    assert store.clocks.ring(alarms[:2]) == tuple(alarms[:2])
    assert store.clocks.ring(alarms) == (alarms[2],)
    assert store.clocks.ring([]) == ()
    assert store.clocks.alarms() == tuple(reversed(alarms))
    assert store.clocks.alarm("alarm_1") == alarms[1]
    assert store.clocks.alarm("none") is None


def test_a_feed_counts_until_it_is_revoked(store: Store) -> None:
    feed = CalendarFeed(id="feed_1", user="user_1", digest=b"d" * 32, made=START)
    store.clocks.add_feed(feed)
    assert store.clocks.feed("feed_1") == feed
    assert store.clocks.feeds("user_2") == ()
    assert store.clocks.revoke_feed("feed_1", START + 1)
    assert not store.clocks.revoke_feed("feed_1", START + 2)
    assert store.clocks.feeds("user_1") == (msgspec.structs.replace(feed, revoked=START + 1),)
    assert store.clocks.feed("none") is None
