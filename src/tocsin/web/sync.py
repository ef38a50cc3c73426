"""GET /v1/sync: how much of what was released to the caller they have not had yet."""

from typing import Any

import msgspec
from litestar import Request, get
from litestar.concurrency import sync_to_thread

from tocsin.app.lag import SYNC_PATH
from tocsin.kernel import BadInput, NotFound
from tocsin.store.interface import ReleaseFilter
from tocsin.web.auth import node_of, require
from tocsin.web.taxii_roots import Party, shared_with
from tocsin.wire.stix import is_timestamp, micros_of

MAX_COUNTED = 100_001
"""Beyond it "many" is all that anybody needs to know, and counting costs."""


class Waiting(msgspec.Struct, frozen=True):
    """`waiting` objects were released to the caller after the moment they named; at most MAX_COUNTED are counted."""

    waiting: int


@get(SYNC_PATH)
async def sync(request: Request[Any, Any, Any]) -> Waiting:
    """Of the caller's own view alone. `after` is the X-TAXII-Date-Added-Last they have come to."""
    caller = await require(request, "taxii.read")
    party = await sync_to_thread(Party, node_of(request), caller)
    after = request.query_params.get("after", "")
    if after and not is_timestamp(after):
        raise BadInput("after is a timestamp, as X-TAXII-Date-Added-Last gives it")

    def count() -> int:
        if party.peer is None or not party.may_enter:
            raise NotFound("there is no such thing here, or not for you")
        if (
            not shared_with(party).page(ReleaseFilter(limit=1)).rows
        ):  # brings the view to today's ceiling, too
            return 0
        moment = micros_of(after) if after else None
        return party.node.store.releases.waiting(party.peer, added_after=moment, most=MAX_COUNTED)

    return Waiting(waiting=await sync_to_thread(count))
