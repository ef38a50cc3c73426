"""A visit: one request to the console, with its language, its person, and its form, all checked before any page runs.

`begin` runs before every handler of the console, so that no page can forget a check:

1. the language is chosen;
2. the session of the cookie is looked up;
3. a file is read of whoever may send one, and of nobody else;
4. a POST must come from this console's own page, and with a session must carry that session's token.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request
from litestar.concurrency import sync_to_thread

from tocsin.app.access import Opened
from tocsin.app.node import Node
from tocsin.kernel import Caller
from tocsin.web.auth import node_of
from tocsin.web.console import acts
from tocsin.web.console.forms import check_origin, check_token, read_form, read_upload
from tocsin.web.console.languages import Language, choose

if TYPE_CHECKING:
    from tocsin.web.public.bodies import SentFile

SESSION_COOKIE = "tocsin_session"
LANGUAGE_COOKIE = "tocsin_lang"
MAX_SECRET_CHARS = 128
UPLOADS = {"/labels/verify": acts.LABELS_VERIFY, "/labels/recognise": acts.LABELS_RECALL}
"""Forms that bring a file, and the act that is asked before a byte of it is read."""


class LoginNeeded(Exception):
    """There is no open session: the answer is the log-in page."""


class Visit(msgspec.Struct, frozen=True):
    """What a page knows of its request. `query` and `form` hold each name once."""

    node: Node
    language: Language
    path: str
    query: dict[str, str]
    form: dict[str, str]
    now: datetime
    secure: bool
    """The request came by TLS, so cookies are told never to travel without it."""
    session: Opened | None = None
    files: "tuple[SentFile, ...]" = ()

    @property
    def caller(self) -> Caller:
        """The person. Raises LoginNeeded."""
        if self.session is None:
            raise LoginNeeded
        return self.session.caller

    def may(self, act: str) -> bool:
        """Whether the person may; False for nobody."""
        return self.session is not None and self.node.access.may(self.session.caller, act)

    def require(self, act: str) -> Caller:
        """The person, if they may. Raises LoginNeeded, NotAllowed (audited)."""
        self.node.access.require(self.caller, act)
        return self.caller


async def begin(request: Request[Any, Any, Any]) -> None:
    """Checks 1 to 4, before the page. Raises BadInput, NotAllowed."""
    visit = stranger(request)  # 1
    request.state.visit = visit
    secret = request.cookies.get(SESSION_COOKIE, "")
    if 0 < len(secret) <= MAX_SECRET_CHARS:  # 2
        session = await sync_to_thread(visit.node.access.session, secret)
        visit = msgspec.structs.replace(visit, session=session)
        request.state.visit = visit
    if request.method == "POST":
        check_origin(request.headers)  # 4
        files: tuple[SentFile, ...] = ()
        if (act := UPLOADS.get(visit.path)) is not None:
            await sync_to_thread(visit.require, act)  # 3
            form, files = await read_upload(request)
        else:
            form = await read_form(request)
        if visit.session is not None:
            check_token(form, visit.session.csrf)
        request.state.visit = msgspec.structs.replace(visit, form=form, files=files)


def visit_of(request: Request[Any, Any, Any]) -> Visit:
    """The visit that `begin` made."""
    visit: Visit = request.state.visit
    return visit


def stranger(request: Request[Any, Any, Any]) -> Visit:
    """A visit of somebody unknown: for pages before the log-in, and for errors."""
    query = _once(request.query_params)
    node = node_of(request)
    return Visit(
        node=node,
        language=choose(
            asked=query.get("lang"),
            kept=request.cookies.get(LANGUAGE_COOKIE),
            accept=request.headers.get("accept-language"),
        ),
        path=request.url.path,
        query=query,
        form={},
        now=node.clock(),
        secure=request.url.scheme == "https",
    )


def _once(pairs: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(pairs[name]) for name in pairs}
