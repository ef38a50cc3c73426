"""The page of conversations: for a trained reviewer alone, opened by a form with a purpose, in both languages."""

from datetime import timedelta

import pytest

from tests.app.test_conversations import PLAN, talk
from tests.app.test_judged import FREE, RIGHT, asked, bear_out, say
from tests.console import Client, Markup, log_in, send, token_for
from tests.fixtures import Made
from tocsin.kernel import Role


def trained(made: Made, client: Client) -> None:
    token = token_for(made, "rosa", Role.REVIEWER)
    operator = made.node.access.operator()
    made.node.access.set_trained(operator, "rosa", trained=True, statement="course of two days, June")
    log_in(client, token)


def path_of(client: Client) -> str:
    page = client.get("/sessions").text
    return next(
        form["action"] for form in Markup(page).all("form") if form["action"].startswith("/sessions/")
    )


def test_the_list_and_one_conversation(made: Made, client: Client) -> None:
    talk(made)
    made.now += timedelta(hours=2)
    trained(made, client)
    assert 'href="/sessions"' in client.get("/warnings").text
    listed = client.get("/sessions").text
    assert not any(text in listed for text in PLAN)
    page = send(client, path_of(client), "/sessions", purpose="report of a worried friend")
    assert page.status_code == 200
    assert all(text in page.text for text in PLAN)
    assert "<svg" in page.text
    assert "report of a worried friend" in page.text
    assert (
        "招揽他人"
        in client.post(
            f"{path_of(client)}?lang=zh", data=_form(client), headers={"Origin": "http://testserver.local"}
        ).text
    )


@pytest.mark.net
def test_the_page_says_which_guard_flagged_what_and_how_far_people_bear_it_out(
    made: Made, request: pytest.FixtureRequest
) -> None:
    say(made, FREE)
    asked(made)
    client: Client = request.getfixturevalue(
        "client"
    )  # it builds every service: the guard's file is there by then
    bear_out(made, *RIGHT)
    trained(made, client)
    page = send(client, path_of(client), "/sessions", purpose="report of a worried friend").text
    assert page.count("Flagged by guard mine, ") == len(FREE)
    assert page.count("(borne out by people here by 100%)") == len(FREE)
    assert "flagged 5 of 5 messages" in page
    chinese = client.post(
        f"{path_of(client)}?lang=zh", data=_form(client), headers={"Origin": "http://testserver.local"}
    ).text
    assert chinese.count("被防护模型 mine 标记为“诈骗”") == len(FREE)


def _form(client: Client) -> dict[str, str]:
    from tests.console import csrf_of

    return {"csrf": csrf_of(client.get("/sessions").text), "purpose": "report of a worried friend"}


def test_without_a_purpose_the_list_comes_back_and_nothing_was_opened(made: Made, client: Client) -> None:
    talk(made)
    trained(made, client)
    page = send(client, path_of(client), "/sessions", purpose="x")
    assert page.status_code == 422
    assert not any(text in page.text for text in PLAN)
    assert made.node.store.audit.read(act="conversation.open") == ()


def test_by_hand_one_is_led_to_the_list(made: Made, client: Client) -> None:
    talk(made)
    trained(made, client)
    assert client.get(path_of(client), follow_redirects=False).headers["location"] == "/sessions"


def test_nobody_else_sees_the_page_or_its_link(made: Made, client: Client) -> None:
    talk(made)
    log_in(client, made.token)
    assert 'href="/sessions"' not in client.get("/warnings").text
    assert client.get("/sessions").status_code == 403
    assert client.get("/sessions/any").status_code == 403
    assert send(client, "/sessions/any", "/warnings", purpose="to look around").status_code == 403
    assert made.node.store.audit.read(act="conversation.open")[0].outcome == "refused"


def test_an_empty_list_says_so(made: Made, client: Client) -> None:
    trained(made, client)
    assert "No conversation rings" in client.get("/sessions").text
