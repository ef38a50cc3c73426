"""The public pages, as somebody without an account or a script meets them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from itertools import pairwise

import pytest

from tests.cases_made_up import person
from tests.console import Markup
from tests.fixtures import Made, answering
from tests.public_reporters import (
    PNG,
    Client,
    decide,
    field,
    key,
    only_case,
    open_door,
    read_form,
    receipt_in,
    send_report,
)
from tocsin.kernel import BadInput, NotAllowed, Role
from tocsin.kernel.cases import CHILD_SAFETY, PROTECTED, URGENT, CaseOrigin, CaseState, Urgency
from tocsin.web.console.languages import PUBLIC, languages
from tocsin.web.public.rates import REPORTS_A_PREFIX

WHAT = "A caller with my daughter's voice asked for a lottery refund."


@pytest.fixture
def door(copied: Made) -> Made:
    """A node whose public door is open."""
    from tocsin.app.node import Node

    open_door(copied.node.data)
    copied.node.close()
    copied.node = Node(copied.node.data, clock=copied.clock)
    return copied


@pytest.fixture
def client(door: Made) -> Iterator[Client]:

    with answering(door.node) as client:
        yield client


def test_it_is_shut_unless_it_is_opened(copied: Made) -> None:

    with answering(copied.node, raise_server_exceptions=True) as client:
        for path in ("/report", "/report/new", "/report/follow", "/v1/reports/ticket"):
            assert client.get(path).status_code == 404


def test_a_report_becomes_a_case_and_is_decided_appealed_and_judged(door: Made, client: Client) -> None:
    page = send_report(
        door, client, what=WHAT, where="forum.example", when="yesterday", category="fraud.scam", answer="mn"
    )
    assert page.status_code == 201
    assert page.headers["cache-control"] == "no-store"
    receipt = receipt_in(page.text)
    case = only_case(door)
    assert (case.origin, case.lang, case.category) == (CaseOrigin.REPORT, "mn", "fraud.scam")
    analyst, other = (person(door, name, Role.REVIEWER) for name in ("ana", "bo"))
    words = door.node.cases.words(analyst, case.id)
    assert (words.what, words.where, words.notes) == (WHAT, "forum.example", ("yesterday",))

    followed = client.post("/report/follow", data=key(receipt)).text
    assert WHAT not in followed
    assert "Nobody has looked at it yet" in followed
    assert "/report/follow/appeal" not in followed

    decide(door, analyst, case.id, "The caller was not your daughter; the account is closed for a month.")
    followed = client.post("/report/follow", data=key(receipt)).text
    assert "The caller was not your daughter" in followed
    assert "An account was closed for a time." in followed
    why = "A month is too short: they call every day."
    appealed = client.post("/report/follow/appeal", data={**key(receipt), "appeal": why})
    assert "Your objection has arrived" in appealed.text
    assert "/report/follow/appeal" not in appealed.text
    assert door.node.cases.appeal_words(other, case.id) == why
    door.node.cases.claim(other, case.id)
    door.node.cases.judge_appeal(other, case.id, upheld=True, reasons="They stopped when it was closed.")
    followed = client.post("/report/follow", data=key(receipt)).text
    assert "They stopped when it was closed." in followed
    assert "The caller was not your daughter" in followed
    again = client.post("/report/follow/appeal", data={**key(receipt), "appeal": why})
    assert again.status_code == 422
    assert why in unescape(again.text), "what was typed is kept"


def test_what_is_wrong_is_told_where_it_is_and_nothing_typed_is_lost(door: Made, client: Client) -> None:
    ticket = read_form(door, client)
    sent = {"ticket": ticket, "what": " ", "where": "forum <b>", "contact": "x" * 401, "danger": "yes"}
    wrong = client.post("/report/new", data=sent)
    assert wrong.status_code == 422
    markup = Markup(wrong.text)
    invalid = {tag["id"]: tag for _, tag in markup.tags if tag.get("aria-invalid")}
    assert set(invalid) == {"what", "contact"}
    assert invalid["what"]["aria-describedby"] == "what-wrong what-hint"
    assert 'href="#what"' in wrong.text
    assert 'value="forum &lt;b&gt;"' in wrong.text
    assert re.search(r'id="danger"[^>]* checked', wrong.text)
    assert field(wrong.text, "ticket") == ticket, "the same form counts once it is right"
    assert client.post("/report/new", data={**sent, "what": WHAT, "contact": ""}).status_code == 201


def test_a_form_counts_once_and_the_same_bytes_are_answered_again(door: Made, client: Client) -> None:
    sent = {"ticket": read_form(door, client), "what": WHAT}
    first = client.post("/report/new", data=sent)
    assert receipt_in(client.post("/report/new", data=sent).text) == receipt_in(first.text)
    only_case(door)
    other = client.post("/report/new", data={**sent, "what": "Something else altogether."})
    assert other.status_code == 422
    assert "Something else altogether." in other.text
    assert field(other.text, "ticket") != sent["ticket"]
    only_case(door)


def test_files_are_kept_as_exhibits_and_shown_to_nobody(door: Made, client: Client) -> None:
    receipt = receipt_in(
        client.post(
            "/report/new",
            data={"ticket": read_form(door, client), "what": WHAT},
            files=[("files", ("my name.png", PNG, "image/png")), ("files", ("", b"", "x/y"))],
        ).text
    )
    followed = client.post("/report/follow", data=key(receipt)).text
    assert "1.png" in followed
    assert "my name" not in followed
    more = client.post(
        "/report/follow/add",
        data={**key(receipt), "turn": "0", "text": "On Tuesday."},
        files=[("files", ("a.txt", b"They called at noon.", "text/plain"))],
    )
    assert "It was added." in more.text
    assert "2.txt" in more.text
    twice = client.post("/report/follow/add", data={**key(receipt), "turn": "0", "text": "On Tuesday."})
    assert twice.text.count("You added something.") == 1, "a form that is sent again adds nothing"
    case = only_case(door)
    reviewer = person(door, "ana", Role.REVIEWER)
    assert {one.name for one in door.node.exhibits.of(reviewer, case.id)} == {"1.png", "2.txt"}
    assert "On Tuesday." in door.node.cases.words(reviewer, case.id).notes[-1]
    bad = client.post(
        "/report/new",
        data={"ticket": read_form(door, client), "what": WHAT},
        files=[("files", ("x.exe", b"MZ\x00\x01", "image/png"))],
    )
    assert bad.status_code == 422
    assert WHAT in unescape(bad.text)
    only_case(door)


def test_files_of_suspected_abuse_are_not_taken(door: Made, client: Client) -> None:
    ticket = read_form(door, client)
    sent = {"ticket": ticket, "what": "It is in the group lottery.example", "child": "yes"}
    refused = client.post("/report/new", data=sent, files=[("files", ("a.png", PNG, "image/png"))])
    assert refused.status_code == 422
    assert "None was kept" in refused.text
    receipt = receipt_in(client.post("/report/new", data=sent).text)
    case = only_case(door)
    assert case.queue == CHILD_SAFETY
    assert door.node.store.exhibits.of(case.id) == ()
    again = client.post(
        "/report/follow/add", data=key(receipt), files=[("files", ("a.png", PNG, "image/png"))]
    )
    assert again.status_code == 422
    assert door.node.store.exhibits.of(case.id) == ()


@pytest.mark.parametrize(
    ("flag", "queue", "urgency"),
    [("danger", URGENT, Urgency.IMMINENT), ("special", PROTECTED, None)],
)
def test_flags_lead_to_their_queue_at_once(
    door: Made, client: Client, flag: str, queue: str, urgency: Urgency | None
) -> None:
    send_report(door, client, what=WHAT, **{flag: "yes"})
    case = only_case(door)
    assert case.queue == queue
    assert urgency in (None, case.urgency)


def test_a_contact_lies_apart_is_opened_for_a_purpose_and_is_erased(door: Made, client: Client) -> None:
    receipt = receipt_in(send_report(door, client, what=WHAT, contact=" 8800-0000 ").text)
    case = only_case(door)
    reviewer, auditor = person(door, "ana", Role.REVIEWER), person(door, "otto", Role.AUDITOR)
    reports = door.node.public_reports
    with pytest.raises(BadInput):
        reports.contact(reviewer, case.id, "why")
    with pytest.raises(NotAllowed):
        reports.contact(auditor, case.id, "to ask what day it was")
    assert reports.contact(reviewer, case.id, "to ask what day it was") == "8800-0000"
    rows = door.node.store.audit.read(limit=9)
    assert any(row.act == "case.contact" and row.purpose == "to ask what day it was" for row in rows)
    assert "8800" not in str(door.node.cases.words(reviewer, case.id))
    erased = client.post("/report/follow/erase", data=key(receipt)).text
    assert "How to reach you is erased." in erased
    assert "Nothing about how to reach you." in erased
    assert reports.contact(reviewer, case.id, "to ask what day it was") == ""
    withdrawn = client.post("/report/follow/withdraw", data=key(receipt)).text
    assert "Your report is withdrawn." in withdrawn
    assert "/report/follow/withdraw" not in withdrawn


def test_a_wrong_number_and_a_wrong_secret_are_answered_alike(door: Made, client: Client) -> None:
    receipt = receipt_in(send_report(door, client, what=WHAT).text)
    other = receipt_in(send_report(door, client, what=WHAT).text)
    answers = [
        client.post("/report/follow", data={"number": number, "secret": secret})
        for number, secret in (
            (receipt.number, other.secret),
            ("2K7P-9QXW-R4TD", receipt.secret),
            ("none", ""),
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r'(id="number".*?value=")[^"]*', r"\1", answer.text) for answer in answers}) == 1


def test_a_flood_is_told_to_wait_and_danger_is_not(door: Made, client: Client) -> None:
    tickets = [field(client.get("/report/new").text, "ticket") for _ in range(REPORTS_A_PREFIX + 2)]
    door.now += timedelta(minutes=1)
    for ticket in tickets[:REPORTS_A_PREFIX]:
        assert client.post("/report/new", data={"ticket": ticket, "what": WHAT}).status_code == 201
    refused = client.post("/report/new?lang=mn", data={"ticket": tickets[-1], "what": WHAT})
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert '<html lang="mn">' in refused.text
    urgent = {"ticket": tickets[-1], "what": WHAT, "danger": "yes"}
    assert client.post("/report/new", data=urgent).status_code == 201


@pytest.mark.parametrize("tag", ["en", "zh", "mn"])
def test_every_page_can_be_used_by_everybody(door: Made, client: Client, tag: str) -> None:
    """Structure (WCAG 2.2 AA): a language, one heading of the first kind, a label for each control, no cookie."""
    sent = send_report(door, client, lang=tag, what=WHAT, contact="8800-0000")
    receipt = receipt_in(sent.text)
    decide(door, person(door, "ana", Role.REVIEWER), only_case(door).id, "It was found to be true.")
    pages = [
        sent,
        *(client.get(f"{path}?lang={tag}") for path in ("/report", "/report/new", "/report/follow")),
        client.post(f"/report/new?lang={tag}", data={"ticket": read_form(door, client), "what": ""}),
        client.post(f"/report/follow?lang={tag}", data=key(receipt)),
        client.post(f"/report/follow?lang={tag}", data={"number": "1", "secret": "2"}),
        client.post(f"/report/new?lang={tag}", data={"a": "1"} | {"what": "x" * 300_000}),
    ]
    for page in pages:
        assert "set-cookie" not in page.headers
        assert "script" not in page.headers["content-security-policy"]
        markup = Markup(page.text)
        assert markup.all("html")[0]["lang"] == languages(PUBLIC)[tag].html
        assert len(markup.all("h1")) == len(markup.all("main")) == 1
        assert markup.all("a")[0]["href"] == "#main"
        assert markup.all("script", "style", "iframe", "img", "object", "embed") == []
        assert not any(name.startswith("on") or name == "style" for _, tag_ in markup.tags for name in tag_)
        controls = [one for one in markup.all("input", "select", "textarea") if one.get("type") != "hidden"]
        assert {one["id"] for one in controls} == {one["for"] for one in markup.all("label")}
        ids = [one["id"] for _, one in markup.tags if "id" in one]
        assert len(ids) == len(set(ids))
        pointed = " ".join(
            one[name]
            for _, one in markup.tags
            for name in ("aria-describedby", "aria-labelledby")
            if name in one
        )
        assert set(pointed.split()) <= set(ids)
        targets = [one["href"] for one in markup.all("a") if one["href"].startswith("/report")]
        assert all(target.endswith(f"lang={other}") for target in targets for other in [target[-2:]])
        levels = [int(name[1]) for name, _ in markup.tags if name in ("h1", "h2", "h3")]
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_link_keeps_the_language_and_the_browser_is_believed_without_one(client: Client) -> None:
    assert '<html lang="mn">' in client.get("/report", headers={"Accept-Language": "mn-MN,mn;q=0.9"}).text
    chosen = client.get("/report?lang=mn", headers={"Accept-Language": "zh"}).text
    assert 'href="/report/new?lang=mn"' in chosen
    assert '<html lang="en">' in client.get("/report?lang=xx").text


def test_a_case_closed_takes_nothing_more(door: Made, client: Client) -> None:
    receipt = receipt_in(send_report(door, client, what=WHAT).text)
    by, case = person(door, "ana", Role.REVIEWER), only_case(door)
    decide(door, by, case.id, "It was found to be true.")
    door.node.cases.close(by, case.id, reasons="nothing more to do")
    followed = door.node.public_reports.follow(receipt.number, receipt.secret)
    assert (followed.state, followed.open) == (CaseState.CLOSED, False)
    assert "/report/follow/add" not in client.post("/report/follow", data=key(receipt)).text


def test_all_that_is_held_is_a_file_and_withdrawing_takes_the_contact_along(
    door: Made, client: Client
) -> None:
    receipt = receipt_in(send_report(door, client, what=WHAT, contact="+976 0000 0000").text)
    saved = client.post("/report/follow/held", data=key(receipt))
    assert saved.headers["content-disposition"] == 'attachment; filename="report.txt"'
    assert saved.headers["content-type"].startswith("text/plain")
    assert WHAT in saved.text
    assert "+976" not in saved.text
    wrong = client.post("/report/follow/held", data={**key(receipt), "secret": "another"})
    assert wrong.status_code == 404
    assert WHAT not in wrong.text
    client.post("/report/follow/withdraw", data=key(receipt))
    followed = door.node.public_reports.follow(receipt.number, receipt.secret)
    assert (followed.contact, bool(followed.withdrawn)) == (False, True)
