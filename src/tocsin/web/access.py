"""POST /v1/access/decide and /v1/access/evaluations: the AuthZEN Authorization API 1.0, at its own paths too.

An answer that was given before is given again as long as it holds (`app.admission`), without a thread and the store,
and mostly before the framework sees the question (`access_held`); so is the word on the token that asks.
"""

import hashlib
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.concurrency import sync_to_thread

from tocsin.app.admission import DECIDE, HOLD_SECONDS
from tocsin.app.node import Node
from tocsin.kernel import Caller, micros
from tocsin.kernel.limits import MAX_ID_CHARS
from tocsin.web.auth import caller_with, node_of
from tocsin.wire.authzen import read_evaluations

DECIDE_PATHS = ["/v1/access/decide", "/access/v1/evaluation"]
BATCH_PATHS = ["/v1/access/evaluations", "/access/v1/evaluations"]

MAX_GATEWAYS = 1_024
"""Tokens remembered as ones that may ask; beyond it they are looked up again."""


class Gateways:
    """Tokens that may ask, each on a look at the store no older than what answers rest on."""

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}

    def knows(self, node: Node, authorization: bytes) -> bool:
        """Whether this was found to be a caller who may ask, just now."""
        looked = self._known.get(_digest(authorization))
        return looked is not None and 0 <= micros(node.clock()) - looked < HOLD_SECONDS * 1_000_000

    def note(self, authorization: bytes, looked: int) -> None:
        """It was found to be, by a look begun at `looked`."""
        if len(self._known) >= MAX_GATEWAYS:
            self._known.clear()
        self._known[_digest(authorization)] = looked


async def admit_gateway(request: Request[Any, Any, Any], body: bytes) -> None:
    """Raises NotAuthenticated, NotAllowed unless the caller may ask for decisions."""
    node, gateways = node_of(request), gateways_of(request)
    authorization = request.headers.get("authorization", "").encode("latin-1")
    signed = "signature-input" in request.headers
    if not signed and gateways.knows(node, authorization):
        return
    looked = micros(node.clock())
    caller: Caller = await caller_with(request, body)
    await sync_to_thread(node.access.require, caller, DECIDE)
    if not signed:
        gateways.note(authorization, looked)


def gateways_of(request: Request[Any, Any, Any]) -> Gateways:
    """What this application remembers of who may ask."""
    gateways: Gateways = request.app.state.gateways
    return gateways


@post(DECIDE_PATHS, status_code=200)
async def decide(request: Request[Any, Any, Any]) -> Response[bytes]:
    """One question, one answer: `decision`, and in `context` reasons, what would change it, and obligations."""
    body = await request.body()
    await admit_gateway(request, body)
    admission = node_of(request).admission
    answered = admission.held(body)
    if answered is None:
        answered = await sync_to_thread(admission.read, body)
    return _answer(request, answered.body)


@post(BATCH_PATHS, status_code=200)
async def evaluations(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Several questions, answered in order (section 7)."""
    body = await request.body()
    await admit_gateway(request, body)
    admission = node_of(request).admission

    def work() -> bytes:
        batch, answers = read_evaluations(body, admission.attributes()), []
        for one in batch.requests:
            answered = admission.answered(one)
            answers.append(msgspec.Raw(answered.body))
            if batch.ends_after(granted=answered.answer.granted):
                break
        return msgspec.json.encode({"evaluations": answers})

    return _answer(request, await sync_to_thread(work))


@get("/.well-known/authzen-configuration")
async def configuration(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Where the API is (section 9); without an account, as what it says is public."""
    base = str(request.base_url).rstrip("/")
    return {
        "policy_decision_point": base,
        "access_evaluation_endpoint": f"{base}{DECIDE_PATHS[1]}",
        "access_evaluations_endpoint": f"{base}{BATCH_PATHS[1]}",
    }


def _answer(request: Request[Any, Any, Any], body: bytes) -> Response[bytes]:
    named = request.headers.get("x-request-id", "")
    echoed = {"X-Request-ID": named} if named.isascii() and 0 < len(named) <= MAX_ID_CHARS else {}
    return Response(body, media_type=MediaType.JSON, headers=echoed)


def _digest(authorization: bytes) -> bytes:
    return hashlib.sha256(authorization).digest()
