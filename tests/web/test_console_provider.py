"""The browser's side of a log-in by an OpenID provider: cookies, the way back, what a refused person reads."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.console import Client, log_in
from tests.fixtures import Made, answering
from tests.hostile_peer import honest
from tests.openid_provider import OpenIdProvider
from tests.people import node_with
from tocsin.web.console.attempts import MAX_FAILURES

pytestmark = pytest.mark.net


@pytest.fixture
def provider(made: Made) -> Iterator[OpenIdProvider]:
    with OpenIdProvider(lambda: made.now.timestamp()) as provider:
        yield provider


@pytest.fixture
def client(made: Made, provider: OpenIdProvider) -> Iterator[Client]:
    with (
        node_with(made, provider.issuer) as node,
        answering(node) as client,
    ):
        yield client


def leave(client: Client, onward: str = "") -> httpx.Response:
    return client.get("/login/oidc", params={"next": onward}, follow_redirects=False)


def come_back(client: Client, query: dict[str, str]) -> httpx.Response:
    return client.get("/login/back", params=query, follow_redirects=False)


def test_away_and_back_again(client: Client, provider: OpenIdProvider) -> None:
    assert "/login/oidc" in client.get("/login").text
    away = leave(client, "/left")
    assert away.status_code == 303
    assert away.headers["location"].startswith(f"{provider.issuer}/authorize?")
    cookie = away.headers["set-cookie"]
    for part in ("tocsin_oidc=", "HttpOnly", "SameSite=lax", "Path=/login", "Max-Age=600"):
        assert part in cookie
    query = parse_qs(urlsplit(away.headers["location"]).query)
    assert query["redirect_uri"] == ["http://testserver.local/login/back"]
    assert all(
        query["nonce"][0] not in one for one in (cookie, query["state"][0], query["code_challenge"][0])
    )
    back = come_back(client, provider.let_in(away.headers["location"]))
    assert back.status_code == 200, "a page of our own, or the browser would not send a strict cookie on"
    assert 'content="0;url=/left"' in back.text
    cookies = back.headers.get_list("set-cookie")
    assert any("tocsin_session=" in one and "SameSite=strict" in one for one in cookies)
    assert "tocsin_oidc" not in client.cookies
    assert client.get("/left").status_code == 200


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/login", "/\\evil.example"])
def test_the_way_back_is_local(client: Client, provider: OpenIdProvider, onward: str) -> None:
    back = come_back(client, provider.let_in(leave(client, onward).headers["location"]))
    assert 'content="0;url=/warnings"' in back.text
    assert "evil" not in back.text


def test_a_session_there_was_is_ended(client: Client, made: Made, provider: OpenIdProvider) -> None:
    log_in(client, made.token)
    before = client.cookies["tocsin_session"]
    come_back(client, provider.let_in(leave(client).headers["location"]))
    assert client.cookies["tocsin_session"] != before
    assert made.node.access.session(before) is None


def test_a_person_without_a_role_reads_what_to_do(client: Client, provider: OpenIdProvider) -> None:
    provider.claims["groups"] = ["choir"]
    back = come_back(client, provider.let_in(leave(client).headers["location"]))
    assert back.status_code == 403
    assert provider.who in back.text
    assert "none of your groups has a role" in back.text
    assert "tocsin_session" not in client.cookies


def test_a_fault_of_the_provider_is_said_without_detail(client: Client, provider: OpenIdProvider) -> None:
    provider.lies["nonce"] = "another"
    back = come_back(client, provider.let_in(leave(client).headers["location"]))
    assert back.status_code == 403
    assert "could not be trusted" in back.text
    assert "nonce" not in back.text
    provider.overrides["/.well-known/openid-configuration"] = honest(b"")
    assert "tocsin_session" not in client.cookies


def test_an_answer_out_of_the_blue_is_stale_and_many_close_the_door(
    client: Client, provider: OpenIdProvider
) -> None:
    for _ in range(MAX_FAILURES):
        assert come_back(client, {"code": "x", "state": "y"}).status_code == 403
    away = leave(client).headers["location"]
    assert come_back(client, provider.let_in(away)).status_code == 429
    assert "/token" not in provider.asked


def test_without_a_provider_there_is_no_such_page(made: Made) -> None:
    with answering(made.node, raise_server_exceptions=True) as client:
        assert client.get("/login/oidc").status_code == 404
        assert client.get("/login/back").status_code == 404
        assert "/login/oidc" not in client.get("/login").text
