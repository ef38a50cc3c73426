"""The application, and the one process that serves it."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, Request, Response
from litestar.config.app import AppConfig
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Message, Receive, Scope, Send

from tocsin import __version__
from tocsin.app.jobs import Jobs
from tocsin.app.node import Node
from tocsin.kernel import TocsinError
from tocsin.kernel.limits import MAX_BATCH_BYTES
from tocsin.web import (
    access,
    access_control,
    access_envoy,
    access_held,
    calendar,
    distinct,
    health,
    identity,
    ingest,
    labels,
    live,
    log,
    matching,
    models,
    problems,
    receipts,
    schemas,
    sums,
    sync,
    transparency,
)
from tocsin.web.console import console_router, on_error
from tocsin.web.public import applicant_routers, public_routers
from tocsin.web.public.door import Door
from tocsin.web.taxii import taxii_router

MAX_CONNECTIONS = 256
KEEP_ALIVE_SECONDS = 15
STOP_SECONDS = 5

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Listening(msgspec.Struct, frozen=True):
    """Where to listen. `certificate` and `key` are PEM files; both or neither."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None

    @property
    def tls(self) -> bool:
        return self.certificate is not None


class _Application(Litestar):
    """One address has a short way before everything else (`access_held`)."""

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        if access_held.may_be_held(scope):
            rest = await self.state.held_answers.give(scope, receive, send)
            if rest is None:
                return
            receive = rest
        await super().__call__(scope, receive, send)


def create_app(node: Node, *, jobs: bool = True, tls: bool = False) -> Litestar:
    """The whole HTTP surface of one node. With `jobs` its background work runs while the application does.

    Raises BadInput naming a bad file of the node's folder.
    """
    node.build_all()
    settings = node.settings
    app = application(public_reports=settings.public_reports, applicants=settings.applicants, tls=tls)
    app.state = state_of(node, jobs=jobs, tls=tls)
    return app


def state_of(node: Node, *, jobs: bool, tls: bool = False) -> State:
    """What an application needs of the node that it answers for."""
    state = State({"node": node, "jobs": jobs, "tls": tls, "lines": live.Lines()})
    state.readiness = health.Readiness(node)
    state.gateways = access.Gateways()
    state.held_answers = access_held.HeldAnswers(node, state.gateways, _headers(tls))
    if node.settings.public_reports or node.settings.applicants:
        state.door = Door(node)
    return state


def application(*, public_reports: bool, applicants: bool, tls: bool) -> Litestar:
    """Every address and what answers there. It answers for the node of its `state`, which is to be set."""
    every = _headers(tls)

    # before_send, not middleware: middleware does not see the answer to an unknown path
    async def secure(message: Message, _: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in every.items():
            headers.setdefault(name, value)

    return _Application(
        route_handlers=[
            access.decide,
            access.evaluations,
            access.configuration,
            access_envoy.envoy,
            access_control.control,
            access_control.control_open,
            access_control.control_approve,
            access_control.control_stop,
            health.healthz,
            health.readyz,
            health.metrics,
            calendar.deadlines,
            ingest.events,
            ingest.traces,
            ingest.logs,
            schemas.schema,
            identity.identity,
            live.live,
            sync.sync,
            receipts.receipts,
            transparency.transparency,
            transparency.transparency_file,
            log.checkpoint,
            log.tile,
            log.consistency,
            log.seen,
            matching.ask,
            matching.answer,
            matching.pledge,
            sums.sums,
            labels.write,
            labels.verify,
            distinct.distinct,
            models.models,
            models.model,
            models.inventory,
            taxii_router,
            console_router,
            *(public_routers() if public_reports else ()),
            *(applicant_routers() if applicants else ()),
        ],
        lifespan=[_working],
        before_send=[secure],
        exception_handlers={
            TocsinError: problems.on_tocsin_error,
            HTTPException: _for_browser_or_program,
            Exception: problems.on_failure,
        },
        request_max_body_size=MAX_BATCH_BYTES,
        openapi_config=OpenAPIConfig(
            title="Tocsin", version=__version__, path="/openapi", render_plugins=[JsonRenderPlugin()]
        ),
        on_app_init=[_quiet],
        logging_config=None,
    )


def _headers(tls: bool) -> dict[str, str]:
    """What every answer carries."""
    every = {**SECURITY_HEADERS, "Cache-Control": "no-store"}
    if tls:
        every["Strict-Transport-Security"] = "max-age=31536000"
    return every


@asynccontextmanager
async def _working(app: Litestar) -> AsyncIterator[None]:
    """The background work, while the application runs."""
    running = Jobs(app.state.node) if app.state.jobs else None
    if running:
        running.start()
    try:
        yield
    finally:
        if running:
            running.stop()


def _for_browser_or_program(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """A page for a person who mistyped an address, problem details for a program."""
    if "text/html" in request.headers.get("accept", ""):
        return on_error(request, error)
    return problems.on_http_error(request, error)


def _quiet(config: AppConfig) -> AppConfig:
    config.debug = False
    return config


class _Server(uvicorn.Server):
    """Tells the live lines to end when the first signal comes: they would hold up the shutdown otherwise."""

    def __init__(self, config: uvicorn.Config, lines: live.Lines) -> None:
        super().__init__(config)
        self._lines = lines

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._lines.closing = True
        super().handle_exit(sig, frame)


def serve(node: Node, listening: Listening, **options: Any) -> None:
    """Serve until SIGTERM or SIGINT; unfinished answers get STOP_SECONDS."""
    app = create_app(node, tls=listening.tls)
    gc.freeze()  # what stands by now stays; the collector going through it all would hold up every answer for 0.1 s
    config = uvicorn.Config(
        app,
        host=listening.host,
        port=listening.port,
        ssl_certfile=listening.certificate,
        ssl_keyfile=listening.key,
        loop="uvloop",
        http="httptools",
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        server_header=False,
        date_header=True,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        **options,
    )
    _Server(config, app.state.lines).run()
