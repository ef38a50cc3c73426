"""Who is asking over HTTP: bearer, basic (user name and token), or a console session."""

import base64
import binascii
from typing import Any

import msgspec
from litestar import Request
from litestar.concurrency import sync_to_thread

from tocsin.app.node import Node
from tocsin.kernel import Caller, TocsinError

MAX_CREDENTIAL_CHARS = 1_024


class NotAuthenticated(TocsinError):
    """No credentials, or none that count: the same answer to each."""

    code = "not-authenticated"
    status = 401

    def __init__(self) -> None:
        super().__init__(
            "send a token of this node: `Authorization: Bearer TOKEN`, or basic with user and token"
        )


def node_of(request: Request[Any, Any, Any]) -> Node:
    """The node behind this application."""
    node: Node = request.app.state.node
    return node


class Presented(msgspec.Struct, frozen=True):
    """What a request shows of who sends it."""

    authorization: str


def presented(request: Request[Any, Any, Any]) -> Presented:
    """What a request shows."""
    return Presented(authorization=request.headers.get("authorization", ""))


def identify(node: Node, given: Presented) -> Caller:
    """The caller that it stands for. Reads the store. Raises NotAuthenticated."""
    name, token = credentials(given.authorization)
    caller = None if token is None else node.access.authenticate(token, name=name)
    if caller is None:
        raise NotAuthenticated
    return caller


async def caller_of(request: Request[Any, Any, Any]) -> Caller:
    """The caller that a request stands for. Raises NotAuthenticated."""
    return await sync_to_thread(identify, node_of(request), presented(request))


async def require(request: Request[Any, Any, Any], act: str) -> Caller:
    """The caller, if the policy lets them do `act`. Raises NotAuthenticated, NotAllowed."""
    caller = await caller_of(request)
    await sync_to_thread(node_of(request).access.require, caller, act)
    return caller


def credentials(header: str) -> tuple[str | None, str | None]:
    """(user name or None, token or None) of an Authorization header: RFC 6750, RFC 7617."""
    scheme, _, rest = header.partition(" ")
    rest = rest.strip()
    if not rest or len(rest) > MAX_CREDENTIAL_CHARS:
        return None, None
    match scheme.lower():
        case "bearer":
            return None, rest
        case "basic":
            try:
                name, colon, token = base64.b64decode(rest, validate=True).decode("utf-8").partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return None, None
            return (name, token) if colon else (None, None)
        case _:
            return None, None
