"""/v1/sums: where peers leave messages of private sums. They answer nothing: what is said comes back as a message.

204 when it was taken, 503 when it came too early, 403 where this node's operator did not agree to sums with the peer.
"""

from typing import Any

from litestar import Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.app.sum_line import PATH
from tocsin.app.summing import MAX_BODY_BYTES
from tocsin.kernel import NotAllowed, NotFound, PeerStatus, micros
from tocsin.web.auth import caller_with, node_of
from tocsin.wire.tlog.checkpoint import whole_number

MAX_EPOCH = 100_000


@post(f"{PATH}/{{epoch:str}}/{{kind:str}}", status_code=204, request_max_body_size=MAX_BODY_BYTES)
async def sums(request: Request[Any, Any, Any], epoch: FromPath[str], kind: FromPath[str]) -> Response[None]:
    """A message of a peer that this node agreed to sum with."""
    body = await request.body()
    node, caller = node_of(request), await caller_with(request, body)
    await sync_to_thread(node.access.require, caller, "sum.take")
    week = whole_number(epoch, "epoch", most=MAX_EPOCH)

    def take() -> None:
        peer = None if caller.peer is None else node.store.peers.get(caller.peer)
        if peer is None:
            raise NotFound("there is no such thing here, or not for you")
        if peer.identity is None or peer.status_at(micros(node.clock())) is not PeerStatus.TRUSTED:
            raise NotAllowed("your key is not pinned here, or trusted no more")
        node.summing.take(peer.identity, week, kind, body)

    await sync_to_thread(take)
    return Response(None, status_code=204)
