"""One error shape for every answer: RFC 9457 problem details, which say what to do next."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from tocsin.kernel import TocsinError, Unavailable

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger(__name__)

_TITLES = {
    400: "The request cannot be taken as it is",
    401: "Who is asking is not known",
    403: "Not allowed",
    404: "There is no such thing here",
    405: "Not this method",
    406: "None of the accepted forms can be made",
    409: "It changed meanwhile",
    413: "Too large",
    415: "This form cannot be read",
    422: "Nothing could be taken",
    429: "Too many at once",
    500: "This node failed",
    502: "A peer failed",
    503: "Not just now",
}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """`type` is a stable name documented in docs/reference.md."""

    type: str
    title: str
    status: int
    detail: str


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Response[bytes]:
    """The answer to a request that failed."""
    body = Problem(
        type=f"urn:tocsin:problem:{code}",
        title=_TITLES.get(status, "It did not work"),
        status=status,
        detail=detail,
    )
    return Response(
        msgspec.json.encode(body), status_code=status, media_type=MEDIA_TYPE, headers=headers or {}
    )


def on_tocsin_error(_: Request[Any, Any, Any], error: TocsinError) -> Response[bytes]:
    """Our own errors carry their status and a sentence made for the sender."""
    headers = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="tocsin", Basic realm="tocsin"'
    if isinstance(error, Unavailable):
        headers["Retry-After"] = "5"
    return problem(error.status, error.code, error.message, headers)


def on_http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Litestar's refusals (unknown path, wrong method, body over the bound)."""
    status = error.status_code
    detail = error.detail if status < 500 else "the node's log says more"
    return problem(status, f"http-{status}", detail, dict(error.headers or {}))


def on_failure(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: logged with its trace, told without it."""
    _log.error("request.failed", path=request.url.path, method=request.method, exc_info=error)
    return problem(500, "failure", "this is a fault of the node, not of the request; its log says more")
