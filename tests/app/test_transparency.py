"""A report from the cases and the audit: what people did is in it, and a restricted queue is not to be seen."""

from datetime import timedelta

import msgspec
import pytest

from tests.app.test_authority_requests import asked
from tests.cases_made_up import decided, disposed, opened, person
from tests.fixtures import Made
from tests.member_queue import quick_keys, two_members
from tocsin.cases.transparency import Report, Table
from tocsin.kernel import BadInput, Caller, Conflict, Means, NotAllowed, NotFound, Role, micros
from tocsin.kernel.cases import CaseFlag
from tocsin.kernel.disposing import Appeal, Appellant, Measure
from tocsin.kernel.requests import AuthorityKind
from tocsin.store.interface import AuditRow

__all__ = ["quick_keys"]

DAY = 86_400_000_000


def report(made: Made, by: Caller) -> Report:
    now = micros(made.now)
    return made.node.transparency.report(by, since=now - 30 * DAY, until=now)


def named(found: Report, name: str) -> Table:
    return next(one for one in found.tables if one.name == name)


def rows(found: Report, name: str) -> dict[str, int | None]:
    return {" / ".join(row.key): row.count for row in named(found, name).rows}


def test_what_people_did_is_counted(made: Made) -> None:
    ana, rolf, dana = (
        person(made, "ana", Role.ANALYST),
        person(made, "rolf", Role.REVIEWER),
        person(made, "dana", Role.DUTY_OFFICER),
    )
    for n in range(6):
        opened(made, report=f"R-{n}", lang="mn")
    cases = [disposed(made, ana, report=f"D-{n}", lang="en") for n in range(6)]
    grave = decided(measures=(Measure.ACCOUNT_TERMINATED,), ends=None)
    one = disposed(made, ana, grave, report="G-1")
    made.node.cases.approve(rolf, one.id)
    for case in cases[:5]:
        made.node.cases.appeal(
            case.id, Appeal(by=Appellant.AFFECTED, at=0, lang="en"), "it was a real refund"
        )
        made.node.cases.claim(rolf, case.id)
        made.node.cases.judge_appeal(rolf, case.id, upheld=True, reasons="it was no real refund")
    made.now += timedelta(hours=2)
    found = report(made, dana)
    assert found.agrees
    assert named(found, "origins").total == 13
    assert named(found, "languages").total == 13
    assert rows(found, "measures") == {
        "account.suspended": None,
        "account.terminated": None,
        "visibility.removed": 6,
    }
    assert named(found, "appeals").total == 10
    assert found.delay.decided == 7
    assert rows(found, "grave") == {"two people": None}
    assert named(found, "grave").total is None


def test_a_row_that_the_audit_lacks_is_told(made: Made) -> None:
    dana = person(made, "dana", Role.DUTY_OFFICER)
    made.node.store.audit.write(AuditRow(micros(made.now), "somebody", "case.dispose", "c", "", "done"))
    made.now += timedelta(minutes=1)
    assert not report(made, dana).agrees


@pytest.mark.usefixtures("quick_keys")
def test_a_restricted_case_moves_no_row(made: Made) -> None:
    ana, _ = two_members(made)
    dana = person(made, "dana", Role.DUTY_OFFICER)
    for n in range(7):
        disposed(made, ana, report=f"D-{n}")
    made.now += timedelta(minutes=1)
    shown = disposed(made, ana, report="O-1")
    both = msgspec.structs.replace(ana, roles=ana.roles | {Role.DUTY_OFFICER})
    for _ in range(6):
        made.node.cases.words(ana, shown.id)
        one = made.node.authority_requests.open(both, asked(shown.id))
        made.node.authority_requests.open(both, asked(shown.id, kind=AuthorityKind.POLICE))
        made.node.authority_requests.show(both, one.id)
    made.node.cases.words(ana, shown.id)
    made.node.authority_requests.open(both, asked(shown.id, kind=AuthorityKind.POLICE))
    made.now += timedelta(minutes=1)
    before = report(made, dana)
    secret = disposed(made, ana, report="S-1", flags=(CaseFlag.CHILD_MATERIAL,))
    words = made.node.cases.words(ana, secret.id)
    assert words.what
    made.node.authority_requests.open(both, asked(secret.id))
    made.now += timedelta(minutes=1)
    after = report(made, dana)
    assert rows(before, "requests") == {"court / open": None, "police / open": 7}
    assert rows(before, "openings") == {"case.words": 7, "request.show": None}
    for name in ("origins", "categories", "languages", "measures", "grounds", "requests", "openings"):
        assert rows(before, name) == rows(after, name), name
    assert before.delay == after.delay
    assert made.node.request_counts.of().apart == 1


def test_a_person_publishes_once_and_nothing_that_overlaps(made: Made) -> None:
    dana, audit = person(made, "dana", Role.DUTY_OFFICER), person(made, "otto", Role.AUDITOR)
    service, now = made.node.transparency, micros(made.now)
    first = service.keep(dana, since=now - 10 * DAY, until=now)
    with pytest.raises(NotAllowed):
        service.keep(audit, since=now - 10 * DAY, until=now)
    assert [one.id for one in service.listed(audit)] == [first.id]
    assert service.public() == ()
    for who in (audit, msgspec.structs.replace(dana, means=Means.STANDING)):
        with pytest.raises(NotAllowed):
            service.publish(who, first.id)
    assert service.publish(dana, first.id).published == now
    assert [one.report for one in service.public()] == [service.get(audit, first.id).report]
    with pytest.raises(Conflict):
        service.publish(dana, first.id)
    second = service.keep(dana, since=now - 20 * DAY, until=now - 9 * DAY)
    with pytest.raises(Conflict, match="difference"):
        service.publish(dana, second.id)
    apart = service.keep(dana, since=now - 20 * DAY, until=now - 10 * DAY)
    assert service.publish(dana, apart.id).published
    with pytest.raises(NotFound):
        service.publish(dana, "another")
    for since, until in ((now, now), (now - DAY, now + DAY)):
        with pytest.raises(BadInput, match="over"):
            service.report(dana, since=since, until=until)
