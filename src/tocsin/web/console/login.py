"""Log in by token, log out. A failure says nothing of its cause."""

import time
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from tocsin.app.access import SESSION_HOURS
from tocsin.web.console.attempts import Attempts
from tocsin.web.console.render import PAGE_HEADERS, render
from tocsin.web.console.visits import SESSION_COOKIE, Visit, visit_of

HOME = "/warnings"
MAX_TOKEN_CHARS = 256
MAX_NEXT_CHARS = 1_024

_PAGES = ("/warnings", "/peers", "/left", "/share", "/taxonomy", "/records", "/audit")


@get("/login", sync_to_thread=True)
def login_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The form; somebody who is in already goes on."""
    visit = visit_of(request)
    onward = safe_next(visit.query.get("next", ""))
    if visit.session is not None:
        return see_other(onward)
    return _form(visit, onward)


@post("/login", sync_to_thread=True)
def login(request: Request[Any, Any, Any]) -> Response[Any]:
    """Open a session with a new secret, whatever session there was before."""
    visit = visit_of(request)
    onward = safe_next(visit.form.get("next", ""))
    attempts = attempts_of(request)
    address = request.client.host if request.client else ""
    now = time.monotonic()
    wait = attempts.wait(address, now)
    if wait:
        return _form(visit, onward, status=429, wait=wait)
    token = visit.form.get("token", "").strip()
    opened = visit.node.access.open_session(token) if 0 < len(token) <= MAX_TOKEN_CHARS else None
    if opened is None:
        attempts.failed(address, now)
        return _form(visit, onward, status=401, failed=True)
    if visit.session is not None:
        visit.node.access.close_session(visit.session.secret)
    response = see_other(onward)
    response.set_cookie(session_cookie(request, opened.secret, SESSION_HOURS * 3_600))
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
    return Cookie(
        key=SESSION_COOKIE,
        value=secret,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def attempts_of(request: Request[Any, Any, Any]) -> Attempts:
    """The failures this application has seen."""
    attempts: Attempts = request.app.state.setdefault("login_attempts", Attempts())
    return attempts


def see_other(path: str) -> Response[Any]:
    """303: the next page is fetched with GET, and a reload sends no form again."""
    return Redirect(path, status_code=303, headers=PAGE_HEADERS)


def safe_next(path: str) -> str:
    """`path` when it is a page of this console, otherwise the first page: never another host."""
    page = path.partition("?")[0]
    inside = any(page == name or page.startswith(f"{name}/") for name in _PAGES)
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if inside and plain and len(path) <= MAX_NEXT_CHARS else HOME


def _form(
    visit: Visit, onward: str, *, status: int = 200, failed: bool = False, wait: int = 0
) -> Response[str]:
    headers = {"Retry-After": str(wait)} if wait else {}
    return render(visit, "login.html", status, headers, onward=onward, failed=failed, wait=wait)
