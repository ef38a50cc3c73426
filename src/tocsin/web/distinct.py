"""/v1/distinct: where peers leave messages of counts over several nodes, and hear whether they were taken.

204 when it was taken, 503 when it came too early, 403 where this node does not count with the peer, or not any more.
"""

import re
from typing import Any

from litestar import Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.app.distinct_post import PATH
from tocsin.app.distinct_running import MAX_BODY_BYTES
from tocsin.kernel import NotAllowed, NotFound
from tocsin.web.auth import caller_with, node_of

_SESSION = re.compile("[0-9a-f]{32}")


@post(f"{PATH}/{{session:str}}/{{kind:str}}", status_code=204, request_max_body_size=MAX_BODY_BYTES)
async def distinct(
    request: Request[Any, Any, Any], session: FromPath[str], kind: FromPath[str]
) -> Response[None]:
    """A message of a peer in a count, or about one."""
    body = await request.body()
    node, caller = node_of(request), await caller_with(request, body)
    await sync_to_thread(node.access.require, caller, "sum.take")
    if _SESSION.fullmatch(session) is None:
        raise NotFound("a count is named by 32 hexadecimal digits")

    def take() -> None:
        peer = None if caller.peer is None else node.store.peers.get(caller.peer)
        if peer is None:
            raise NotFound("there is no such thing here, or not for you")
        if peer.identity is None:
            raise NotAllowed("your key is not pinned here yet")
        node.distinct_counts.take(peer.identity, session, kind, body)

    await sync_to_thread(take)
    return Response(None, status_code=204)
