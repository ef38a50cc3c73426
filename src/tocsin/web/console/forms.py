"""Forms: read within bounds, and taken only from this console's own pages.

Enters: a POST. Leaves: plain fields. Refuses, with one 403 and no hint: another site's form (Origin and
Sec-Fetch-Site), a form without this session's own token (compared in constant time).
"""

import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from litestar import Request

from tocsin.kernel import BadInput, NotAllowed

if TYPE_CHECKING:
    from tocsin.web.public.bodies import SentFile

MAX_FORM_BYTES = 64 << 10
"""The longest statement is 4,000 characters; escaped Chinese takes nine bytes each."""
MAX_FORM_FIELDS = 128
"""A decision has some 35 fields and three for each duty of the accountability chain."""
MAX_UPLOAD_BYTES = (8 << 20) + MAX_FORM_BYTES
"""One file as `web.public.bodies` takes it, and the fields beside it; larger ones go over the command line."""
CSRF_FIELD = "csrf"

_MEDIA_TYPE = "application/x-www-form-urlencoded"


async def read_form(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The fields of an urlencoded form, each once. Raises BadInput, TooLarge (by Litestar, as 413)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise BadInput("this page takes forms only: use the one on the page before")
    try:
        body = (await request.body()).decode("utf-8")
        pairs = parse_qsl(
            body,
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_FORM_FIELDS,
        )
    except ValueError:
        raise BadInput("the form could not be read: use the one on the page before") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadInput("a field was sent twice: use the form on the page before")
    # NUL ends a string in PostgreSQL and nobody types it.
    return {name: value.replace("\x00", "").replace("\r\n", "\n") for name, value in fields.items()}


async def read_upload(request: Request[Any, Any, Any]) -> "tuple[dict[str, str], tuple[SentFile, ...]]":
    """The fields and files of a form that brings a file, within MAX_UPLOAD_BYTES. Raises BadInput, TooLarge."""
    from tocsin.web.public.bodies import (
        read_sent,
    )  # its pages are made of ours: at the top it would be a ring

    sent = read_sent(await request.body(), request.headers.get("content-type", ""))
    return sent.fields, sent.files


def check_origin(headers: Mapping[str, str]) -> None:
    """Refuse what a browser says comes from another site. Raises NotAllowed.

    1. Sec-Fetch-Site, where sent, must be same-origin (browsers leave it out over plain HTTP off loopback).
    2. Origin, where sent, must name the host that was asked.
    3. One of the two must be there: every browser of the last five years sends Origin with a POST.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    same_site = site in (None, "same-origin")  # 1
    same_host = origin is None or _host(origin) == headers.get("host", "").lower()  # 2
    if not (same_site and same_host) or (site is None and origin is None):  # 3
        raise NotAllowed("this form came from another place: open the page again and use its own form")


def check_token(form: Mapping[str, str], csrf: str) -> None:
    """Refuse a form that does not carry this session's token. Raises NotAllowed."""
    if not hmac.compare_digest(form.get(CSRF_FIELD, "").encode(), csrf.encode()):
        raise NotAllowed("this form is not from your session: open the page again and use its own form")


def _host(origin: str) -> str | None:
    """Host and port as a Host header would say them; the scheme is left to a TLS proxy in front."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in ("http", "https") and not parts.path else None
