"""GET /v1/identity: this node's public names, for a peer's operator to compare."""

from typing import Any

from litestar import Request, get
from litestar.concurrency import sync_to_thread

from tocsin.app.exchange import IDENTITY_PATH
from tocsin.web.auth import caller_of, node_of


@get(IDENTITY_PATH)
async def identity(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Node id, Ed25519 public key (hexadecimal), its words, how it came about, STIX identity, name.

    Any caller of this node may ask.
    """
    await caller_of(request)
    about = await sync_to_thread(node_of(request).exchange.about_me)
    return {
        "node_id": about.node_id,
        "public_key": about.public_key,
        "identity": about.identity,
        "name": about.name,
        "words": about.words,
        "statements": about.statements,
    }
