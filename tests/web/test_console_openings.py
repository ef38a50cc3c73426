"""The page of openings: for auditors, and for whoever says a second yes."""

import pytest

from tests.console import Client, furnish, log_in, send, token_for
from tests.fixtures import Made
from tocsin.kernel import Role


def open_some(made: Made) -> str:
    """A reviewer opens the samples of the first warning; its id."""
    warning = furnish(made)[0]
    caller = made.node.access.authenticate(token_for(made, "chen", Role.REVIEWER))
    assert caller is not None
    made.node.reviewing.samples(caller, warning.id, "is this one group <b>")
    return warning.id


def test_an_auditor_reads_who_opened_what(made: Made, client: Client) -> None:
    warning = open_some(made)
    log_in(client, token_for(made, "ines", Role.AUDITOR))
    page = client.get("/openings").text
    for shown in ("chen", "reviewer", "is this one group &lt;b&gt;", f"/warnings/{warning}", "2026-11-16"):
        assert shown in page
    assert "Say yes" not in page
    assert 'href="/openings" aria-current="page"' in page
    assert "打开记录" in client.get("/openings?lang=zh").text


def test_a_reviewer_says_yes_and_sees_no_list(made: Made, client: Client) -> None:
    open_some(made)
    log_in(client, token_for(made, "tuya", Role.REVIEWER))
    page = client.get("/openings").text
    assert "is this one group" not in page
    answer = send(client, "/openings/allow", "/openings", name="chen")
    assert answer.headers["location"] == "/openings?done=allowed"
    assert "counts for today" in client.get("/openings?done=allowed").text
    assert made.node.store.audit.read(act="openings.allow")[0].subject == "chen"
    assert send(client, "/openings/allow", "/openings", name="tuya").status_code == 400
    assert send(client, "/openings/allow", "/openings", name="nobody").status_code == 404
    assert client.get("/openings/allow", follow_redirects=False).headers["location"] == "/openings"


@pytest.mark.parametrize("role", [Role.ANALYST])
def test_others_are_refused(made: Made, client: Client, role: Role) -> None:
    log_in(client, token_for(made, "other", role))
    assert client.get("/openings").status_code == 403
