"""My account: how I log in, my second factor, my open sessions, my tokens. Nobody sees or changes another's."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath

from tocsin.app.access import FRESH_MINUTES, Opened
from tocsin.app.accounts import MAX_CODE_CHARS
from tocsin.kernel import BadInput, NotAllowed
from tocsin.trust.passwords import MIN_CHARS
from tocsin.web.console.login import address_of, entered, guard_of, see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import LoginNeeded, Visit, visit_of

ACCOUNT = "/account"
Done = TypeVar("Done")

QUIET_ZONE = 4
"""Light modules around a QR code (ISO/IEC 18004, 9.1)."""


class Square(msgspec.Struct, frozen=True):
    """A QR code as one SVG path over `side` by `side` modules, the quiet zone included."""

    side: int
    path: str


@get(ACCOUNT, sync_to_thread=True)
def account_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Everything of one's own."""
    visit = visit_of(request)
    return _page(visit)


@post(f"{ACCOUNT}/password", sync_to_thread=True)
def set_password(request: Request[Any, Any, Any]) -> Response[Any]:
    """A new password, typed twice. Ends the other sessions."""
    visit, opened = _opened(request)
    password = visit.form.get("password", "")
    if password != visit.form.get("again", ""):
        raise BadInput("the two passwords differ: type the same one twice")
    visit.node.accounts.set_own_password(opened, password)
    return see_other(f"{ACCOUNT}?done=password")


@post(f"{ACCOUNT}/second-factor", sync_to_thread=True)
def begin_second_factor(request: Request[Any, Any, Any]) -> Response[Any]:
    """A new secret, to be confirmed."""
    visit, opened = _opened(request)
    visit.node.accounts.begin_own_enrolment(opened)
    return see_other(f"{ACCOUNT}/second-factor")


@get(f"{ACCOUNT}/second-factor", sync_to_thread=True)
def enrolment_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The square and the words, until they are confirmed."""
    visit, _ = _opened(request)
    return _enrolment(visit)


@post(f"{ACCOUNT}/second-factor/confirm", sync_to_thread=True)
def confirm_second_factor(request: Request[Any, Any, Any]) -> Response[Any]:
    """The first code. Answers with the recovery codes, which no other page shows again."""
    visit, opened = _opened(request)
    accounts = visit.node.accounts
    try:
        codes, stronger = accounts.confirm_own_enrolment(opened, _code(visit), address_of(request))
    except BadInput:
        return _enrolment(visit, status=400, failed=True)
    if stronger is None:
        raise LoginNeeded
    visit = msgspec.structs.replace(visit, session=stronger)
    return entered(request, visit, stronger, _codes(visit, codes))


@post(f"{ACCOUNT}/second-factor/codes", sync_to_thread=True)
def new_codes(request: Request[Any, Any, Any]) -> Response[Any]:
    """Recovery codes in place of the earlier ones."""
    visit, opened = _opened(request)
    return _codes(visit, _with_code(request, opened, visit.node.accounts.new_recovery_codes))


@post(f"{ACCOUNT}/second-factor/remove", sync_to_thread=True)
def remove_second_factor(request: Request[Any, Any, Any]) -> Response[Any]:
    """No second factor from now on."""
    visit, opened = _opened(request)
    _with_code(request, opened, visit.node.accounts.remove_second_factor)
    return see_other(f"{ACCOUNT}?done=removed")


@post(f"{ACCOUNT}/sessions/{{digest:str}}", sync_to_thread=True)
def close_session(request: Request[Any, Any, Any], digest: FromPath[str]) -> Response[Any]:
    """End one session."""
    visit, opened = _opened(request)
    visit.node.accounts.close_own_session(opened, digest)
    return see_other(f"{ACCOUNT}?done=session")


@post(f"{ACCOUNT}/tokens/{{token_id:str}}", sync_to_thread=True)
def revoke_token(request: Request[Any, Any, Any], token_id: FromPath[str]) -> Response[Any]:
    """End one token."""
    visit, opened = _opened(request)
    visit.node.accounts.revoke_own_token(opened, token_id)
    return see_other(f"{ACCOUNT}?done=token")


def square(text: str) -> Square:
    """`text` as a QR code: a path of dark runs, so that no markup comes from outside the template."""
    matrix = segno.make_qr(text, error="m").matrix
    runs: list[str] = []
    for row, modules in enumerate(matrix):
        column = 0
        while column < len(modules):
            start = column
            while column < len(modules) and modules[column]:
                column += 1
            if column > start:
                runs.append(f"M{start + QUIET_ZONE} {row + QUIET_ZONE}h{column - start}v1h-{column - start}z")
            column += 1
    return Square(side=len(matrix) + 2 * QUIET_ZONE, path="".join(runs))


def _opened(request: Request[Any, Any, Any]) -> tuple[Visit, Opened]:
    visit = visit_of(request)
    if visit.session is None:
        raise LoginNeeded
    return visit, visit.session


def _code(visit: Visit) -> str:
    return visit.form.get("code", "")[:MAX_CODE_CHARS]


def _with_code(request: Request[Any, Any, Any], opened: Opened, act: Callable[[Opened, str], Done]) -> Done:
    """Do what needs a code, within the bound on wrong ones: a stolen cookie must not try them all."""
    codes, user, now = guard_of(request).codes, opened.caller.user, time.monotonic()
    if codes.wait(user, now):
        raise NotAllowed("too many wrong codes: wait, then try again")
    try:
        done = act(opened, _code(visit_of(request)))
    except NotAllowed:
        codes.failed(user, now)
        raise
    codes.succeeded(user)
    return done


def _page(visit: Visit) -> Response[str]:
    caller = visit.caller
    assert visit.session is not None
    return render(
        visit,
        "account.html",
        account=visit.node.accounts.of(caller),
        here=visit.session.digest,
        now=visit.now,
        done=visit.query.get("done", ""),
        fresh_minutes=FRESH_MINUTES,
        least=MIN_CHARS,
    )


def _enrolment(visit: Visit, *, status: int = 200, failed: bool = False) -> Response[Any]:
    accounts = visit.node.accounts
    enrolment = accounts.enrolment(visit.node.access.named(visit.caller.user))
    if enrolment is None:
        return see_other(ACCOUNT)
    return render(
        visit,
        "second_factor.html",
        status,
        enrolment=enrolment,
        square=square(enrolment.address),
        failed=failed,
    )


def _codes(visit: Visit, codes: tuple[str, ...]) -> Response[str]:
    return render(visit, "recovery_codes.html", codes=codes)
