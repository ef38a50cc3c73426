"""POST /v1/match: another node's messages in a session of private matching, as bytes; docs/matching.md.

/v1/match/ask is its question whether a session may begin (204, or 202 while an operator has not said yes);
/v1/match/{session}/pledge is its offer of a pledged session, with this node's pledge as the answer;
/v1/match/{session} is every message of it, each with its one answer. For peers alone.
"""

import re
from typing import Any

from litestar import Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.app.match_asking import ASK_PATH, MATCH_PATH, MEDIA_TYPE
from tocsin.app.matching import MAX_BODY_BYTES
from tocsin.kernel import NotFound
from tocsin.web.auth import caller_with, node_of

_SESSION = re.compile("[0-9a-f]{32}")


@post(ASK_PATH, status_code=204, request_max_body_size=MAX_BODY_BYTES)
async def ask(request: Request[Any, Any, Any]) -> Response[None]:
    """204 when it may begin now, 202 when it waits for a yes; 403 when nothing agreed to holds it."""
    body = await request.body()
    node, caller = node_of(request), await caller_with(request, body)
    now = await sync_to_thread(node.matching.ask, caller, body)
    return Response(None, status_code=204 if now else 202)


@post(f"{MATCH_PATH}/{{session:str}}", status_code=200, request_max_body_size=MAX_BODY_BYTES)
async def answer(request: Request[Any, Any, Any], session: FromPath[str]) -> Response[bytes]:
    """The answer to a message; the same message again gets the same answer. 503: send it again soon."""
    body = await request.body()
    node, caller = node_of(request), await caller_with(request, body)
    said = await sync_to_thread(node.matching.answer, caller, _name(session), body)
    return Response(said, media_type=MEDIA_TYPE)


@post(f"{MATCH_PATH}/{{session:str}}/pledge", status_code=200, request_max_body_size=MAX_BODY_BYTES)
async def pledge(request: Request[Any, Any, Any], session: FromPath[str]) -> Response[bytes]:
    """This node's signed pledge for the peer's; the same offer again gets the same. 503: send it again soon."""
    body = await request.body()
    node, caller = node_of(request), await caller_with(request, body)
    said = await sync_to_thread(node.matching.pledge, caller, _name(session), body)
    return Response(said, media_type=MEDIA_TYPE)


def _name(session: str) -> str:
    if _SESSION.fullmatch(str(session)) is None:
        raise NotFound("a session is named by 32 hexadecimal digits")
    return str(session)
