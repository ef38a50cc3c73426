"""POST /v1/access/decide, the short way: an answer that is held goes out before the framework sees the request.

Takes only what is certain: a token that was found to be a gateway's just now, and a question that came before byte by
byte and whose answer still holds (`app.admission`). Everything else goes the long way (`web.access`) from its start,
so that every refusal and every error is made in one place.
"""

from typing import Any, TypeGuard

from litestar.types import HTTPScope, Receive, ReceiveMessage, Send

from tocsin.app.admission import MAX_HELD_BODY
from tocsin.app.node import Node
from tocsin.kernel.limits import MAX_ID_CHARS
from tocsin.web.access import DECIDE_PATHS, Gateways

_TYPE = [(b"content-type", b"application/json")]


def may_be_held(scope: Any) -> TypeGuard[HTTPScope]:
    """Whether it is a question of access."""
    return scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in DECIDE_PATHS


class HeldAnswers:
    """Gives again what was answered; `headers` go with every answer of this application."""

    def __init__(self, node: Node, gateways: Gateways, headers: dict[str, str]) -> None:
        self._node = node
        self._admission = node.admission
        self._gateways = gateways
        self._headers = _TYPE + [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def give(self, scope: HTTPScope, receive: Receive, send: Send) -> Receive | None:
        """None where it was answered; else how the long way receives the same request."""
        authorization, named = None, b""
        for name, value in scope["headers"]:
            if name == b"authorization":
                if authorization is not None:
                    return receive
                authorization = value
            elif name == b"x-request-id":
                named = value
            elif name == b"signature-input":
                return receive
        if authorization is None or not self._gateways.knows(self._node, authorization):
            return receive
        message = await receive()
        body = b"" if message["type"] != "http.request" or message["more_body"] else message["body"]
        held = self._admission.held(body) if 0 < len(body) <= MAX_HELD_BODY else None
        if held is None:
            return _again(message, receive)
        headers = [*self._headers, (b"content-length", b"%d" % len(held.body))]
        if 0 < len(named) <= MAX_ID_CHARS and named.isascii():
            headers.append((b"x-request-id", named))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": held.body, "more_body": False})
        return None


def _again(message: ReceiveMessage, receive: Receive) -> Receive:
    """What was received already, and then the rest."""
    first = [message]

    async def received() -> ReceiveMessage:
        return first.pop() if first else await receive()

    return received
