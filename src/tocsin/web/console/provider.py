"""Log in with the OpenID provider: away to it, and back.

The way back comes from another site, so a SameSite=Strict cookie is not sent with it: what this browser began with is
in a cookie of its own (Lax, ten minutes, sealed), and the page that follows is asked for by this node's own page.
"""

import time
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import Cookie
from litestar.response import Redirect

from tocsin.app.accounts import HALF_SECONDS, NeedsCode
from tocsin.app.openid import BACK_PATH, BEGUN_SECONDS, OpenId
from tocsin.app.openid_people import LoginRefused, Why
from tocsin.kernel import NotFound
from tocsin.web.console.login import (
    HOME,
    address_of,
    entered,
    guard_of,
    half_cookie,
    safe_next,
)
from tocsin.web.console.render import PAGE_HEADERS, link, render
from tocsin.web.console.visits import Visit, visit_of

BEGUN_COOKIE = "tocsin_oidc"


@get("/login/oidc", sync_to_thread=True)
def leave(request: Request[Any, Any, Any]) -> Response[Any]:
    """To the provider, with a new state, nonce and verifier."""
    visit = visit_of(request)
    try:
        begun = _openid(visit).begin(safe_next(visit.query.get("next", "")))
    except LoginRefused as refused:
        return _not_let_in(visit, refused)
    response: Response[Any] = Redirect(begun.address, status_code=303, headers=PAGE_HEADERS)
    response.set_cookie(_begun_cookie(request, begun.cookie, BEGUN_SECONDS))
    return response


@get(BACK_PATH, sync_to_thread=True)
def come_back(request: Request[Any, Any, Any]) -> Response[Any]:
    """From the provider. Failures count for the address, and one log-in is answered once."""
    visit = visit_of(request)
    openid, guard, now = _openid(visit), guard_of(request), time.monotonic()
    address = address_of(request)
    if guard.addresses.wait(address, now):
        return _not_let_in(visit, LoginRefused(Why.STALE, "too many attempts"), status=429)
    try:
        finished = openid.finish(request.cookies.get(BEGUN_COOKIE, ""), visit.query, address)
    except LoginRefused as refused:
        guard.addresses.failed(address, now)
        response: Response[Any] = _not_let_in(visit, refused)
        response.set_cookie(_begun_cookie(request, "", 0))
        return response
    onward = safe_next(finished.onward)
    if isinstance(finished.found, NeedsCode):
        response = _go_on(visit, link("/login/code", {"next": onward if onward != HOME else ""}))
        response.set_cookie(half_cookie(request, finished.found.half, HALF_SECONDS))
    else:
        response = entered(request, visit, finished.found, _go_on(visit, onward))
    response.set_cookie(_begun_cookie(request, "", 0))
    return response


def _openid(visit: Visit) -> OpenId:
    if visit.node.openid is None:
        raise NotFound("this node has no OpenID provider")
    return visit.node.openid


def _go_on(visit: Visit, onward: str) -> Response[Any]:
    return render(visit, "entered.html", onward=onward)


def _not_let_in(visit: Visit, refused: LoginRefused, *, status: int = 0) -> Response[Any]:
    return render(
        visit,
        "not_let_in.html",
        status or refused.status,
        why=refused.why.value,
        subject=refused.subject,
        provider=_openid(visit).host,
    )


def _begun_cookie(request: Request[Any, Any, Any], value: str, seconds: int) -> Cookie:
    return Cookie(
        key=BEGUN_COOKIE,
        value=value,
        max_age=seconds,
        path="/login",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
