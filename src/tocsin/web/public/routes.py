"""The public door's addresses, joined; and what somebody sees when something is refused or fails."""

from typing import Any

import structlog
from litestar import Request, Response, Router
from litestar.exceptions import HTTPException

from tocsin.kernel import TocsinError, TooLarge, Unavailable
from tocsin.web import problems
from tocsin.web.console.languages import N_
from tocsin.web.ingest import SlowBody
from tocsin.web.public import api, applicants, following, pages
from tocsin.web.public.bodies import MAX_BODY_BYTES
from tocsin.web.public.door import TooMany
from tocsin.web.public.render import render, visitor
from tocsin.web.public.tickets import TicketEarly, TicketRefused

_log = structlog.get_logger(__name__)

_TOO_MUCH = (
    N_("That is too much at once"),
    N_("Go back and send fewer or smaller files. You can add more later, with your number and secret."),
)
_NOT_READ = (N_("This could not be read"), N_("Go back and use the form on the page."))
_OURS = (
    N_("It did not work, and that is our fault"),
    N_("Nothing of it was kept. Go back and send it again in a few minutes: what you wrote is still there."),
)
_REFUSED: tuple[tuple[type[Exception], tuple[str, str]], ...] = (
    (
        TooMany,
        (
            N_("Many reports are coming in just now"),
            N_(
                "This is not about you. Go back, wait a little, send it again: what you wrote is still there."
            ),
        ),
    ),
    (
        TicketRefused,
        (
            N_("This form cannot be sent again"),
            N_("If you saw a number and a secret, your report has arrived. If not, open a new form."),
        ),
    ),
    (TooLarge, _TOO_MUCH),
    (
        SlowBody,
        (
            N_("It took too long to arrive"),
            N_("Go back and send the words without files. You can add the files later."),
        ),
    ),
)
_BY_STATUS = {
    404: (N_("There is nothing here"), N_("Look at the address again.")),
    413: _TOO_MUCH,
}


def on_page_error(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    """One page for every refusal and failure: what happened and what to do, in the visitor's language."""
    status = error.status_code if isinstance(error, HTTPException) else getattr(error, "status", 500)
    if status >= 500 and not isinstance(error, TocsinError):
        _log.error("public.failed", path=request.url.path, method=request.method, exc_info=error)
    seen = visitor(request)
    again = _again(error)
    title, advice = _words(error, status)
    home = applicants.PAGE if seen.path.startswith(applicants.PAGE) else ""
    return render(
        seen,
        "problem.html",
        status,
        {"Retry-After": str(again)} if again else {},
        page=home or "/report",
        home=home,
        title=seen.language.say(title),
        advice=seen.language.say(advice),
        again=again,
    )


def _words(error: Exception, status: int) -> tuple[str, str]:
    """What happened, and what to do."""
    for kind, words in _REFUSED:
        if isinstance(error, kind):
            return words
    return _BY_STATUS.get(status, _NOT_READ if status < 500 else _OURS)


def on_api_error(request: Request[Any, Any, Any], error: TocsinError) -> Response[bytes]:
    """Problem details (RFC 9457), with how long to wait."""
    headers = {"Retry-After": str(again)} if (again := _again(error)) else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Receipt realm="report"'
    return problems.problem(error.status, error.code, error.message, headers)


def _again(error: Exception) -> int:
    if isinstance(error, TooMany | TicketEarly):
        return error.seconds
    return 5 if isinstance(error, Unavailable) else 0


def public_routers() -> tuple[Router, Router]:
    """The pages and the API. An application that has them keeps a `door.Door` in its state as `door`."""
    page_router = Router(
        path="/",
        route_handlers=[
            pages.start,
            pages.form,
            pages.send,
            following.find,
            following.show,
            following.add,
            following.appeal,
            following.withdraw,
            following.erase,
            following.held,
        ],
        exception_handlers={
            TocsinError: on_page_error,
            HTTPException: on_page_error,
            Exception: on_page_error,
        },
        request_max_body_size=MAX_BODY_BYTES,
        include_in_schema=False,
    )
    api_router = Router(
        path="/",
        route_handlers=[api.ticket, api.submit, api.follow, api.held, api.say],
        exception_handlers={TocsinError: on_api_error},
        request_max_body_size=MAX_BODY_BYTES,
    )
    return page_router, api_router


def applicant_routers() -> tuple[Router, Router]:
    """The pages for applicants, and the addresses that their wallets and programs use."""
    page_router = Router(
        path="/",
        route_handlers=list(applicants.PAGES),
        exception_handlers={
            TocsinError: on_page_error,
            HTTPException: on_page_error,
            Exception: on_page_error,
        },
        request_max_body_size=MAX_BODY_BYTES,
        include_in_schema=False,
    )
    wallet_router = Router(
        path="/",
        route_handlers=list(applicants.WALLETS),
        exception_handlers={TocsinError: on_api_error},
        request_max_body_size=MAX_BODY_BYTES,
    )
    return page_router, wallet_router
