"""POST /v1/events: what is taken, what is refused, what never happens."""

import gzip
import json
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.fixtures import Made
from tocsin.kernel import Role
from tocsin.kernel.limits import MAX_BATCH_BYTES, MAX_LINE_BYTES
from tocsin.web.health import READY_KEPT

Client = TestClient[Litestar]


def line(number: int = 1, **changed: Any) -> bytes:
    event = {
        "id": f"e{number}",
        "time": "2026-11-20T11:00:00Z",
        "source": "chat",
        "kind": "model.call",
        "actor": f"account {number}",
        "text": f"how do I bake bread number {number}?",
    }
    return json.dumps(event | changed).encode()


def post(client: Client, made: Made, body: bytes, **headers: str) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.post("/v1/events", content=body, headers=made.bearer | named)
    return answer.status_code, answer.json()


def test_lines_are_taken_and_a_bad_one_is_named(client: Client, made: Made) -> None:
    body = b"\n".join([line(1), b"{not json", line(2, time="tomorrow"), line(3)])
    status, answer = post(client, made, body)
    assert status == 200
    assert (answer["accepted"], answer["duplicates"]) == (2, 0)
    assert [refusal["line"] for refusal in answer["refused"]] == [2, 3]
    assert answer["refused"][1]["field"] == "time"
    assert made.node.store.events.count() == 2


def test_the_same_batch_twice_is_kept_once(client: Client, made: Made) -> None:
    body = b"\n".join([line(1), line(2), line(1)])
    assert post(client, made, body)[1] == {"accepted": 2, "duplicates": 1, "refused": []}
    status, answer = post(client, made, body)
    assert (status, answer) == (200, {"accepted": 0, "duplicates": 3, "refused": []})


def test_nothing_taken_is_422(client: Client, made: Made) -> None:
    assert post(client, made, b"[]\n{}")[0] == 422
    assert post(client, made, b"")[0] == 422


def test_gzip_is_read(client: Client, made: Made) -> None:
    status, answer = post(
        client, made, gzip.compress(line(1)) + gzip.compress(b"\n" + line(2)), content_encoding="gzip"
    )
    assert (status, answer["accepted"]) == (200, 2)


@pytest.mark.parametrize(
    ("body", "encoding", "expected"),
    [
        (b"no gzip at all", "gzip", 400),
        (gzip.compress(line(1))[:-9], "gzip", 400),
        (line(1), "br", 415),
    ],
)
def test_what_cannot_be_unpacked_is_said(
    client: Client, made: Made, body: bytes, encoding: str, expected: int
) -> None:
    status, answer = post(client, made, body, content_encoding=encoding)
    assert status == expected
    assert answer["detail"]
    assert answer["status"] == expected


def zeros(size: int) -> bytes:
    """A gzip of `size` zero bytes, in members of 64 MiB."""
    member = 64 << 20
    return gzip.compress(bytes(member)) * (size // member)


def test_ten_gigabytes_of_zeros_are_413_in_bounded_memory(client: Client, made: Made) -> None:
    import resource

    bomb = zeros(10 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status, _ = post(client, made, bomb, content_encoding="gzip")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
    assert status == 413
    assert grown < 4 * MAX_BATCH_BYTES


def test_a_hundred_megabyte_line_is_413(client: Client, made: Made) -> None:
    assert post(client, made, b"x" * (100 << 20))[0] == 413
    packed = gzip.compress(b"x" * (100 << 20), 1)
    assert post(client, made, packed, content_encoding="gzip")[0] == 413


def test_a_line_over_its_bound_is_refused_and_the_next_is_kept(client: Client, made: Made) -> None:
    status, answer = post(client, made, line(1, text="y" * MAX_LINE_BYTES) + b"\n" + line(2))
    assert (status, answer["accepted"]) == (200, 1)
    assert answer["refused"][0]["line"] == 1


@pytest.mark.parametrize(
    "bad",
    [
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        line(9).replace(b"how", b"\\ud800how"),
        line(9).replace(b"how", b"\\u0000"),
        line(9, attributes={"x": 1}).replace(b"1}", b"NaN}"),
        b"\x00\xff\xfe",
        line(9, time="2026-11-20T13:00:00Z"),
        line(9, time="1970-01-01T00:00:00Z"),
        line(9, actor=""),
        line(9, kind="other"),
        line(9, surprise=1),
    ],
    ids=["deep", "surrogate", "nul", "nan", "binary", "future", "past", "empty", "kind", "unknown"],
)
def test_a_bad_line_is_refused_and_its_neighbour_kept(client: Client, made: Made, bad: bytes) -> None:
    status, answer = post(client, made, bad + b"\n" + line(2))
    assert (status, answer["accepted"], len(answer["refused"])) == (200, 1, 1)
    assert answer["refused"][0]["line"] == 1
    assert answer["refused"][0]["reason"]


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer wrong", "Basic !!!", "Basic YWRtaW46", "Digest x", "Bearer " + "x" * 5000],
)
def test_without_a_token_it_is_401_and_says_no_more(client: Client, header: str) -> None:
    answer = client.post("/v1/events", content=line(), headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "urn:tocsin:problem:not-authenticated"


def test_basic_needs_the_users_own_name(client: Client, made: Made) -> None:
    assert client.post("/v1/events", content=line(), auth=("admin", made.token)).status_code == 200
    assert client.post("/v1/events", content=line(), auth=("other", made.token)).status_code == 401


def test_roles_narrow_what_a_token_does(client: Client, made: Made) -> None:
    by = made.node.access.operator()
    for name, role, expected in [
        ("gate", Role.SOURCE, 200),
        ("eye", Role.AUDITOR, 403),
        ("far", Role.PEER, 403),
    ]:
        made.node.access.add_user(by, name, (role,))
        token = made.node.access.issue_token(by, name)
        answer = client.post("/v1/events", content=line(), headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == expected, name


def test_revoked_expired_and_disabled_stop_at_once(client: Client, made: Made) -> None:
    access, by = made.node.access, made.node.access.operator()
    access.add_user(by, "gate", (Role.SOURCE,))
    kept, expired, revoked = (access.issue_token(by, "gate", days=days) for days in (None, 1, None))

    def status(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return client.post("/v1/events", content=line(), headers=headers).status_code

    assert {status(token) for token in (kept, expired, revoked)} == {200}
    access.revoke_token(by, revoked.split("_")[1])
    made.now = made.now.replace(day=22)
    assert [status(token) for token in (kept, expired, revoked)] == [200, 401, 401]
    access.disable_user(by, "gate")
    assert status(kept) == 401


def test_security_headers_are_on_every_answer(client: Client) -> None:
    for path in ("/healthz", "/nowhere", "/v1/events"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_health_ready_and_metrics(client: Client, made: Made) -> None:
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").status_code == 200
    assert client.get("/metrics").status_code == 401
    post(client, made, line())
    text = client.get("/metrics", headers=made.bearer).text
    assert 'tocsin_events_total{door="http",outcome="accepted"} 1.0' in text


def test_the_probe_asks_the_store_once_a_second(
    client: Client, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []

    def ready(_: object) -> str | None:
        asked.append(None)
        return "the disk is full" if len(asked) > 1 else None

    monkeypatch.setattr(type(made.node.store), "ready", ready)
    assert [client.get("/readyz").status_code for _ in range(5)] == [200] * 5
    assert len(asked) == 1
    made.now += READY_KEPT
    assert [client.get("/readyz").status_code for _ in range(5)] == [503] * 5
    assert len(asked) == 2


def test_a_person_who_mistypes_gets_a_page_and_a_program_gets_a_problem(client: Client) -> None:
    page = client.get("/nowhere", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    program = client.get("/nowhere", headers={"Accept": "application/json"})
    assert (program.status_code, program.headers["content-type"]) == (404, "application/problem+json")
