"""GET /healthz, /readyz, /metrics."""

import threading
from datetime import datetime, timedelta
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.concurrency import sync_to_thread

from tocsin.app.lag import lags
from tocsin.app.node import Node
from tocsin.web.auth import node_of, require

READY_KEPT = timedelta(seconds=1)
"""An outcome of the probe counts this long: it writes, and anybody may ask without a token."""


class Readiness:
    """Whether a node's store reads and writes, asked of the store once in READY_KEPT however many ask here."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._turn = threading.Lock()
        self._found: tuple[datetime, str | None] | None = None

    def wrong(self) -> str | None:
        """None when all works; otherwise what does not, in a sentence without secrets."""
        with self._turn:
            now = self._node.clock()
            if self._found is None or not timedelta(0) <= now - self._found[0] < READY_KEPT:
                self._found = now, self._node.store.ready()
            return self._found[1]


@get("/healthz", sync_to_thread=False, media_type=MediaType.TEXT)
def healthz() -> str:
    """The process answers."""
    return "ok"


@get("/readyz")
async def readyz(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """200 when the store reads and writes; 503 with the reason when it does not."""
    readiness: Readiness = request.app.state.readiness
    wrong = await sync_to_thread(readiness.wrong)
    if wrong is None:
        return Response({"status": "ready"})
    return Response({"status": "not ready", "reason": wrong}, status_code=503)


@get("/metrics")
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Prometheus text, for a caller who may read it."""
    await require(request, "metrics.read")
    node = node_of(request)

    def measured() -> tuple[bytes, str]:
        node.telemetry.lagging(lags(node.store, node.clock))
        return node.telemetry.exposition()

    payload, media_type = await sync_to_thread(measured)
    return Response(payload, media_type=media_type)
