"""/log: this node's log in the public layout (c2sp.org/tlog-tiles), for anybody: salted commitments and hashes.

GET /log/checkpoint is what was signed last; /log/tile/<L>/<N>[.p/<W>] and /log/tile/entries/<N>[.p/<W>] never change.
Reading costs no write, one answer is at most a bundle, and what no checkpoint covers is not shown.
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.app.witnessing import CHECKPOINT_PATH, CONSISTENCY_PATH, SEEN_PATH
from tocsin.kernel import NotFound
from tocsin.web.auth import caller_with, node_of, require
from tocsin.wire.tlog import parse_tile_path
from tocsin.wire.tlog.checkpoint import MAX_SIZE, whole_number
from tocsin.wire.tlog.note import MAX_NOTE_BYTES
from tocsin.wire.tlog.proof import hash_lines

FOR_EVER = "public, max-age=31536000, immutable"
SOON = "public, max-age=2"
"""As long as a checkpoint is the newest, at least."""


@get(CHECKPOINT_PATH)
async def checkpoint(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The newest signed note. 404 before the first."""
    kept = await sync_to_thread(node_of(request).transparency_log.checkpoint)
    return Response(kept.note, media_type="text/plain", headers={"Cache-Control": SOON})


@get("/log/tile/{name:path}")
async def tile(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Hashes, or entries. 400 for no name of a tile, 404 for one that no checkpoint covers."""
    wanted = parse_tile_path(str(name).removeprefix("/"))
    content = await sync_to_thread(node_of(request).transparency_log.tile, wanted)
    return Response(content, media_type="application/octet-stream", headers={"Cache-Control": FOR_EVER})


@get(CONSISTENCY_PATH)
async def consistency(request: Request[Any, Any, Any]) -> Response[bytes]:
    """That this log of `new` entries begins with the `old` ones: hashes in base64, one a line. For peers and people."""
    await require(request, "taxii.read")
    old, new = (
        whole_number(request.query_params.get(name, ""), name, most=MAX_SIZE) for name in ("old", "new")
    )
    proof = await sync_to_thread(node_of(request).transparency_log.consistency, old, new)
    return Response(hash_lines(proof), media_type="text/plain")


@post(SEEN_PATH, status_code=204, request_max_body_size=MAX_NOTE_BYTES)
async def seen(request: Request[Any, Any, Any]) -> Response[None]:
    """What a peer has seen of this log, cosigned. 204 whether the log has it or, from now on, is stopped."""
    body = await request.body()
    node, caller = node_of(request), await caller_with(request, body)
    await sync_to_thread(node.access.require, caller, "taxii.post")

    def keep() -> None:
        peer = None if caller.peer is None else node.store.peers.get(caller.peer)
        if peer is None:
            raise NotFound("there is no such thing here, or not for you")
        node.exchange.witnessing.told(peer, body)

    await sync_to_thread(keep)
    return Response(None, status_code=204)
