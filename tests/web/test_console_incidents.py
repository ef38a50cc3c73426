"""Incidents in the console: what is due, what is missing, and that a person sends it."""

from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest

from tests.cases_made_up import person
from tests.console import Client, log_in, send
from tests.fixtures import Made
from tests.incidents import CHINA, NIS2, a_case, an_incident, hidden, officer
from tocsin.kernel import Role
from tocsin.kernel.duties import DutyReportState


def enter(client: Client, made: Made, name: str = "olu") -> None:
    log_in(client, made.node.access.issue_token(made.node.access.operator(), name))


def test_from_the_case_to_a_report_that_was_sent(client: Client, made: Made) -> None:
    by = officer(made)
    case = a_case(made, by)
    enter(client, made)
    assert f"/incidents?case={case.id}" in client.get(f"/cases/{case.id}").text
    assert f'value="{case.id}"' in client.get(f"/incidents?case={case.id}").text
    fields = {"case": case.id, "moment": "awareness", "at": "2026-11-20T10:00+01:00"}
    path = send(client, "/incidents", "/incidents", **fields).headers["location"]
    assert (
        send(client, f"{path}/duties", path, **{f"duty-{NIS2}": "on", f"duty-{CHINA}": "on"}).status_code
        == 303
    )
    assert f'href="{path}"' in client.get(f"/cases/{case.id}").text
    given = {"fact-people_leaked": "1,200,000", "fact-malicious": "yes", "fact-loss_cny": ""}
    assert send(client, f"{path}/facts", path, **given).status_code == 303
    at = {"moment": "noticing", "at": "2026-11-20T18:00+08:00"}
    assert send(client, f"{path}/moment", path, **at).status_code == 303
    page = client.get(f"{path}?lang=en").text
    for said in (
        "1,200,000 people",
        "larger",
        "2026-11-20 22:00 UTC+08:00 (Asia/Shanghai)",
        "2 h 0 min left",
    ):
        assert said in page, said
    assert "UNVERIFIED" in page
    assert "complian" not in page.lower()
    assert "剩余" in client.get(f"{path}?lang=zh").text
    report = send(client, f"{path}/draft", path, step=f"{NIS2}/early-warning").headers["location"]
    page = client.get(f"{report}?lang=en").text
    assert "Missing" in page
    assert "Could it have a cross-border impact?" in page
    assert send(client, f"{report}/answers", report, **{"answer-cross-border": "Yes."}).status_code == 303
    paper = client.get(f"{report}/paper?as=json")
    assert paper.headers["content-disposition"].startswith("attachment")
    done = {"how": "portal of the CSIRT", "as": "json"}
    assert send(client, f"{report}/sent", report, **done).status_code == 303
    (kept,) = made.node.duty_reports.of(by, path.rpartition("/")[2])
    assert kept.state is DutyReportState.SENT
    page = client.get(report).text
    assert kept.digest in page
    assert "It was sent" not in page
    assert client.get(f"{report}/paper?as=json").content == paper.content


def test_what_is_typed_wrongly_is_told_and_nothing_is_kept(client: Client, made: Made) -> None:
    by = officer(made)
    incident = an_incident(made, by)
    enter(client, made)
    path = f"/incidents/{incident.id}"
    answer = send(client, f"{path}/moment", path, moment="discovery", at="2026-11-20T10:00")
    assert answer.status_code == 400
    assert "offset" in answer.text
    assert send(client, f"{path}/facts", path, **{"fact-people_leaked": "many"}).status_code == 400
    assert send(client, f"{path}/moment", path, moment="noon", at="2026-11-20T10:00Z").status_code == 400
    assert made.node.incidents.get(by, incident.id) == incident


def test_who_may_not_see_the_case_sees_no_incident(client: Client, made: Made) -> None:
    by = officer(made)
    incident = an_incident(made, by)
    report = made.node.duty_reports.draft(by, incident.id, NIS2, "early-warning")
    hidden(made, incident)
    enter(client, made)
    assert incident.id not in client.get("/incidents").text
    said = set()
    for path, asked in (
        (f"/incidents/{incident.id}", incident.id),
        ("/incidents/incident_0000000000000000", "incident_0000000000000000"),
    ):
        answer = client.get(path)
        assert answer.status_code == 404
        said.add(answer.text.replace(asked, "ID"))
    assert len(said) == 1
    assert client.get(f"/duty-reports/{report.id}").status_code == 404


def test_the_nearest_clocks_stand_above_every_page_of_a_duty_officer_alone(
    client: Client, made: Made
) -> None:
    incident = an_incident(made, officer(made))
    enter(client, made)
    page = client.get("/peers?lang=en").text
    assert f'href="/incidents/{incident.id}"' in page
    assert "2 h 0 min left" in page
    hidden(made, incident)
    assert incident.id not in client.get("/peers?lang=en").text
    made.node.access.add_user(made.node.access.operator(), "ada", (Role.ANALYST,))
    client.cookies.clear()
    other = an_incident(made, made.node.access.operator("olu"))
    enter(client, made, "ada")
    assert other.id not in client.get("/peers?lang=en").text


def test_an_auditor_reads_and_changes_nothing(client: Client, made: Made) -> None:
    incident = an_incident(made, officer(made))
    person(made, "ada", Role.AUDITOR)
    enter(client, made, "ada")
    path = f"/incidents/{incident.id}"
    page = client.get(path).text
    assert "Keep these facts" not in page
    assert send(client, f"{path}/facts", "/account", **{"fact-malicious": "no"}).status_code == 403


@pytest.mark.parametrize("form", ["pdf", "json"])
def test_side_by_side_is_had_as_a_file(client: Client, made: Made, form: str) -> None:
    if form == "pdf":
        pytest.importorskip("typst")
    incident = an_incident(made, officer(made))
    enter(client, made)
    answer = client.get(f"/incidents/{incident.id}/compared?as={form}&lang=en")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert client.get(f"/incidents/{incident.id}/compared?as=odt").status_code == 400


def test_a_calendar_program_reads_the_address_without_a_session(client: Client, made: Made) -> None:
    by = officer(made)
    an_incident(made, by)
    feed, path = made.node.duty_clocks.make_feed(by)
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    key = parse_qs(urlsplit(path).query)["key"][0]
    wrong = client.get(f"/calendar/deadlines.ics?key={key[:-2]}xx")
    made.node.duty_clocks.revoke_feed(by, feed.id)
    ended = client.get(path)
    assert wrong.status_code == ended.status_code == client.get("/calendar/deadlines.ics").status_code == 404
    assert wrong.text == ended.text
