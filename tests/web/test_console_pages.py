"""What the pages show, to whom, and that nobody's text becomes markup."""

import msgspec
import pytest

from tests.console import (
    REASONS,
    REFUTATIONS,
    Client,
    Markup,
    a_release,
    a_warning,
    furnish,
    log_in,
    send,
    token_for,
)
from tests.fixtures import Made
from tocsin.kernel import Peer, Reason, Review, Role, WarningKind, WarningStatus
from tocsin.store.interface import AuditRow
from tocsin.taxonomy.messages import sentences

FIRST = "/warnings/00000000-0000-5000-8000-000000000000"
HOSTILE = """</td><script>alert(1)</script>"'><img src=x onerror=alert(1)><svg/onload=alert(1)>"""
PLAIN_TAGS = ("script", "img", "iframe", "object", "embed", "style", "base")


def headings(page: str) -> list[str]:
    """The categories of the rows, in the order shown."""
    return [tag["href"] for tag in Markup(page).all("a") if tag.get("href", "").startswith("/warnings/0")]


def test_the_list_sorts_by_link(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    newest = headings(client.get("/warnings").text)
    assert newest == sorted(newest)
    page = client.get("/warnings?sort=actors").text
    assert headings(page) == newest, "fewest accounts first is how they were made"
    order = {tag["aria-sort"] for tag in Markup(page).all("th") if "aria-sort" in tag}
    assert order == {"ascending", "none"}
    assert 'href="/warnings?sort=-actors"' in page
    assert headings(client.get("/warnings?sort=-actors").text) == newest[::-1]


@pytest.mark.parametrize(
    "sort", ["category", "kind", "events", "first", "last", "risk", "confidence", "status"]
)
def test_every_column_sorts_both_ways(client: Client, made: Made, sort: str) -> None:
    furnish(made)
    log_in(client, made.token)
    for way in (sort, f"-{sort}"):
        assert len(headings(client.get(f"/warnings?sort={way}").text)) == 9


def test_the_list_filters(client: Client, made: Made) -> None:
    made_up = furnish(made)
    log_in(client, made.token)
    for query, fits in (
        ("status=quieted", [w for w in made_up if w.status is WarningStatus.QUIETED]),
        ("kind=look-back", [w for w in made_up if w.kind is WarningKind.LOOK_BACK]),
        ("category=cyber.phishing", [w for w in made_up if w.category == "cyber.phishing"]),
        ("q=PHISH", [w for w in made_up if w.category == "cyber.phishing"]),
        ("q=key-7", [made_up[7]]),
    ):
        shown = headings(client.get(f"/warnings?{query}").text)
        assert sorted(shown) == sorted(f"/warnings/{warning.id}" for warning in fits), query
    page = client.get("/warnings?status=open&q=scam&sort=-actors").text
    assert 'value="scam"' in page
    assert "status=open&amp;q=scam&amp;sort=actors" in page, "sorting keeps the filter"


def test_an_empty_list_says_what_to_do(client: Client, made: Made) -> None:
    log_in(client, made.token)
    assert "tocsin watch ingest" in client.get("/warnings").text
    furnish(made)
    page = client.get("/warnings?q=nothing-has-this").text
    assert "Nothing fits these filters" in page
    assert "<table" not in page


@pytest.mark.parametrize("query", ["sort=password", "status=gone", "kind=x", "page=x", "page=" + "9" * 5_000])
def test_a_view_that_is_none_is_400(client: Client, made: Made, query: str) -> None:
    log_in(client, made.token)
    assert client.get(f"/warnings?{query}").status_code == 400


def test_pages_of_the_list(client: Client, made: Made) -> None:
    furnish(made, warnings=30)
    log_in(client, made.token)
    assert len(headings(client.get("/warnings").text)) == 25
    second = client.get("/warnings?page=2").text
    assert len(headings(second)) == 5
    assert 'rel="prev"' in second
    assert headings(client.get("/warnings?page=999999").text) == headings(second)


def test_a_warning_says_why(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    page = client.get(FIRST).text
    for text in (
        "Why it rang",
        "What would refute it",
        "Uplift of skill",
        "rings from 5.00",
        "TMR:1.0/U:L/S:H",
        "9 of 14 accounts share a wallet",
    ):
        assert text in page
    markup = Markup(page)
    bars = [tag for tag in markup.all("rect") if "height" in tag]
    rows = page.split('class="small"')[1].split("</table>")[0].count("<tr>") - 1
    assert rows == len(bars) == 11, "the table holds what the picture shows"
    assert {reason.code for reason in (*REASONS, *REFUTATIONS)} <= set(sentences())
    assert "campaign--0b9c7f0e" in page
    assert f'href="/left/lab/{"cd" * 32}"' in page


def test_the_list_shows_the_weightiest_reason(client: Client, made: Made) -> None:
    furnish(made, warnings=1)
    log_in(client, made.token)
    page = client.get("/warnings").text
    assert "9 of 14 accounts share a wallet" in page
    assert "That alone is no evidence" not in page


def test_a_code_without_a_sentence_is_seen(client: Client, made: Made) -> None:
    warning = a_warning(0, now=made.now, reasons=(Reason("from.the.future", {"accounts": 12}),))
    made.node.store.warnings.upsert(warning)
    log_in(client, made.token)
    assert "from.the.future (accounts=12)" in client.get(FIRST).text


@pytest.mark.parametrize(
    ("role", "pages", "samples", "review"),
    [
        (
            Role.ANALYST,
            {
                "/warnings",
                "/trends",
                "/counts",
                "/rules",
                "/records",
                "/peers",
                "/left",
                "/guards",
                "/channels",
                "/taxonomy",
            },
            True,
            False,
        ),
        (
            Role.REVIEWER,
            {
                "/warnings",
                "/trends",
                "/counts",
                "/rules",
                "/records",
                "/peers",
                "/left",
                "/guards",
                "/channels",
                "/taxonomy",
            },
            True,
            True,
        ),
        (
            Role.AUDITOR,
            {
                "/warnings",
                "/trends",
                "/counts",
                "/rules",
                "/records",
                "/peers",
                "/left",
                "/guards",
                "/channels",
                "/taxonomy",
                "/audit",
                "/log",
            },
            False,
            False,
        ),
        (Role.ADMIN, {"/peers", "/left", "/guards", "/channels", "/taxonomy"}, False, False),
    ],
)
def test_each_role_sees_and_does_its_own(
    client: Client, made: Made, role: Role, pages: set[str], samples: bool, review: bool
) -> None:
    furnish(made)
    log_in(client, token_for(made, "somebody", role))
    answers = {
        path: client.get(path)
        for path in (
            "/warnings",
            "/trends",
            "/counts",
            "/rules",
            "/records",
            "/peers",
            "/left",
            "/guards",
            "/channels",
            "/taxonomy",
            "/audit",
            "/log",
        )
    }
    assert {path for path, answer in answers.items() if answer.status_code == 200} == pages
    assert {answer.status_code for answer in answers.values()} <= {200, 403}
    assert client.get("/").status_code == 200, "everybody has a first page"
    links = {
        tag["href"]
        for answer in answers.values()
        if answer.status_code == 200
        for tag in Markup(answer.text).all("a")
    }
    assert links & set(answers) == pages, "the menu offers what the role may open"
    opened = send(client, f"{FIRST}/samples", "/peers", purpose="To judge this warning")
    assert (opened.status_code == 200) is samples
    form = {"verdict": "dismissed", "statement": "A game that everybody plays.", "days": "30"}
    done = send(client, f"{FIRST}/review", "/peers", **form)
    assert (done.status_code == 303) is review
    if "/warnings" in pages:
        page = client.get("/warnings/00000000-0000-5000-8000-000000000001").text
        assert ("/review" in page) is review
    refused = {row.act for row in made.node.store.audit.read() if row.outcome == "refused"}
    assert ("sample.open" in refused) is not samples
    assert ("warning.review" in refused) is not review


def test_an_analyst_may_look_and_not_publish(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, token_for(made, "ann", Role.ANALYST))
    page = client.get("/share?peer=lab&purpose=misuse-defence")
    assert page.status_code == 200
    assert 'action="/share"' not in page.text
    form = {"peer": "lab", "purpose": "misuse-defence", "digest": "ab" * 32}
    assert send(client, "/share", "/peers", **form).status_code == 403
    assert made.node.store.releases.manifests() != ()


def test_peers_in_plain_words(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    page = client.get("/peers").text
    for text in (
        "The last pull was complete.",
        "3 failures in a row.",
        "ask its operator",
        "2 minutes ago",
        "TLP:AMBER",
    ):
        assert text in page
    assert "until its key has been compared" in page


def test_a_manifest_shows_each_field_and_reason(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    page = client.get(f"/left/lab/{'cd' * 32}").text
    for text in (
        "share.known-type",
        "share.marking-above-ceiling",
        "1 field withheld",
        "description",
        "1,433",
    ):
        assert text in page
    for path in (f"/left/institute/{'cd' * 32}", f"/left/lab/{'ef' * 32}"):
        assert client.get(path).status_code == 404


def test_the_audit_filters(client: Client, made: Made) -> None:
    log_in(client, made.token)
    made.node.access.audit("node", "key.destroy", subject="2026-01-01", purpose="retention")
    page = client.get("/audit").text
    assert "session.open" in page
    assert "key.destroy" in page
    assert "session.open" not in client.get("/audit?act=key.destroy").text
    assert "No such act" in client.get("/audit?act=nothing").text


def test_nobodys_text_becomes_markup(client: Client, made: Made) -> None:
    """A hostile text in every field that comes from outside or from a person, on every page."""
    store = made.node.store
    furnish(made, warnings=1)
    operator = made.node.access.operator()
    warning = a_warning(
        7,
        now=made.now,
        key=HOSTILE,
        category=HOSTILE,
        peer=HOSTILE,
        reasons=(
            Reason(HOSTILE, {HOSTILE: HOSTILE}),
            Reason(next(iter(a_warning(1, now=made.now).reasons)).code, {}),
        ),
        refutations=(Reason(HOSTILE, {}),),
        samples=(HOSTILE,),
    )
    store.warnings.upsert(warning)
    store.warnings.review(
        Review(
            warning=warning.id,
            by=HOSTILE,
            at=1,
            verdict=WarningStatus.DISMISSED,
            category=HOSTILE,
            statement=HOSTILE,
            basis=HOSTILE,
            expires=2,
        )
    )
    store.peers.add(Peer(name=HOSTILE, url=HOSTILE, last_error=HOSTILE, failures=1, purposes=(HOSTILE,)))
    store.audit.write(
        AuditRow(
            at=1,
            who=HOSTILE,
            act=HOSTILE,
            subject=HOSTILE,
            purpose=HOSTILE,
            outcome=HOSTILE,
            detail={HOSTILE: HOSTILE},
        )
    )
    _, manifest = a_release(warning.id, HOSTILE)
    manifest = msgspec.structs.replace(manifest, digest="ef" * 32)
    store.releases.log_manifest(manifest, by=HOSTILE, at=2)
    made.node.access.add_user(operator, "<b>bold</b>", (Role.AUDITOR,))
    log_in(client, made.token)
    pages = {
        path: client.get(path, params=query).text
        for path, query in [
            ("/warnings", {}),
            ("/warnings", {"q": HOSTILE, "category": HOSTILE}),
            (f"/warnings/{warning.id}", {"done": HOSTILE}),
            ("/warnings", {"status": HOSTILE}),
            ("/peers", {}),
            ("/left", {}),
            (f"/left/lab/{'ef' * 32}", {}),
            ("/share", {"peer": HOSTILE, "purpose": HOSTILE}),
            ("/audit", {"who": HOSTILE, "act": HOSTILE}),
            ("/audit", {}),
            ("/login", {"next": HOSTILE}),
        ]
    }
    open_one = f"/warnings/{a_warning(0, now=made.now).id}"
    form = {"verdict": "confirmed", "category": HOSTILE, "basis": HOSTILE, "statement": HOSTILE}
    pages["review"] = send(client, f"{open_one}/review", open_one, **form).text
    pages["samples"] = send(client, f"{open_one}/samples", open_one, purpose=HOSTILE).text
    seen = 0
    for name, page in pages.items():
        markup = Markup(page)
        assert not markup.all(*PLAIN_TAGS), name
        assert not [key for _, attributes in markup.tags for key in attributes if key.startswith("on")], name
        seen += "alert(1)" in page
    assert seen >= 8, "the hostile text was on the pages at all"


def test_a_hostile_sample_is_shown_as_text(client: Client, made: Made) -> None:
    from datetime import timedelta

    from tocsin.kernel import EventLine, Kind

    made.node.acceptor.accept(
        [
            EventLine(
                id="hostile",
                time=made.now - timedelta(hours=1),
                source="<em>forum</em>",
                kind=Kind.POST,
                actor="x",
                text=f"lottery refund {HOSTILE}",
                lang='en" onmouseover="alert(1)',
            )
        ]
    )
    made.node.store.warnings.upsert(a_warning(0, now=made.now, samples=("hostile",)))
    log_in(client, made.token)
    page = send(client, f"{FIRST}/samples", FIRST, purpose="To judge this warning").text
    assert "lottery refund" in page
    markup = Markup(page)
    assert not markup.all(*PLAIN_TAGS, "em")
    assert not [key for _, attributes in markup.tags for key in attributes if key.startswith("on")]
