"""A middleware for any ASGI application: each request that uses a model is asked for first."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from tocsin.web.enforcing.asking import Verdict

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

Questions = Callable[[Scope], dict[str, Any] | None]
"""What a request asks (`asking.question`), from what the application itself knows of who it is: never from what the
request says of itself. None says that it is no use of a model and needs no asking.
"""

KEY = "tocsin.access"
"""Where the verdict stands in the scope, for the application to fulfil what it obliges to."""

POLICY_VIOLATION = 1008


class Asks(Protocol):
    """What a question is put to: `asking.Asker`, or a node in the same process."""

    async def ask(self, asked: dict[str, Any]) -> Verdict: ...


class AccessMiddleware:
    """Lets through what is granted; 403 with reasons otherwise. A question that cannot be made is a refusal."""

    def __init__(self, app: Application, asker: Asks, questions: Questions) -> None:
        self._app = app
        self._asker = asker
        self._questions = questions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        try:
            asked = self._questions(scope)
        except Exception:  # noqa: BLE001  # whatever went wrong, nobody was asked
            await _refuse(scope, receive, send, Verdict(False, ("who asks for what could not be told",)))
            return
        if asked is None:
            await self._app(scope, receive, send)
            return
        verdict = await self._asker.ask(asked)
        if not verdict.granted:
            await _refuse(scope, receive, send, verdict)
            return
        scope[KEY] = verdict
        await self._app(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send, verdict: Verdict) -> None:
    if scope["type"] == "websocket":
        await receive()  # the connection's own first message
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "access refused"})
        return
    problem = {
        "type": "urn:tocsin:problem:access-refused",
        "title": "Not allowed",
        "status": 403,
        "detail": " ".join(verdict.reasons),
        "obligations": verdict.obligations,
    }
    headers = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(problem).encode()})
