"""/log: this node's log in the public layout (c2sp.org/tlog-tiles), for anybody: salted commitments and hashes.

GET /log/checkpoint is what was signed last; /log/tile/<L>/<N>[.p/<W>] and /log/tile/entries/<N>[.p/<W>] never change.
Reading costs no write, one answer is at most a bundle, and what no checkpoint covers is not shown.
"""

from typing import Any

from litestar import Request, Response, get
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.web.auth import node_of
from tocsin.wire.tlog import parse_tile_path

CHECKPOINT_PATH = "/log/checkpoint"
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
