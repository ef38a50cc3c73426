"""The door of the console: who comes in, what a form must carry, what every answer says."""

import re
from datetime import timedelta

import pytest

from tests.console import ORIGIN, Client, csrf_of, log_in, send, token_for
from tests.fixtures import Made
from tocsin.app.access import Opened
from tocsin.kernel import Role
from tocsin.web.console import console_router
from tocsin.web.console.attempts import MAX_FAILURES, WINDOW_SECONDS, Attempts
from tocsin.web.console.forms import MAX_FORM_BYTES
from tocsin.web.console.login import safe_next

PAGES = (
    "/",
    "/warnings",
    "/warnings/x",
    "/peers",
    "/left",
    "/left/lab/x",
    "/share?peer=lab",
    "/audit",
    "/guards",
    "/channels",
    "/trends",
    "/counts",
    "/access",
    "/matches",
    "/sums",
    "/distinct",
    "/taxonomy",
    "/taxonomy/concepts/fraud.scam",
)
POSTS = ("/access/grants", "/warnings/x/samples", "/warnings/x/review", "/share")


def test_a_token_opens_the_console_and_logging_out_closes_it(client: Client, made: Made) -> None:
    answer = log_in(client, made.token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/warnings")
    cookie = answer.headers["set-cookie"]
    for part in ("tocsin_session=", "HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"):
        assert part in cookie
    assert "Secure" not in cookie, "over plain HTTP a browser would drop a Secure cookie"
    secret = client.cookies["tocsin_session"]
    assert client.get("/warnings").status_code == 200
    assert send(client, "/logout", "/warnings").headers["location"] == "/login"
    client.cookies.set("tocsin_session", secret, domain="testserver.local")
    assert client.get("/warnings", follow_redirects=False).headers["location"].startswith("/login")


def test_over_tls_the_cookie_never_travels_bare(client: Client, made: Made) -> None:
    answer = client.post(
        "https://testserver.local/login",
        data={"token": made.token},
        headers={"Origin": "https://testserver.local"},
        follow_redirects=False,
    )
    assert "Secure" in answer.headers["set-cookie"]


def test_each_log_in_has_a_new_secret_and_ends_the_one_before(client: Client, made: Made) -> None:
    log_in(client, made.token)
    first = client.cookies["tocsin_session"]
    page = client.get("/warnings").text
    client.post("/login", data={"token": made.token, "csrf": csrf_of(page)}, headers=ORIGIN)
    assert client.cookies["tocsin_session"] != first
    assert made.node.access.session(first) is None


def test_a_session_ends_after_twelve_hours(client: Client, made: Made) -> None:
    log_in(client, made.token)
    made.now += timedelta(hours=12)
    assert client.get("/warnings", follow_redirects=False).headers["location"].startswith("/login")


def test_a_failure_gives_no_hint(client: Client, made: Made) -> None:
    source = token_for(made, "feed", Role.SOURCE)
    wrong_secret = made.token[:-4] + ("aaaa" if not made.token.endswith("aaaa") else "bbbb")
    answers = [log_in(client, token) for token in ("nonsense", wrong_secret, source, "x" * 5_000)]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert "tocsin_session" not in client.cookies


@pytest.mark.parametrize("role", [Role.SOURCE, Role.PEER])
def test_a_machine_cannot_log_in(client: Client, made: Made, role: Role) -> None:
    token = token_for(made, "machine", role, peer="lab" if role is Role.PEER else None)
    assert log_in(client, token).status_code == 401


def test_too_many_failures_close_the_door_for_a_while(client: Client, made: Made) -> None:
    for _ in range(MAX_FAILURES):
        log_in(client, "nonsense")
    answer = log_in(client, made.token)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= WINDOW_SECONDS + 1


def test_the_door_opens_again_and_remembers_a_bounded_number() -> None:
    attempts = Attempts(failures=2, addresses=3)
    for moment in (0.0, 1.0):
        attempts.failed("192.0.2.1", moment)
    assert attempts.wait("192.0.2.1", 2.0) == WINDOW_SECONDS - 2 + 1
    assert attempts.wait("192.0.2.2", 2.0) == 0
    assert attempts.wait("192.0.2.1", WINDOW_SECONDS + 0.5) == 0
    for last in range(5):
        attempts.failed(f"192.0.2.{last}", 3.0)
        attempts.failed(f"192.0.2.{last}", 3.0)
    assert attempts.wait("192.0.2.1", 3.0) == 0, "forgotten: three addresses are remembered"
    assert attempts.wait("192.0.2.4", 3.0) > 0


def test_an_ipv6_network_is_one_address() -> None:
    attempts = Attempts(failures=1)
    attempts.failed("2001:db8::1", 0.0)
    assert attempts.wait("2001:db8::ffff", 1.0) > 0
    assert attempts.wait("2001:db8:0:1::1", 1.0) == 0


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_the_door_and_back(client: Client, made: Made, page: str) -> None:
    answer = client.get(page, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=/")
    onward = log_in(client, made.token, page).headers["location"]
    assert onward == (page if page != "/" else "/warnings")


def test_no_page_forgets_to_ask_who_is_there(client: Client) -> None:
    """Every route of the console, present and future, but the door and the files."""
    seen = 0
    for route in console_router.routes:
        path = re.sub(r"\{\w+:str\}", "x", route.path)
        if path.startswith(("/login", "/logout", "/static")):
            continue
        for method in route.methods & {"GET", "POST"}:
            answer = client.request(
                method,
                path,
                headers=ORIGIN,
                data={"a": "b"} if method == "POST" else None,
                follow_redirects=False,
            )
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/login"), (method, path)
            seen += 1
    assert seen >= len(PAGES)


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/warnings/../x\n",
        "/login",
        "",
        "/warningsx",
    ],
)
def test_the_way_back_leads_nowhere_else(path: str) -> None:
    assert safe_next(path) == "/warnings"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.local.evil.example"},
        {"Origin": "http://testserver.local", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
@pytest.mark.parametrize("path", ["/login", *POSTS])
def test_a_form_from_elsewhere_is_refused(
    client: Client, made: Made, path: str, headers: dict[str, str]
) -> None:
    log_in(client, made.token)
    token = csrf_of(client.get("/warnings").text)
    answer = client.post(
        path, data={"csrf": token, "token": made.token}, headers=headers, follow_redirects=False
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
@pytest.mark.parametrize("path", ["/logout", *POSTS])
def test_a_form_without_the_sessions_token_is_refused(
    client: Client, made: Made, path: str, token: str
) -> None:
    log_in(client, made.token)
    answer = client.post(path, data={"csrf": token}, headers=ORIGIN, follow_redirects=False)
    assert answer.status_code == 403
    assert made.node.access.session(client.cookies["tocsin_session"]) is not None


def test_the_token_of_another_session_is_refused(client: Client, made: Made) -> None:
    other = made.node.accounts.by_token(made.token)
    assert isinstance(other, Opened)
    log_in(client, made.token)
    assert client.post("/logout", data={"csrf": other.csrf}, headers=ORIGIN).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"a=1&a=2", 400),
        (b"&".join(b"f%d=1" % number for number in range(60)), 400),
        (b"csrf=%ff", 400),
        (b"\xff\xfe", 400),
        (b"a=" + b"x" * MAX_FORM_BYTES, 413),
    ],
)
def test_a_bad_form_is_answered_with_a_reason(client: Client, made: Made, body: bytes, status: int) -> None:
    log_in(client, made.token)
    headers = {**ORIGIN, "Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/logout", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_json_is_no_form(client: Client, made: Made) -> None:
    assert client.post("/login", json={"token": made.token}, headers=ORIGIN).status_code == 400


@pytest.mark.parametrize(
    "path", ["/login", "/warnings/none", "/nowhere", "/static/console.css", "/static/..%2fx", "/v1/x"]
)
def test_every_answer_carries_the_headers(client: Client, made: Made, path: str) -> None:
    log_in(client, made.token)
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    for part in ("default-src 'none'", "style-src 'self'", "form-action 'self'", "base-uri 'none'"):
        assert part in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_pages_are_not_kept_and_files_are(client: Client, made: Made) -> None:
    log_in(client, made.token)
    page = client.get("/warnings")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    style = re.search(r'href="(/static/console\.css\?v=\w+)"', page.text)
    assert style
    file = client.get(style[1])
    assert "immutable" in file.headers["cache-control"]
    assert file.headers["content-type"].startswith("text/css")
    assert "immutable" not in client.get("/static/console.css?v=old").headers["cache-control"]
    assert client.get("/static/console.py").status_code == 404
