"""The public door for programs: tickets, proofs, problem details, and the same bounds."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from litestar import Request

from tests.fixtures import Made, answering
from tests.public_reporters import PNG, Client, only_case, open_door
from tocsin.kernel.cases import CaseFlag
from tocsin.web.public.door import Door
from tocsin.web.public.rates import REPORTS_A_PREFIX
from tocsin.web.public.tickets import FORM_SECONDS, proves

WHAT = "A caller asked for a lottery refund."


@pytest.fixture
def door(copied: Made) -> Made:
    from tocsin.app.node import Node

    open_door(copied.node.data, public_proxy_prefixes=["10.0.0.0/8"])
    copied.node.close()
    copied.node = Node(copied.node.data, clock=copied.clock)
    return copied


@pytest.fixture
def client(door: Made) -> Iterator[Client]:
    with answering(door.node) as client:
        yield client


def ticket(client: Client) -> str:
    given = client.get("/v1/reports/ticket").json()
    assert given["seconds"] == FORM_SECONDS
    return str(given["ticket"])


def by(secret: str) -> dict[str, str]:
    return {"Authorization": f"Receipt {secret}"}


def test_a_program_reports_follows_adds_withdraws_and_erases(door: Made, client: Client) -> None:
    leave = ticket(client)
    early = client.post("/v1/reports", json={"ticket": leave, "what": WHAT})
    assert (early.status_code, early.json()["type"]) == (429, "urn:tocsin:problem:ticket-early")
    assert early.headers["retry-after"] == str(FORM_SECONDS)
    door.now += timedelta(seconds=FORM_SECONDS)
    sent = {"ticket": leave, "what": WHAT, "contact": "8800-0000", "flags": ["imminent-danger"], "lang": "mn"}
    given = client.post("/v1/reports", json=sent)
    assert given.status_code == 201
    receipt = given.json()
    assert client.post("/v1/reports", json=sent).json() == receipt, (
        "a retry is answered with the same receipt"
    )
    assert only_case(door).flags == (CaseFlag.IMMINENT_DANGER,)
    path = f"/v1/reports/{receipt['number']}"
    held = client.get(f"{path}/held", headers=by(receipt["secret"]))
    assert (held.json()["words"]["what"], held.json()["contact"]) == (WHAT, True)
    assert held.headers["cache-control"] == "no-store"
    assert client.get(f"{path}/held", headers=by("another")).status_code == 404
    followed = client.get(path, headers=by(receipt["secret"])).json()
    assert (followed["state"], followed["contact"], followed["turn"]) == ("received", True, 0)
    assert WHAT not in json.dumps(followed)
    added = client.post(
        path, headers=by(receipt["secret"]), json={"act": "add", "text": "On Tuesday.", "turn": 0}
    )
    assert added.json()["turn"] == 1
    body: dict[str, tuple[str | None, str | bytes, str]] = {
        "report": (None, json.dumps({"act": "add"}), "application/json"),
        "files": ("a.png", PNG, "image/png"),
    }
    added = client.post(path, headers=by(receipt["secret"]), files=body)
    assert [file["name"] for file in added.json()["files"]] == ["1.png"]
    for act, name, value in (("withdraw", "withdrawn", None), ("erase-contact", "contact", True)):
        assert client.post(path, headers=by(receipt["secret"]), json={"act": act}).json()[name] is not value
    appeal = client.post(path, headers=by(receipt["secret"]), json={"act": "appeal", "text": "It is wrong."})
    assert (appeal.status_code, appeal.headers["content-type"]) == (409, "application/problem+json")


def test_a_proof_of_work_needs_no_waiting(client: Client) -> None:
    given = client.get("/v1/reports/ticket").json()
    nonce = next(str(number) for number in count() if proves(given["ticket"], str(number), given["bits"]))
    sent = client.post("/v1/reports", json={"ticket": given["ticket"], "nonce": nonce, "what": WHAT})
    assert sent.status_code == 201


def test_without_the_secret_there_is_nothing(door: Made, client: Client) -> None:
    leave = ticket(client)
    door.now += timedelta(seconds=FORM_SECONDS)
    receipt = client.post("/v1/reports", json={"ticket": leave, "what": WHAT}).json()
    bare = client.get(f"/v1/reports/{receipt['number']}")
    assert (bare.status_code, bare.headers["www-authenticate"]) == (401, 'Receipt realm="report"')
    answers = [
        client.get(f"/v1/reports/{number}", headers=by(secret))
        for number, secret in (
            (receipt["number"], "0" * 28),
            ("2K7P-9QXW-R4TD", receipt["secret"]),
            ("x", "y"),
        )
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert (
        client.get(f"/v1/reports/{receipt['number'].lower()}", headers=by(receipt["secret"])).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", 400),
        (b"[" * 100_000, 400),
        (b"\xff\xfe", 400),
        (b'{"what": "x"}', 400),
        (b'{"ticket": "x", "what": "x", "name": "y"}', 400),
        (b'{"ticket": "forged", "what": "a lottery refund"}', 422),
        (b'{"ticket": "x", "what": "  "}', 422),
        (b'{"ticket": "x", "what": "a lottery refund", "category": "political"}', 422),
        (b'{"ticket": "x", "what": "a lottery refund", "lang": "<b>"}', 422),
        (b'{"ticket": "x", "what": "a lottery refund", "flags": ["nice"]}', 400),
    ],
)
def test_bad_input_is_a_problem_that_says_what_to_do(client: Client, sent: bytes, status: int) -> None:
    answer = client.post("/v1/reports", content=sent, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


def test_a_body_over_the_bound_is_refused_unread(client: Client) -> None:
    answer = client.post("/v1/reports", content=bytes(21 << 20), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_networks_are_told_apart_by_a_proxy_of_ours_alone(door: Made, client: Client) -> None:
    """The test client is no proxy of ours: what it says of others is not believed."""
    tickets = [ticket(client) for _ in range(REPORTS_A_PREFIX + 1)]
    door.now += timedelta(seconds=FORM_SECONDS)
    answers = [
        client.post(
            "/v1/reports",
            json={"ticket": leave, "what": WHAT},
            headers={"X-Forwarded-For": f"198.51.{number}.1"},
        ).status_code
        for number, leave in enumerate(tickets)
    ]
    assert answers == [201] * REPORTS_A_PREFIX + [429]


def test_it_is_described_by_openapi(client: Client) -> None:
    described = client.get("/openapi/openapi.json").json()
    assert {"/v1/reports", "/v1/reports/ticket", "/v1/reports/{number}"} <= set(described["paths"])
    assert not any(path.startswith("/report/") for path in described["paths"])


def test_a_line_that_the_sender_wrote_above_the_proxys_own_is_not_believed(door: Made) -> None:
    lines = [(b"x-forwarded-for", b"198.51.100.7"), (b"x-forwarded-for", b"203.0.113.9")]
    scope: Any = {"type": "http", "headers": lines, "client": ("10.0.0.1", 4711)}
    assert Door(door.node).address(Request(scope)) == "203.0.113.9"
