"""Log in by token or by name and password, then by code; log out. A failure says nothing of its cause."""

import time
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from tocsin.app.access import SESSION_HOURS, Opened
from tocsin.app.accounts import HALF_SECONDS, MAX_CODE_CHARS, Half, NeedsCode
from tocsin.trust.passwords import MAX_CHARS as MAX_PASSWORD_CHARS
from tocsin.web.console.attempts import Guard
from tocsin.web.console.navigation import NAVIGATION
from tocsin.web.console.render import PAGE_HEADERS, link, render
from tocsin.web.console.visits import SESSION_COOKIE, Visit, visit_of

HOME = "/warnings"
MAX_TOKEN_CHARS = 256
MAX_NAME_CHARS = 128
MAX_NEXT_CHARS = 1_024

HALF_COOKIE = "tocsin_half"
"""A log-in that waits for its code, sealed by the node."""

_PAGES = (*(path for path, _, _ in NAVIGATION), "/share", "/account")


@get("/login", sync_to_thread=True)
def login_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The form; somebody who is in already goes on, unless they want to log in `again`."""
    visit = visit_of(request)
    onward = safe_next(visit.query.get("next", ""))
    if visit.session is not None and "again" not in visit.query:
        return see_other(onward)
    return _form(visit, onward)


@post("/login", sync_to_thread=True)
def login(request: Request[Any, Any, Any]) -> Response[Any]:
    """The first factor: a token, or a name and a password.

    1. The bounds on failures: of the address, and of the account when a password is tried.
    2. The factor. 3. Who enrolled a second one is asked for it. 4. A new session, whatever there was before.
    """
    visit = visit_of(request)
    onward = safe_next(visit.form.get("next", ""))
    guard, address, now = guard_of(request), address_of(request), time.monotonic()
    name = visit.form.get("name", "").strip()[:MAX_NAME_CHARS]
    by_password = "password" in visit.form
    wait = guard.addresses.wait(address, now)  # 1
    if by_password:
        wait = max(wait, guard.passwords.wait(name, address, now))
    if wait:
        return _form(visit, onward, status=429, wait=wait)
    found = _first_factor(visit, name if by_password else None, address)  # 2
    if found is None:
        guard.addresses.failed(address, now)
        if by_password:
            guard.passwords.failed(name, now)
        return _form(visit, onward, status=401, failed=True, name=name)
    if by_password:
        guard.passwords.succeeded(name, address)
    return admitted(request, visit, found, onward)


def admitted(
    request: Request[Any, Any, Any], visit: Visit, found: Opened | NeedsCode, onward: str
) -> Response[Any]:
    """Steps 3 and 4, for every way in."""
    if isinstance(found, NeedsCode):
        response = see_other(link("/login/code", {"next": onward if onward != HOME else ""}))
        response.set_cookie(half_cookie(request, found.half, HALF_SECONDS))
        return response
    return entered(request, visit, found, see_other(onward))


def entered(
    request: Request[Any, Any, Any],
    visit: Visit,
    opened: Opened,
    response: Response[Any],
) -> Response[Any]:
    """Give `response` the cookie of a new session, and end the session there was before."""
    if visit.session is not None and visit.session is not opened:
        visit.node.access.close_session(visit.session.secret)
    response.set_cookie(session_cookie(request, opened.secret, SESSION_HOURS * 3_600))
    return response


@get("/login/code", sync_to_thread=True)
def code_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The form for the code; back to the first factor when there is no half log-in."""
    visit = visit_of(request)
    if _half_of(request, visit) is None:
        return see_other("/login")
    return _code_form(visit, safe_next(visit.query.get("next", "")))


@post("/login/code", sync_to_thread=True)
def code(request: Request[Any, Any, Any]) -> Response[Any]:
    """The second factor. Wrong codes are counted for the account: whoever tries has its first factor."""
    visit = visit_of(request)
    onward = safe_next(visit.form.get("next", ""))
    half = _half_of(request, visit)
    if half is None:
        return see_other("/login")
    codes, now = guard_of(request).codes, time.monotonic()
    wait = codes.wait(half.user, now)
    if wait:
        return _code_form(visit, onward, status=429, wait=wait)
    opened = visit.node.accounts.by_code(half, visit.form.get("code", "")[:MAX_CODE_CHARS])
    if opened is None:
        codes.failed(half.user, now)
        return _code_form(visit, onward, status=401, failed=True)
    codes.succeeded(half.user)
    response = entered(request, visit, opened, see_other(onward))
    response.set_cookie(half_cookie(request, "", 0))
    return response


@post("/logout", sync_to_thread=True)
def logout(request: Request[Any, Any, Any]) -> Response[Any]:
    """End the session on the server, then forget the cookie."""
    visit = visit_of(request)
    if visit.session is not None:
        visit.node.access.close_session(visit.session.secret)
    response = see_other("/login")
    response.set_cookie(session_cookie(request, "", 0))
    return response


def session_cookie(request: Request[Any, Any, Any], secret: str, seconds: int) -> Cookie:
    """The cookie: no script reads it, no other site sends it, and under TLS it never travels bare."""
    return _cookie(request, SESSION_COOKIE, secret, seconds, "/")


def half_cookie(request: Request[Any, Any, Any], half: str, seconds: int) -> Cookie:
    """The same for a log-in that waits for its code."""
    return _cookie(request, HALF_COOKIE, half, seconds, "/login")


def _cookie(request: Request[Any, Any, Any], name: str, value: str, seconds: int, path: str) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def guard_of(request: Request[Any, Any, Any]) -> Guard:
    """The failures this application has seen."""
    guard: Guard = request.app.state.setdefault("login_guard", Guard())
    return guard


def address_of(request: Request[Any, Any, Any]) -> str:
    """Where the request came from, as the server saw it."""
    return request.client.host if request.client else ""


def see_other(path: str) -> Response[Any]:
    """303: the next page is fetched with GET, and a reload sends no form again."""
    return Redirect(path, status_code=303, headers=PAGE_HEADERS)


def safe_next(path: str) -> str:
    """`path` when it is a page of this console, otherwise the first page: never another host."""
    page = path.partition("?")[0]
    inside = any(page == name or page.startswith(f"{name}/") for name in _PAGES)
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if inside and plain and len(path) <= MAX_NEXT_CHARS else HOME


def _first_factor(visit: Visit, name: str | None, address: str) -> Opened | NeedsCode | None:
    accounts, form = visit.node.accounts, visit.form
    if name is not None:
        password = form.get("password", "")
        return accounts.by_password(name, password, address) if len(password) <= MAX_PASSWORD_CHARS else None
    token = form.get("token", "").strip()
    return accounts.by_token(token, address) if 0 < len(token) <= MAX_TOKEN_CHARS else None


def _half_of(request: Request[Any, Any, Any], visit: Visit) -> Half | None:
    return visit.node.accounts.half(request.cookies.get(HALF_COOKIE, ""))


def _form(
    visit: Visit, onward: str, *, status: int = 200, failed: bool = False, wait: int = 0, name: str = ""
) -> Response[str]:
    headers = {"Retry-After": str(wait)} if wait else {}
    return render(
        visit,
        "login.html",
        status,
        headers,
        onward=onward,
        failed=failed,
        wait=wait,
        name=name,
        passwords=visit.node.store.credentials.any_password(),
        provider=visit.node.openid.host if visit.node.openid else "",
    )


def _code_form(
    visit: Visit, onward: str, *, status: int = 200, failed: bool = False, wait: int = 0
) -> Response[str]:
    headers = {"Retry-After": str(wait)} if wait else {}
    return render(visit, "code.html", status, headers, onward=onward, failed=failed, wait=wait)
