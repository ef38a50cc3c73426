"""The public door's addresses, joined; and what somebody sees when something is refused or fails."""

from typing import Any

import structlog
from litestar import Request, Response, Router
from litestar.exceptions import HTTPException

from tocsin.kernel import TocsinError, TooLarge, Unavailable
from tocsin.web import problems
from tocsin.web.public import api, following, pages
from tocsin.web.public.bodies import MAX_BODY_BYTES, SlowBody
from tocsin.web.public.door import TooMany
from tocsin.web.public.render import render, visitor
from tocsin.web.public.tickets import TicketEarly, TicketRefused

_log = structlog.get_logger(__name__)


def on_page_error(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    """One page for every refusal and failure: what happened and what to do, in the visitor's language."""
    status = error.status_code if isinstance(error, HTTPException) else getattr(error, "status", 500)
    if status >= 500 and not isinstance(error, TocsinError):
        _log.error("public.failed", path=request.url.path, method=request.method, exc_info=error)
    seen = visitor(request)
    say = seen.language.say
    again = _again(error)
    if isinstance(error, TooMany):
        title = say("Many reports are coming in just now")
        advice = say("This is not about you. Go back, wait a little, and send it again: what you wrote is still there.")
    elif isinstance(error, TicketRefused):
        title = say("This form cannot be sent again")
        advice = say(
            "If you saw a number and a secret, your report has arrived. If not, open a new form and send it from there."
        )
    elif isinstance(error, TooLarge) or status == 413:
        title = say("That is too much at once")
        advice = say("Go back and send fewer or smaller files. You can add more later, with your number and secret.")
    elif isinstance(error, SlowBody):
        title = say("It took too long to arrive")
        advice = say("Go back and send the words without files. You can add the files later.")
    elif status == 404:
        title = say("There is nothing here")
        advice = say("Look at the address again.")
    elif status < 500:
        title = say("This could not be read")
        advice = say("Go back and use the form on the page.")
    else:
        title = say("It did not work, and that is our fault")
        advice = say("Nothing of it was kept. Go back and send it again in a few minutes: what you wrote is still there.")
    headers = {"Retry-After": str(again)} if again else {}
    return render(seen, "problem.html", status, headers, page="/report", title=title, advice=advice, again=again)


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
        ],
        exception_handlers={TocsinError: on_page_error, HTTPException: on_page_error, Exception: on_page_error},
        request_max_body_size=MAX_BODY_BYTES,
        include_in_schema=False,
    )
    api_router = Router(
        path="/",
        route_handlers=[api.ticket, api.submit, api.follow, api.say],
        exception_handlers={TocsinError: on_api_error},
        request_max_body_size=MAX_BODY_BYTES,
    )
    return page_router, api_router
