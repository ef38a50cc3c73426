"""POST /v1/access/decide in AuthZEN's form: who may ask, what is answered, and that who somebody is by birth is not
read.
"""

import asyncio
import json
import random
from typing import Any
from unittest.mock import patch

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.admission import body, gateway, later, put_in_force, question, released
from tests.app.test_admission import grant
from tests.fixtures import Made
from tests.gate.making import ARTEFACT
from tocsin.admit import Known, question_of
from tocsin.app.admission import STALE_SECONDS
from tocsin.kernel import Role, micros
from tocsin.kernel.admission import Held, Subject, VerificationLevel
from tocsin.kernel.release import Tier
from tocsin.web.access import Gateways
from tocsin.web.access_held import HeldAnswers
from tocsin.wire.authzen import read_evaluation

DECIDE = "/v1/access/decide"


@pytest.fixture
def made(copied: Made) -> Made:
    put_in_force(copied, released(Tier.RESTRICTED))
    return copied


@pytest.fixture
def asks(made: Made) -> dict[str, str]:
    return {"Authorization": f"Bearer {gateway(made)}"}


def test_the_answer_has_reasons_what_would_change_it_and_obligations(
    client: TestClient[Litestar], asks: dict[str, str], made: Made
) -> None:
    answer = client.post(DECIDE, content=body(), headers=asks | {"X-Request-ID": "one"})
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (200, "one")
    said = answer.json()
    assert said["decision"] is False
    assert set(said["context"]["reasons"][0]["says"]) == {"en", "zh"}
    assert said["context"]["obligations"][0]["id"] == "step-up-verification"
    assert [one["id"] for one in said["context"]["change"][0]] == ["vetting", "grant"]
    grant(made)
    later(made, STALE_SECONDS)
    told = client.post("/access/v1/evaluation", content=body(), headers=asks).json()
    assert (told["decision"], [one["id"] for one in told["context"]["obligations"]]) == (True, ["log"])


def test_several_are_answered_in_order_and_the_rest_left_out_where_that_was_asked(
    client: TestClient[Litestar], asks: dict[str, str], made: Made
) -> None:
    grant(made)
    items = [{"action": {"name": name}} for name in ("use", "download", "operate")]

    def decisions(**options: str) -> list[bool]:
        asked = question() | {"evaluations": items, "options": options}
        answer = client.post("/v1/access/evaluations", content=json.dumps(asked), headers=asks)
        return [one["decision"] for one in answer.json()["evaluations"]]

    assert decisions() == [True, False, True]
    assert decisions(evaluations_semantic="deny_on_first_deny") == [True, False]
    assert decisions(evaluations_semantic="permit_on_first_permit") == [True]
    answer = client.post("/access/v1/evaluations", content=body(), headers=asks)
    assert [one["decision"] for one in answer.json()["evaluations"]] == [True]


def test_only_a_gateway_asks_and_a_revoked_one_no_more(
    client: TestClient[Litestar], asks: dict[str, str], made: Made
) -> None:
    assert client.post(DECIDE, content=body()).status_code == 401
    operator = made.node.access.operator()
    made.node.access.add_user(operator, "cy", (Role.AUDITOR,))
    auditor = {"Authorization": f"Bearer {made.node.access.issue_token(operator, 'cy')}"}
    assert client.post(DECIDE, content=body(), headers=auditor).status_code == 403
    assert client.post(DECIDE, content=body(), headers=asks).status_code == 200
    (token,) = made.node.store.people.tokens(made.node.access.named("gateway").id)
    made.node.access.revoke_token(operator, token.id)
    later(made, STALE_SECONDS)
    assert client.post(DECIDE, content=body(), headers=asks).status_code == 401


def test_what_is_held_is_given_before_the_framework_and_is_the_same(
    client: TestClient[Litestar], asks: dict[str, str], made: Made
) -> None:
    asks |= {"X-Request-ID": "one"}
    first = client.post(DECIDE, content=body(), headers=asks)
    with patch.object(Litestar, "__call__", side_effect=AssertionError("the long way")):
        again = client.post(DECIDE, content=body(), headers=asks)
        assert (again.content, dict(again.headers)) == (first.content, dict(first.headers))
        for other in (
            {"content": body("ps_bo"), "headers": asks},
            {"content": body(), "headers": asks | {"Authorization": "Bearer other"}},
            {"content": body(), "headers": [*asks.items(), ("Authorization", "Bearer other")]},
            {"content": body(), "headers": asks | {"Signature-Input": "sig1=()"}},
        ):
            assert client.post(DECIDE, **other).status_code == 500, "it went the long way"
        later(made, STALE_SECONDS)
        assert client.post(DECIDE, content=body(), headers=asks).status_code == 500
    bo = client.post(DECIDE, content=body("ps_bo"), headers=asks)
    assert bo.status_code == 200
    with patch.object(Litestar, "__call__", side_effect=AssertionError("the long way")):
        assert client.post(DECIDE, content=body("ps_bo"), headers=asks).content == bo.content


def test_a_question_that_comes_in_pieces_or_breaks_off_goes_the_long_way_from_its_start(made: Made) -> None:
    held = HeldAnswers(made.node, gateways := Gateways(), {})
    gateways.note(b"Bearer t", micros(made.now))
    made.node.admission.read(body())
    scope: Any = {"headers": [(b"authorization", b"Bearer t")]}
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def give(*messages: Any) -> list[Any]:
        """What the long way receives."""
        waiting = list(messages)

        async def receive() -> Any:
            return waiting.pop(0)

        rest = await held.give(scope, receive, send)
        return [] if rest is None else [await rest() for _ in messages]

    pieces = [{"type": "http.request", "body": body()[:9], "more_body": True}]
    pieces += [{"type": "http.request", "body": body()[9:], "more_body": False}]
    assert asyncio.run(give(*pieces)) == pieces
    gone = {"type": "http.disconnect"}
    assert asyncio.run(give(gone)) == [gone]
    assert not sent
    assert asyncio.run(give({"type": "http.request", "body": body(), "more_body": False})) == []
    assert (sent[0]["status"], json.loads(sent[1]["body"])["decision"]) == (200, False)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"[]",
        b'{"subject": 1}',
        body()[:-1] + b', "subject": {"type": "user", "id": "ps_bo"}}',
        json.dumps(question(action={"name": "anything"})).encode(),
        json.dumps(question(subject={"type": "user", "id": ""})).encode(),
        json.dumps(question(context={"purpose": "Not A Word"})).encode(),
        json.dumps(question(context={"shown": "passport"})).encode(),
        json.dumps(question(context={"human_control": "!"})).encode(),
        b'{"context":' + b"[" * 100 + b"]" * 100 + b"}",
    ],
)
def test_what_is_no_question_is_told_so(
    client: TestClient[Litestar], asks: dict[str, str], sent: bytes
) -> None:
    answer = client.post(DECIDE, content=sent, headers=asks)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_too_much_is_told_so(client: TestClient[Litestar], asks: dict[str, str]) -> None:
    assert client.post(DECIDE, content=b" " * 70_000, headers=asks).status_code == 413
    many = json.dumps(question() | {"evaluations": [{}] * 51})
    assert client.post("/v1/access/evaluations", content=many, headers=asks).status_code == 413


def test_where_the_api_is_anybody_is_told(client: TestClient[Litestar]) -> None:
    told = client.get("/.well-known/authzen-configuration").json()
    assert told["access_evaluation_endpoint"] == told["policy_decision_point"] + "/access/v1/evaluation"


NAMES = ("Ada Marsh", "عائشة", "李娜", "Ойбек", "Nguyễn Thị Hoa", "ამირან")
APPLICANTS = 10_000


def _applicants(count: int, subject: str = "") -> list[bytes]:
    """Alike but for name, script, country of service and language; each their own pseudonym, or all the same."""
    draw = random.Random(3)
    made = []
    for number in range(count):
        properties = {
            "name": f"{draw.choice(NAMES)} {number}",
            "script": draw.choice(("Latn", "Arab", "Hans", "Cyrl", "Geor")),
            "service_country": draw.choice(("XX", "YY", "ZZ")),
            "nationality": draw.choice(("XX", "YY", "ZZ")),
            "language": draw.choice(("en", "ar", "zh", "uz", "vi", "ka")),
        }
        asked = question() | {
            "subject": {"type": "user", "id": subject or f"ps_{number}", "properties": properties}
        }
        made.append(json.dumps(asked, ensure_ascii=False).encode())
    return made


LEGAL = Held(VerificationLevel.LEGAL_IDENTITY, 9)
VETTED = Held(VerificationLevel.VETTED, 9, purpose="teaching")


@pytest.mark.parametrize("held", [(), (LEGAL,), (LEGAL, VETTED)])
def test_applicants_who_differ_by_birth_alone_are_one_question(held: tuple[Held, ...]) -> None:
    questions = set()
    for sent in _applicants(APPLICANTS):
        request = read_evaluation(sent)
        assert request.attributes == ()
        questions.add(question_of(request, Known(ARTEFACT, Subject(request.subject, held)), (), 1)[0])
    assert len(questions) == 1


def test_and_are_answered_alike(made: Made) -> None:
    refused = {made.node.admission.read(sent).body for sent in _applicants(100)}
    grant(made)
    allowed = {made.node.admission.read(sent).body for sent in _applicants(300, "ps_ada")}
    assert [json.loads(one)["decision"] for one in (*refused, *allowed)] == [False, True]
    assert json.loads(*allowed)["context"]["overlays"] == []


OVERLAY = """
version: 1
overlays:
  - id: some-embargo
    jurisdiction: ZZ
    title: {en: An embargo, zh: 禁运}
    source: A law that was made up for this test
    article: ""
    asks: [service_country]
    cedar: |
      @id("overlay.some-embargo.where")
      @says("the law of ZZ forbids service there")
      forbid (principal, action, resource) when { context.service_country == "XX" };
"""


def test_where_an_overlay_is_on_the_answer_says_so(made: Made) -> None:
    grant(made)
    folder = made.node.data / "access-overlays"
    folder.mkdir()
    (folder / "embargo.yaml").write_text(OVERLAY)
    applicants = _applicants(300, "ps_ada")
    off = {made.node.admission.read(sent).body for sent in applicants}
    assert [json.loads(said)["decision"] for said in off] == [True]
    file = made.node.data / "settings.toml"
    file.write_text(file.read_text().replace("access_overlays = []", 'access_overlays = ["some-embargo"]'))
    again = Made(made.node.data, made.now, made.token)
    for sent in applicants:
        told = json.loads(again.node.admission.read(sent).body)
        there = json.loads(sent)["subject"]["properties"]["service_country"] == "XX"
        assert told["decision"] is not there
        assert told["context"]["overlays"] == ["some-embargo"]
        if there:
            assert [reason["overlay"] for reason in told["context"]["reasons"]] == ["some-embargo"]
            assert told["context"]["change"] == []
    again.node.close()
