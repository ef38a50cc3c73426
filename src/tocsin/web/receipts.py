"""POST /v1/receipts: what a peer did with a record that was taken back from it."""

from typing import Any

from litestar import Request, Response, post
from litestar.concurrency import sync_to_thread

from tocsin.app.recalling import RECEIPTS_PATH
from tocsin.kernel import NotFound
from tocsin.trust.receipts import read_receipt
from tocsin.web.auth import caller_with, node_of

MAX_RECEIPT_BYTES = 128 << 10
"""A thousand digests and room around them."""


@post(RECEIPTS_PATH, status_code=204, request_max_body_size=MAX_RECEIPT_BYTES)
async def receipts(request: Request[Any, Any, Any]) -> Response[None]:
    """204 when it is kept, now or before; 404 when nothing of the kind was taken back from the caller."""
    body = await request.body()
    node, caller = node_of(request), await caller_with(request, body)
    await sync_to_thread(node.access.require, caller, "taxii.post")

    def keep() -> None:
        peer = None if caller.peer is None else node.store.peers.get(caller.peer)
        if peer is None:
            raise NotFound("there is no such thing here, or not for you")
        node.exchange.recalling.confirm(peer, read_receipt(body))

    await sync_to_thread(keep)
    return Response(None, status_code=204)
