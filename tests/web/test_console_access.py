"""The page of access: what stands, what an answer would be, grants, and a person in the loop."""

import base64

import pytest

from tests.admission import later, put_in_force, released
from tests.app.test_admission import ASKED, EVIDENCE, OTHER, grant, granted
from tests.app.test_control_looks import ACT, Dam
from tests.console import ORIGIN, Client, csrf_of, log_in, send, token_for
from tests.fixtures import Made
from tests.gate.making import ARTEFACT
from tocsin.admit.control import LEAST_LOOK_SECONDS
from tocsin.app.admission import STALE_SECONDS
from tocsin.kernel import Role
from tocsin.kernel.release import Tier
from tocsin.trust.admission_policy import FOLDER

QUESTION = {"subject": "ps_ada", "model": ARTEFACT, "capability": "chat", "act": "use", "purpose": "teaching"}
GIVEN = {
    "subject": "ps_ada",
    "model": ARTEFACT,
    "capability": "*",
    "purpose": "teaching",
    "days": "30",
    "vouches": "vetted",
    "evidence": EVIDENCE,
    "reason": "a course of chemistry",
}


@pytest.fixture
def restricted(made: Made) -> Made:
    put_in_force(made, released(Tier.RESTRICTED))
    return made


def test_a_grant_opens_what_the_answer_said_it_would_and_its_revocation_closes_it(
    restricted: Made, client: Client
) -> None:
    log_in(client, token_for(restricted, "tuya", Role.ADMIN))
    asked = send(client, "/access/explain", "/access", **QUESTION, terms="1").text
    assert "It would be refused." in asked
    assert "A grant of chat to this user, for this purpose." in asked
    assert 'value="ps_ada"' in asked
    answer = send(client, "/access/grants", "/access", **GIVEN)
    path, _, done = answer.headers["location"].partition("?")
    assert done == "done=granted"
    later(restricted, STALE_SECONDS)
    assert granted(restricted)
    page = send(client, "/access/explain", "/access", **QUESTION, terms="1").text
    assert "It would be granted." in page
    assert "log it" in page
    assert "ps_ada" in client.get(path).text
    wrong = send(client, f"{path}/revoke", path, reason="short")
    assert (wrong.status_code, ">short</textarea>" in wrong.text) == (422, True)
    assert 'aria-describedby="reason-wrong"' in wrong.text
    ended = send(client, f"{path}/revoke", path, reason="it was used to defraud")
    assert ended.headers["location"] == f"{path}?done=revoked"
    later(restricted, STALE_SECONDS)
    assert not granted(restricted)
    assert "it was used to defraud" in client.get(path).text
    acts = [row.act for row in restricted.node.store.audit.read() if row.act.startswith("access.")]
    assert acts == ["access.revoke", "access.grant"]


WRONG = (
    ("subject", ""),
    ("model", "no model of this name"),
    ("capability", "a b"),
    ("purpose", ""),
    ("purpose", "Not A Word"),
    ("days", "0"),
    ("days", "٣"),
    ("vouches", "emperor"),
    ("evidence", "passport"),
    ("evidence", ""),
    ("reason", "no"),
)


def test_an_error_stands_beside_its_field_and_nothing_typed_is_lost(restricted: Made, client: Client) -> None:
    log_in(client, token_for(restricted, "tuya", Role.ADMIN))
    token = csrf_of(client.get("/access").text)
    for field, value in WRONG:
        sent = {**GIVEN, "csrf": token, field: value}
        answer = client.post("/access/grants", data=sent, headers=ORIGIN)
        assert answer.status_code == 422, (field, value)
        assert answer.text.count('class="wrong"') == 1, (field, value)
        assert f'id="g-{field}-wrong"' in answer.text
        for name, typed in GIVEN.items():
            if name not in (field, "vouches", "reason"):
                assert f'id="g-{name}" name="{name}" type="text" value="{typed}"' in answer.text
    assert restricted.node.store.admission.grants() == ()


def test_a_question_that_cannot_be_asked_comes_back(restricted: Made, client: Client) -> None:
    log_in(client, token_for(restricted, "tuya", Role.AUDITOR))
    answer = send(client, "/access/explain", "/access", **{**QUESTION, "act": "rule", "purpose": "Two Words"})
    assert answer.status_code == 422
    assert {f'id="e-{name}-wrong"' in answer.text for name in ("act", "purpose")} == {True}
    assert 'value="Two Words"' in answer.text
    assert client.get("/access/explain", follow_redirects=False).headers["location"] == "/access"


def test_answers_are_counts_and_nobody_is_in_them(restricted: Made, client: Client) -> None:
    for request in (ASKED, OTHER):
        restricted.node.admission.answered(request)
    grant(restricted, subject="ps_cy")
    log_in(client, token_for(restricted, "ines", Role.AUDITOR))
    page = client.get("/access").text
    assert "no grant names this one for this purpose" in page
    assert "ps_ada" not in page
    assert "ps_cy" in page, "a grant is by pseudonym"
    assert "/access/grants#" not in page, "an auditor names nobody"
    assert "没有授权就此用途指名该用户" in client.get("/access?lang=zh").text
    path = f"/access/grants/{restricted.node.store.admission.grants()[0].id}"
    assert "/revoke" not in client.get(path).text
    assert send(client, f"{path}/revoke", path, reason="it was used to defraud").status_code == 403
    assert send(client, "/access/grants", "/account", **GIVEN).status_code == 403


def test_what_overlays_ask_and_what_contradicts_is_said_aloud(restricted: Made, client: Client) -> None:
    folder = restricted.node.data / "policies" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    rule = '@id("own.nothing") forbid (principal, action, resource);'
    (folder / "own.cedar").write_text(rule, "utf-8")
    log_in(client, token_for(restricted, "tuya", Role.REVIEWER))
    page = client.get("/access").text
    assert "Rules that contradict the release decision" in page
    assert "own.nothing" in page
    (folder / "own.cedar").write_text("permit everything", "utf-8")
    page = client.get("/access").text
    assert "nothing is granted until it is mended" in page


def test_a_person_looks_approves_and_stops(made: Made, client: Client) -> None:
    dam = Dam(made)
    look = dam.looks.ask(dam.source, ACT)
    log_in(client, token_for(made, "cy", Role.REVIEWER))
    path = f"/access/looks/{look.id}"
    assert path in client.get("/access").text
    page = client.get(path).text
    assert ACT.shown not in page, "who has not seen it cannot copy what it is"
    other = send(client, f"{path}/open", path, shown="00" * 32)
    assert (other.status_code, "is not what is to be approved" in other.text) == (422, True)
    assert send(client, f"{path}/open", path, shown=ACT.shown).headers["location"] == path
    early = send(client, f"{path}/approve", path)
    assert (early.status_code, "less is a click" in early.text) == (422, True)
    later(made, LEAST_LOOK_SECONDS)
    page = send(client, f"{path}/approve", path).text
    record = base64.b64decode(page.partition("readonly>")[2].partition("<")[0])
    assert dam.asked(record) == (True, "released")
    assert send(client, f"{path}/stop", path).headers["location"] == "/access?done=stopped"
    later(made, STALE_SECONDS)
    assert not dam.asked(record)[0]
    assert path not in client.get("/access").text
    assert "Stopped" in client.get(path).text
    assert client.get(f"{path}/stop", follow_redirects=False).headers["location"] == path


def test_who_may_not_is_refused(restricted: Made, client: Client) -> None:
    log_in(client, token_for(restricted, "ann", Role.ANALYST))
    assert client.get("/access").status_code == 403
    assert client.get("/access/looks/look_0").status_code == 403
