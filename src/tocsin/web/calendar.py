"""The calendar of deadlines at its secret address: for calendar programs, without a session."""

from typing import Any

from litestar import Request, Response, get
from litestar.concurrency import sync_to_thread

from tocsin.app.duty_clocks import FEED_PATH
from tocsin.web.auth import node_of

MAX_KEY_CHARS = 128


@get(FEED_PATH, include_in_schema=False)
async def deadlines(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What is due when, for whoever has the address; 404 for every other, and no word more."""
    key = request.query_params.get("key", "")[:MAX_KEY_CHARS]
    content = await sync_to_thread(node_of(request).duty_clocks.calendar, key)
    return Response(
        content,
        media_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"},
    )
