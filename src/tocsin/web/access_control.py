"""/v1/access/controls: an act is put before a person, opened, approved with a signed record, or stopped."""

import base64
from typing import Any

import msgspec
from litestar import Request, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery

from tocsin.kernel import BadInput
from tocsin.kernel.admission import ControlLook
from tocsin.web.auth import caller_of, caller_with, node_of
from tocsin.wire.authzen import MAX_REQUEST_BYTES, read_evaluation
from tocsin.wire.strict_json import decode


class Approved(msgspec.Struct, frozen=True):
    """`record` in base64 is what `context.human_control` takes."""

    record: str


@post("/v1/access/controls", status_code=201)
async def control(request: Request[Any, Any, Any], least_seconds: FromQuery[int] = 0) -> ControlLook:
    """A gateway puts an act before people: a question of access with `context.shown`."""
    body = await request.body()
    caller = await caller_with(request, body)
    node = node_of(request)
    return await sync_to_thread(
        lambda: node.control_looks.ask(caller, read_evaluation(body), least_seconds=least_seconds)
    )


@post("/v1/access/controls/{look:str}/open", status_code=200)
async def control_open(request: Request[Any, Any, Any], look: FromPath[str]) -> ControlLook:
    """A person sees it from now on: `{"shown": DIGEST}` says what lies before them."""
    body = await request.body()
    caller = await caller_with(request, body)
    value = decode(body, "what is shown", limit=MAX_REQUEST_BYTES, values=8)
    if not isinstance(value, dict) or not isinstance(value.get("shown"), str):
        raise BadInput('say what lies before you: {"shown": "sha256 in hexadecimal"}')
    return await sync_to_thread(node_of(request).control_looks.open, caller, look, value["shown"])


@post("/v1/access/controls/{look:str}/approve", status_code=200)
async def control_approve(request: Request[Any, Any, Any], look: FromPath[str]) -> Approved:
    """Their word; 400 where they looked for less than was asked."""
    caller = await caller_of(request)
    record = await sync_to_thread(node_of(request).control_looks.approve, caller, look)
    return Approved(base64.b64encode(record).decode())


@post("/v1/access/controls/{look:str}/stop", status_code=200)
async def control_stop(request: Request[Any, Any, Any], look: FromPath[str]) -> ControlLook:
    """Nothing is granted on it from now on."""
    caller = await caller_of(request)
    return await sync_to_thread(node_of(request).control_looks.stop, caller, look)
