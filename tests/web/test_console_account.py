"""Logging in with a password and a code, and the page of one's own account."""

import re
import time
from datetime import timedelta

import httpx
import pytest
import segno

from tests.console import ORIGIN, Client, csrf_of, log_in, send
from tests.fixtures import Made
from tests.people import WORDS, code, enrolled, secret_of, with_password
from tocsin.app.access import Opened
from tocsin.kernel import Role
from tocsin.web.console.account import square
from tocsin.web.console.attempts import MAX_ACCOUNT_FAILURES, MAX_CODES, Guard


def by_password(client: Client, name: str, password: str, onward: str = "") -> httpx.Response:
    fields = {"name": name, "password": password, "next": onward}
    if "tocsin_session" in client.cookies:
        fields["csrf"] = csrf_of(client.get("/account").text)
    return client.post("/login", data=fields, headers=ORIGIN, follow_redirects=False)


def by_code(client: Client, typed: str, onward: str = "") -> httpx.Response:
    return client.post(
        "/login/code", data={"code": typed, "next": onward}, headers=ORIGIN, follow_redirects=False
    )


def test_the_page_asks_for_a_password_only_where_somebody_has_one(client: Client, made: Made) -> None:
    assert 'name="password"' not in client.get("/login").text
    with_password(made, "chen", Role.ANALYST)
    page = client.get("/login").text
    assert 'name="password"' in page
    assert 'name="token"' in page


def test_name_and_password_open_the_console(client: Client, made: Made) -> None:
    with_password(made, "chen", Role.ANALYST)
    answer = by_password(client, "chen", WORDS, "/warnings?kind=phrase")
    assert (answer.status_code, answer.headers["location"]) == (303, "/warnings?kind=phrase")
    assert client.get("/warnings").status_code == 200


def test_a_wrong_name_and_a_wrong_password_look_alike(client: Client, made: Made) -> None:
    with_password(made, "chen", Role.ANALYST)
    wrong = [by_password(client, "chen", "wrong"), by_password(client, "nemo", "wrong")]
    assert [answer.status_code for answer in wrong] == [401, 401]
    assert wrong[0].text.replace("chen", "nemo") == wrong[1].text
    assert "tocsin_session" not in client.cookies


def test_a_code_is_asked_and_the_way_back_is_kept(client: Client, made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    secret, _ = enrolled(made, "chen")
    made.now += timedelta(seconds=30)
    answer = by_password(client, "chen", WORDS, "/left")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login/code?next=%2Fleft")
    cookie = answer.headers["set-cookie"]
    for part in ("tocsin_half=", "HttpOnly", "SameSite=strict", "Path=/login", "Max-Age=300"):
        assert part in cookie
    assert client.get("/warnings", follow_redirects=False).status_code == 303, "half a log-in opens nothing"
    assert client.get("/login/code").status_code == 200
    assert by_code(client, "000000").status_code == 401
    answer = by_code(client, code(made, secret), "/left")
    assert answer.headers["location"] == "/left"
    assert client.get("/left").status_code == 200
    assert "tocsin_half" not in client.cookies


def test_a_token_too_asks_for_the_code(client: Client, made: Made) -> None:
    secret, _ = enrolled(made, "admin")
    made.now += timedelta(seconds=30)
    assert log_in(client, made.token).headers["location"] == "/login/code"
    assert by_code(client, code(made, secret)).headers["location"] == "/warnings"


def test_without_the_first_factor_there_is_no_code_page(client: Client) -> None:
    assert client.get("/login/code", follow_redirects=False).headers["location"] == "/login"
    assert by_code(client, "123456").headers["location"] == "/login"


def test_many_wrong_codes_close_the_door_even_from_elsewhere(client: Client, made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    secret, _ = enrolled(made, "chen")
    by_password(client, "chen", WORDS)
    made.now += timedelta(seconds=30)
    for _ in range(MAX_CODES):
        assert by_code(client, "000000").status_code == 401
    answer = by_code(client, code(made, secret))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_wrong_passwords_are_counted_by_account_and_tokens_are_not(client: Client, made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    by_password(client, "chen", "wrong")
    guard: Guard = client.app.state["login_guard"]
    for _ in range(MAX_ACCOUNT_FAILURES):
        guard.passwords.failed("chen", time.monotonic())
    assert by_password(client, "chen", WORDS).status_code == 429
    assert log_in(client, made.token).status_code == 303


def test_my_account_shows_my_own_and_closes_it(client: Client, made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    with_password(made, "bo", Role.ANALYST)
    access = made.node.access
    mine = access.issue_token(access.operator(), "chen", label="laptop").split("_")[1]
    others = access.issue_token(access.operator(), "bo").split("_")[1]
    elsewhere = made.node.accounts.by_password("chen", WORDS, "192.0.2.7")
    stranger = made.node.accounts.by_password("bo", WORDS, "192.0.2.8")
    by_password(client, "chen", WORDS)
    page = client.get("/account").text
    assert "192.0.2.7" in page
    assert "192.0.2.8" not in page
    assert mine in page
    assert others not in page
    assert "Reviewer" in page
    assert isinstance(elsewhere, Opened)
    assert isinstance(stranger, Opened)
    for session, status in ((elsewhere, 303), (stranger, 404)):
        digest = session.digest.hex()
        assert send(client, f"/account/sessions/{digest}", "/account").status_code == status
    assert "192.0.2.7" not in client.get("/account").text
    assert send(client, f"/account/tokens/{others}", "/account").status_code == 404
    assert send(client, f"/account/tokens/{mine}", "/account").status_code == 303
    assert mine not in client.get("/account").text


def test_setting_up_a_second_factor_on_the_page(client: Client, made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    by_password(client, "chen", WORDS)
    before = client.cookies["tocsin_session"]
    assert client.get("/account/second-factor", follow_redirects=False).headers["location"] == "/account"
    assert send(client, "/account/second-factor", "/account").headers["location"] == "/account/second-factor"
    page = client.get("/account/second-factor").text
    spelt = re.search(r'class="spelt">([A-Z2-7 ]+)<', page)
    assert spelt
    secret = secret_of(spelt[1])
    assert square(made_address(made)).path in page
    wrong = send(client, "/account/second-factor/confirm", "/account/second-factor", code="000000")
    assert wrong.status_code == 400
    assert spelt[1] in wrong.text, "the square is still there to try again"
    done = send(client, "/account/second-factor/confirm", "/account/second-factor", code=code(made, secret))
    assert done.status_code == 200
    codes = re.findall(r"<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>", done.text)
    assert len(set(codes)) == 10
    assert done.headers["cache-control"] == "no-store"
    assert client.cookies["tocsin_session"] != before
    assert made.node.access.session(before) is None
    page = client.get("/account").text
    assert "10 recovery codes are left" in page
    assert not any(one in page for one in codes)
    renewed = send(client, "/account/second-factor/codes", "/account", code=codes[0])
    assert renewed.status_code == 200
    assert send(client, "/account/second-factor/remove", "/account", code="000000").status_code == 403
    made.now += timedelta(seconds=30)
    removed = send(client, "/account/second-factor/remove", "/account", code=code(made, secret))
    assert removed.headers["location"] == "/account?done=removed"
    assert "Set up a second factor" in client.get("/account").text


def made_address(made: Made) -> str:
    shown = made.node.accounts.enrolment(made.node.access.named("chen"))
    assert shown is not None
    return shown.address


def test_wrong_codes_on_the_page_are_bounded_too(client: Client, made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    secret, _ = enrolled(made, "chen")
    made.now += timedelta(seconds=30)
    by_password(client, "chen", WORDS)
    by_code(client, code(made, secret))
    for _ in range(MAX_CODES):
        assert send(client, "/account/second-factor/remove", "/account", code="000000").status_code == 403
    made.now += timedelta(seconds=30)
    typed = code(made, secret)
    assert send(client, "/account/second-factor/remove", "/account", code=typed).status_code == 403
    assert made.node.accounts.of(made.node.access.operator("chen")).second_factor


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"password": "another refund of the lottery", "again": "another refund of the lottery"}, 303),
        ({"password": "another refund of the lottery", "again": "different"}, 400),
        ({"password": "short", "again": "short"}, 400),
        ({}, 400),
    ],
)
def test_a_new_password_on_the_page(client: Client, made: Made, fields: dict[str, str], status: int) -> None:
    with_password(made, "chen", Role.ANALYST)
    by_password(client, "chen", WORDS)
    assert send(client, "/account/password", "/account", **fields).status_code == status
    accounts = made.node.accounts
    assert (accounts.by_password("chen", WORDS) is None) is (status == 303)


def test_later_the_page_asks_to_log_in_again(client: Client, made: Made) -> None:
    with_password(made, "chen", Role.ANALYST)
    by_password(client, "chen", WORDS)
    made.now += timedelta(minutes=11)
    fields = {"password": "another refund of the lottery", "again": "another refund of the lottery"}
    assert send(client, "/account/password", "/account", **fields).status_code == 403
    assert client.get("/login", follow_redirects=False).status_code == 303
    assert client.get("/login?again=1&next=/account").status_code == 200
    before = client.cookies["tocsin_session"]
    assert by_password(client, "chen", WORDS, "/account").headers["location"] == "/account"
    assert made.node.access.session(before) is None
    assert send(client, "/account/password", "/account", **fields).status_code == 303


def test_the_square_is_a_qr_code_with_its_quiet_zone() -> None:
    text = "otpauth://totp/node:chen?secret=VNV5GCD4"
    matrix = segno.make_qr(text, error="m").matrix
    drawn = square(text)
    assert drawn.side == len(matrix) + 8
    dark = set()
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawn.path):
        dark |= {(int(x) + step, int(y)) for step in range(int(width))}
    assert dark == {(x + 4, y + 4) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
