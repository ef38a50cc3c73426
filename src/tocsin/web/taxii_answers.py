"""TAXII answers over HTTP: resources, pages of kept bytes, and every error as the standard's error message."""

from collections.abc import Callable
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException

from tocsin.kernel import NotFound, TocsinError, Unavailable
from tocsin.store.interface import TaxiiPage, TaxiiStatus
from tocsin.web.auth import NotAuthenticated
from tocsin.wire import taxii

Ask = Request[Any, Any, Any]
Answer = Response[bytes]

_log = structlog.get_logger("tocsin.taxii")


def nothing_there() -> NotFound:
    """The one answer to what is not there and to what is not for the caller."""
    return NotFound("there is no such thing here, or not for you")


def envelope(page: TaxiiPage) -> Answer:
    """Section 3.7, put together from the kept bytes."""
    head = b'{"more":false'
    if page.more:
        head = b'{"more":true,"next":"' + taxii.next_token(page.rows[-1].added).encode() + b'"'
    if not page.rows:
        return raw(head + b"}")
    body = head + b',"objects":[' + b",".join([row.stix for row in page.rows]) + b"]}"
    return raw(body, headers=added(page))


def added(page: TaxiiPage) -> dict[str, str]:
    """Section 1.6.1: when the first and the last object of a page were added."""
    if not page.rows:
        return {}
    return {
        "X-TAXII-Date-Added-First": taxii.timestamp_micros(page.rows[0].added),
        "X-TAXII-Date-Added-Last": taxii.timestamp_micros(page.rows[-1].added),
    }


def status_resource(kept: TaxiiStatus) -> taxii.Status:
    """Section 4.3.1."""
    successes = tuple(taxii.StatusDetail(id=name, version=version) for name, version in kept.successes)
    failures = tuple(
        taxii.StatusDetail(id=name, version=version, message=message)
        for name, version, message in kept.failures
    )
    return taxii.Status(
        id=kept.id,
        status="complete",
        request_timestamp=taxii.timestamp_micros(kept.requested_at),
        total_count=len(successes) + len(failures),
        success_count=len(successes),
        successes=successes,
        failure_count=len(failures),
        failures=failures,
        pending_count=0,
    )


def resource(value: Any, headers: dict[str, str] | None = None, *, status_code: int = 200) -> Answer:
    """A resource as JSON."""
    return raw(taxii.encode(value), headers=headers, status_code=status_code)


def raw(body: bytes, *, headers: dict[str, str] | None = None, status_code: int = 200) -> Answer:
    """Bytes that are TAXII already."""
    return Response(body, status_code=status_code, media_type=taxii.MEDIA_TYPE, headers=headers or {})


def _error(code: int, title: str, description: str, headers: dict[str, str] | None = None) -> Answer:
    """Section 3.6."""
    body = taxii.ErrorMessage(title=title, description=description, http_status=str(code))
    return raw(taxii.encode(body), headers=headers, status_code=code)


def _on_tocsin_error(_: Ask, error: TocsinError) -> Answer:
    headers: dict[str, str] = {}
    if isinstance(error, NotAuthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="tocsin", Basic realm="tocsin"'
    if isinstance(error, Unavailable):
        headers["Retry-After"] = "5"
    return _error(error.status, error.code, error.message, headers)


def _on_http_error(_: Ask, error: HTTPException) -> Answer:
    allowed = {"Allow": error.headers["Allow"]} if error.headers and "Allow" in error.headers else {}
    title = (
        "method-not-allowed" if isinstance(error, MethodNotAllowedException) else f"http-{error.status_code}"
    )
    return _error(error.status_code, title, error.detail if error.status_code < 500 else "", allowed)


def _on_failure(request: Ask, error: Exception) -> Answer:
    _log.error("request.failed", path=request.url.path, method=request.method, exc_info=error)
    return _error(500, "failure", "this is a fault of the node, not of the request; its log says more")


HANDLERS: dict[int | type[Exception], Callable[..., Answer]] = {
    TocsinError: _on_tocsin_error,
    HTTPException: _on_http_error,
    Exception: _on_failure,
}
