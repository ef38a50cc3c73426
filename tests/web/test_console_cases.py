"""The queues and a case in the console: what is shown to whom, and each act by its form."""

import pytest

from tests.cases_made_up import verified
from tests.console import Client, log_in, send
from tests.fixtures import Made
from tests.kept_cases import FACTS, disposed, keep_cases, page_told, removal, staff
from tests.public_reporters import PNG
from tocsin.kernel.cases import CaseState
from tocsin.kernel.custody import CustodyAct
from tocsin.kernel.disposing import Appeal, Appellant, DutyOf, Ground, Measure, Outcome, Party
from tocsin.kernel.reports import ReportContent

DECISION = {
    "outcome": "borne-out",
    "measure-visibility.removed": "on",
    "ground": "incompatible-content",
    "ground_text": "Terms, 4.2",
    "facts": FACTS,
    "explanation": "A fee for a refund is what the rule names.",
    "lang": "mn",
    "reasons": "Хуудсыг устгасан, учир нь буцаалтын өмнө хураамж нэхсэн.",
}


def test_the_queue_shows_what_waits_and_nobody_s_words(client: Client, made: Made) -> None:
    people, cases = keep_cases(made)
    log_in(client, people.tokens["ana"])
    page = client.get("/cases?lang=en").text
    for name in ("received", "triaged", "danger", "waiting"):
        assert f"/cases/{cases[name].id}" in page, name
    assert f"/cases/{cases['appealed'].id}" not in page
    assert page.index(cases["danger"].id) < page.index(cases["received"].id), "the most urgent stands first"
    assert "past due" in page
    for words in ("A refund", "refund.example", "Сугалаан"):
        assert words not in page
    assert f"/cases/{cases['appealed'].id}" in client.get("/cases?appeals=1").text
    mine = client.get("/cases?mine=1").text
    assert cases["triaged"].id in mine
    assert cases["received"].id not in mine
    assert "案件" in client.get("/cases?lang=zh").text


CHAIN = {
    "chain-host.notice": "not-met",
    "chain-host.notice-name": "The bank",
    "chain-host.notice-shown": "Its answer of 3 May.",
}
"""A link of the accountability chain, as the form sends it."""


def test_from_the_claim_to_the_decision(client: Client, made: Made) -> None:
    people = staff(made)
    case = page_told(made, "A page asks for a fee.", lang="mn")
    path = f"/cases/{case.id}"
    log_in(client, people.tokens["ana"])
    assert "A page asks for a fee." not in client.get(f"{path}?lang=en").text
    assert send(client, f"{path}/claim", path).status_code == 303
    assert "A page asks for a fee." in client.get(path).text
    sorting = {
        "category": "fraud.scam",
        "urgency": "high",
        "queue": "general",
        "reasons": "It asks for a fee.",
    }
    assert send(client, f"{path}/triage", path, **sorting).status_code == 303
    found = {"outcome": "borne-out", "reasons": "Seen on the page itself."}
    assert send(client, f"{path}/verify", path, **found).status_code == 303
    assert send(client, f"{path}/dispose", path, **DECISION, **CHAIN).status_code == 303
    page = client.get(path).text
    for text in (
        "Decided",
        DECISION["reasons"],
        "Terms, 4.2",
        "Content removed",
        "Who owed what",
        "The bank",
    ):
        assert text in page, text
    kept = made.node.cases.get(people.analyst, case.id)
    assert (kept.state, kept.disposition and kept.disposition.decided_by) == (
        CaseState.DISPOSED,
        people.analyst.user,
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reasons": "short"}, "Say why"),
        ({"facts": " "}, "This is missing"),
        ({"measure-none": "on"}, "not both"),
        ({"days": "0"}, "whole number of days"),
        ({"chain-host.notice": "met", "chain-host.notice-name": "The bank"}, "Say what shows it"),
        ({"chain-host.notice": "unknown"}, "Say whose duty it was"),
    ],
)
def test_what_a_form_lacks_is_said_and_nothing_typed_is_lost(
    client: Client, made: Made, changes: dict[str, str], said: str
) -> None:
    people = staff(made)
    case = page_told(made, "A page asks for a fee.")
    cases, by = made.node.cases, people.analyst
    cases.claim(by, case.id)
    cases.triage(by, case.id, category="fraud.scam", urgency=case.urgency, reasons="It asks for a fee.")
    cases.verify(by, case.id, outcome=Outcome.BORNE_OUT, reasons="Seen on the page itself.")
    path = f"/cases/{case.id}"
    log_in(client, people.tokens["ana"])
    answer = send(client, f"{path}/dispose", f"{path}?lang=en", **{**DECISION, **changes})
    assert answer.status_code == 422
    assert said in answer.text
    assert DECISION["explanation"] in answer.text
    assert cases.get(by, case.id).state is CaseState.VERIFIED


def test_a_grave_measure_waits_for_another_person(client: Client, made: Made) -> None:
    people, found = keep_cases(made)
    path = f"/cases/{found['waiting'].id}"
    log_in(client, people.tokens["ana"])
    assert "Another person than who proposed it" in client.get(f"{path}?lang=en").text
    assert send(client, f"{path}/approve", path).status_code == 403
    client.cookies.clear()
    log_in(client, people.tokens["bela"])
    assert send(client, f"{path}/approve", path).status_code == 303
    kept = made.node.cases.get(people.analyst, found["waiting"].id)
    assert kept.state is CaseState.DISPOSED
    assert kept.disposition is not None
    assert kept.disposition.measures == (Measure.ACCOUNT_TERMINATED,)
    assert kept.disposition.approved_by == people.reviewer.user


def test_an_appeal_is_judged_by_a_reviewer(client: Client, made: Made) -> None:
    people, found = keep_cases(made)
    path = f"/cases/{found['appealed'].id}"
    log_in(client, people.tokens["ana"])
    assert "Overturn" not in client.get(f"{path}?lang=en").text
    client.cookies.clear()
    log_in(client, people.tokens["bela"])
    assert send(client, f"{path}/claim", path).status_code == 303
    changed = {**DECISION, "outcome": "not-borne-out", "measure-none": "on", "ground": "none"}
    del changed["measure-visibility.removed"]
    assert send(client, f"{path}/overturn", path, **changed).status_code == 303
    page = client.get(f"{path}?lang=en").text
    assert "Overturned" in page
    assert made.node.cases.get(people.reviewer, found["appealed"].id).state is CaseState.OVERTURNED


def test_whose_role_reads_no_words_sees_acts_alone(client: Client, made: Made) -> None:
    from tocsin.kernel import Role

    _, found = keep_cases(made)
    access, by = made.node.access, made.node.access.operator()
    access.add_user(by, "eve", (Role.AUDITOR,))
    log_in(client, access.issue_token(by, "eve"))
    page = client.get(f"/cases/{found['triaged'].id}?lang=en").text
    assert "Your role may not read what was said." in page
    assert "triage" in page
    assert "It asks for a fee." not in page
    assert send(client, f"/cases/{found['triaged'].id}/words", "/cases").status_code == 403


def test_a_file_and_a_way_to_reach_somebody_open_for_a_purpose(client: Client, made: Made) -> None:
    people = staff(made)
    content = ReportContent(what="A page asks for a fee.", contact="+976 0000 0000")
    made.node.public_reports.submit(content, [(PNG, "image/png")])
    (case,) = made.node.cases.page(people.analyst).cases
    path = f"/cases/{case.id}"
    log_in(client, people.tokens["ana"])
    page = client.get(f"{path}?lang=en").text
    (exhibit,) = made.node.exhibits.of(people.analyst, case.id)
    assert exhibit.sha256 in page
    assert "+976" not in page
    for place in (f"{path}/contact", f"{path}/exhibits/{exhibit.id}"):
        assert send(client, place, path, purpose="why").status_code == 422
    purpose = "to ask what they saw"
    assert "+976 0000 0000" in send(client, f"{path}/contact", path, purpose=purpose).text
    saved = send(client, f"{path}/exhibits/{exhibit.id}", path, purpose=purpose)
    assert saved.content.startswith(b"\x89PNG")
    assert saved.headers["content-disposition"] == 'attachment; filename="1.png"'
    assert "sandbox" in saved.headers["content-security-policy"]
    assert send(client, f"{path}/exhibits/{exhibit.id}/veiled", path, purpose="why").status_code == 422
    assert send(client, f"{path}/exhibits/exhibit_x/veiled", path, purpose=purpose).status_code == 404
    veiled = send(client, f"{path}/exhibits/{exhibit.id}/veiled", path, purpose=purpose)
    assert (veiled.status_code, veiled.headers["content-type"]) == (200, "image/jpeg")
    assert veiled.content != saved.content
    assert "sandbox" in veiled.headers["content-security-policy"]
    assert made.node.welfare.today(people.analyst).opened == 1
    steps, broken = made.node.exhibits.custody(people.analyst, exhibit.id)
    assert broken is None
    assert (steps[-1].act, steps[-1].how) == (CustodyAct.OPENED, purpose)
    audited = [row for row in made.node.store.audit.read(act="case.contact") if row.outcome == "done"]
    assert [row.purpose for row in audited] == [purpose]
    taken = len(made.node.store.exhibits.steps(exhibit.id))
    send(client, "/account/limits", "/account/limits", a_day="1", minutes_between="0", remind_after="0")
    beyond = send(client, f"{path}/exhibits/{exhibit.id}/veiled", path, purpose=purpose)
    assert beyond.status_code == 403, "one's own limit"
    assert len(made.node.store.exhibits.steps(exhibit.id)) == taken, "what was not shown was not opened"


def test_what_stands_beside_a_case(client: Client, made: Made) -> None:
    people = staff(made)
    first = disposed(made, people.analyst, page_told(made, "A page asks for a fee before a refund."))
    made.node.similar_cases.add_precedent(
        people.reviewer,
        first.id,
        reasoning="A fee before a refund is the sign of it.",
        stands_for="A fee that comes before the refund",
    )
    chain = (DutyOf(Party.DEPLOYER, "the shop", "deployer.oversight", met=False, shown_by="its own log"),)
    second = verified(made, people.analyst, page_told(made, "A page asks for a fee before a refund."))
    given = removal(made, people.analyst, accountability=chain)
    made.node.cases.dispose(people.analyst, second.id, given)
    log_in(client, people.tokens["bela"])
    path = f"/cases/{second.id}"
    page = client.get(f"{path}?lang=en").text
    assert "Deployer: <bdi>the shop</bdi>" in page
    assert "not met" in page
    assert "A fee that comes before" not in page
    found = send(client, f"{path}/alike", path).text
    for text in (
        f"/cases/{first.id}",
        "Content removed",
        "words alike (100%)",
        "A fee that comes before the refund",
    ):
        assert text in found, text
    (compared,) = made.node.store.audit.read(act="case.compare")
    assert compared.who == people.reviewer.user
    appeal = Appeal(by=Appellant.AFFECTED, at=0, lang="en")
    made.node.cases.appeal(second.id, appeal, "it was a real refund")
    made.node.cases.claim(people.reviewer, second.id)
    changed = {"outcome": Outcome.NOT_BORNE_OUT, "ground": Ground.NONE, "ground_text": ""}
    nothing = removal(made, people.reviewer, Measure.NONE, **changed)
    made.node.cases.judge_appeal(
        people.reviewer, second.id, upheld=False, reasons="it was a real refund", disposition=nothing
    )
    assert "To be undone" in client.get(path).text
    (remedy,) = made.node.statements.remedies(people.reviewer)
    assert send(client, f"{path}/undone", path, remedy=remedy.id).status_code == 303
    assert made.node.statements.remedies(people.reviewer, still=True) == ()


def test_letters_are_shown_to_who_may_read_words(client: Client, made: Made) -> None:
    people, found = keep_cases(made)
    log_in(client, people.tokens["dov"])
    page = client.get(f"/cases/{found['appealed'].id}?lang=en").text
    assert "What the persons concerned were told" in page
    assert "Open an incident of this case" in page
    read = made.node.store.audit.read(act="case.words")
    assert [(row.who, row.subject) for row in read] == [
        (made.node.access.named("dov").id, found["appealed"].id)
    ]
    send(client, f"/cases/{found['appealed'].id}/words", "/cases")
    assert len(made.node.store.audit.read(act="case.words")) == 2, "one page is one reading"
