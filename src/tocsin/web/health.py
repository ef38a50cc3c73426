"""GET /healthz, /readyz, /metrics."""

from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.concurrency import sync_to_thread

from tocsin.app.lag import lags
from tocsin.web.auth import node_of, require


@get("/healthz", sync_to_thread=False, media_type=MediaType.TEXT)
def healthz() -> str:
    """The process answers."""
    return "ok"


@get("/readyz")
async def readyz(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """200 when the store reads and writes; 503 with the reason when it does not."""
    wrong = await sync_to_thread(node_of(request).store.ready)
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
