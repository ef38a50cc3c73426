"""The records pages: search, one record with its picture and table, an opinion; nobody's text becomes markup."""

import msgspec
import pytest

from tests.app.test_library import claim, peer_record, sighting
from tests.console import Client, Markup, furnish, log_in, send, token_for
from tests.fixtures import Made
from tocsin.kernel import TLP, Record, Role

HOSTILE = """</text><script>alert(1)</script>"'><img src=x onerror=alert(1)>"""


def kept(made: Made) -> tuple[Record, Record]:
    """An indicator that two peers say, and a sighting of the first."""
    one, two = claim(made, "lab"), claim(made, "platform")
    made.node.store.records.put([one, two, sighting(made, one.id, "institute", 6)])
    return one, two


def listed(page: str) -> list[str]:
    return [
        tag["href"].removeprefix("/records/")
        for tag in Markup(page).all("a")
        if tag.get("href", "").startswith("/records/")
    ]


def test_search_by_words_and_fields_and_what_says_the_same_is_one_line(client: Client, made: Made) -> None:
    one, two = kept(made)
    log_in(client, made.token)
    page = client.get("/records?q=recruiting").text
    assert listed(page) == [two.id], "the newest stands for both"
    assert "1 other record here says the same" in page
    assert listed(client.get("/records?type=sighting").text) != []
    assert listed(client.get("/records?peer=lab").text) == [one.id]
    assert "No record fits" in client.get("/records?q=nobody-said-this").text
    referring = listed(client.get(f"/records?ref={one.id}").text)
    assert [name.partition("--")[0] for name in referring] == ["sighting"]


def test_pages_go_to_older_records(client: Client, made: Made) -> None:
    made.node.store.records.put(
        [claim(made, "lab", f"a text of its own about number {number} " * 9) for number in range(60)]
    )
    log_in(client, made.token)
    seen: list[str] = []
    path = "/records"
    for _ in range(9):
        page = client.get(path).text
        seen += listed(page)
        following = [tag["href"] for tag in Markup(page).all("a") if tag.get("rel") == "next"]
        if not following:
            break
        path = following[0]
    assert len(seen) == len(set(seen)) == 60


def test_a_record_shows_its_picture_and_the_same_as_a_table(client: Client, made: Made) -> None:
    one, two = kept(made)
    log_in(client, made.token)
    page = client.get(f"/records/{one.id}").text
    markup = Markup(page)
    assert len(markup.all("circle")) == 1 + 2, "the bell's clapper, and two records"
    assert "<code>sighting_of_ref</code>" in page
    assert f"/records/{two.id}" in page
    assert "half in 60 days" in page
    assert "5 to 9 accounts" in page
    assert {tag["aria-labelledby"] for tag in markup.all("svg") if "aria-labelledby" in tag} == {
        "graph-title graph-text"
    }
    assert client.get(f"/records/{one.id}?steps=3").status_code == 200


def test_an_opinion_is_kept_with_its_reason(client: Client, made: Made) -> None:
    one, _ = kept(made)
    log_in(client, made.token)
    path = f"/records/{one.id}"
    wrong = send(client, f"{path}/opinion", path, opinion="perhaps", why="no")
    assert wrong.status_code == 422
    assert "Choose an opinion." in wrong.text
    done = send(client, f"{path}/opinion", path, opinion="disagree", why="it is the library's raffle")
    assert done.headers["location"] == f"{path}?done=opinion"
    page = client.get(path).text
    assert "it is the library&#39;s raffle" in page
    assert client.get(f"{path}/opinion", follow_redirects=False).headers["location"] == path


def test_an_analyst_looks_and_an_administrator_does_not(client: Client, made: Made) -> None:
    one, _ = kept(made)
    log_in(client, token_for(made, "ann", Role.ANALYST))
    page = client.get(f"/records/{one.id}")
    assert page.status_code == 200
    assert "/opinion" not in page.text
    client.cookies.clear()
    log_in(client, token_for(made, "adam", Role.ADMIN))
    assert client.get("/records").status_code == 403


def test_a_strangers_words_stay_words(client: Client, made: Made) -> None:
    furnish(made)
    value = {
        "type": "campaign",
        "id": "campaign--00000000-0000-4000-8000-000000000001",
        "name": HOSTILE,
        "labels": ["\u202eevil"],
        "x_ref": "malware--00000000-0000-4000-8000-000000000002",
    }
    hostile = peer_record(
        made, "campaign", msgspec.json.encode(value), "lab", category=HOSTILE, tlp=TLP.GREEN
    )
    made.node.store.records.put([hostile])
    log_in(client, made.token)
    for path in ("/records?q=alert", f"/records/{hostile.id}"):
        page = client.get(path).text
        assert "alert(1)" in page
        assert Markup(page).all("script", "img") == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/records/indicator--none", 404),
        ("/records/" + "x" * 400, 404),
        ("/records?origin=none", 400),
        ("/records?tlp=purple", 400),
        ("/records?before=abc", 400),
        ("/records?before=" + "9" * 40, 400),
    ],
)
def test_what_there_is_not_is_said(client: Client, made: Made, path: str, status: int) -> None:
    log_in(client, made.token)
    assert client.get(path).status_code == status
