"""Who is asking over HTTP: bearer, basic (user name and token), or a console session."""

import base64
import binascii
from typing import Any

import msgspec
import structlog
from litestar import Request
from litestar.concurrency import sync_to_thread

from tocsin.app.node import Node
from tocsin.kernel import Caller, TocsinError
from tocsin.trust.identity import node_id
from tocsin.trust.signed_requests import NotSigned, Shown, check_body, is_signed

MAX_CREDENTIAL_CHARS = 1_024

_log = structlog.get_logger("tocsin.auth")


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


class Identified(msgspec.Struct, frozen=True):
    """A caller; and for a signed request with a body the Content-Digest that it must have."""

    caller: Caller
    digest: str | None = None


def shown(request: Request[Any, Any, Any]) -> Shown:
    """A request as it came, for `identify`."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in request.scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    path = request.scope["raw_path"].partition(b"?")[0]
    return Shown(
        method=request.method,
        authority=headers.get("host", ""),
        path=path.decode("latin-1"),
        query=request.scope["query_string"].decode("latin-1"),
        headers=headers,
    )


def identify(node: Node, given: Shown) -> Identified:
    """Whose request it is: a peer's by its signature (RFC 9421), anybody's by a token. Reads the store.

    One that claims a signature is judged by that alone: taking the signature off, or spoiling it, gains nothing
    that a token beside it would not have given anyway. Raises NotAuthenticated, the same whatever is wrong.
    """
    if is_signed(given.headers):
        try:
            return _signed(node, given)
        except NotSigned as error:
            _log.info("signature.refused", path=given.path, reason=error.message)
            raise NotAuthenticated from error
    return Identified(_by_token(node, given.headers.get("authorization", "")))


def _signed(node: Node, given: Shown) -> Identified:
    verified, peer = node.access.signed_by(given, recipient=node_id(node.keys.identity.public))
    return Identified(peer, verified.digest)


def _by_token(node: Node, authorization: str) -> Caller:
    name, token = credentials(authorization)
    caller = None if token is None else node.access.authenticate(token, name=name)
    if caller is None:
        raise NotAuthenticated
    return caller


async def caller_of(request: Request[Any, Any, Any]) -> Caller:
    """The caller that a request's token stands for, or its signature. Raises NotAuthenticated.

    A signature counts only where there is no body: who takes a signed body compares it with its digest (`caller_with`).
    """
    if request.method == "GET":
        return (await sync_to_thread(identify, node_of(request), shown(request))).caller
    authorization = request.headers.get("authorization", "")
    return await sync_to_thread(_by_token, node_of(request), authorization)


async def caller_with(request: Request[Any, Any, Any], body: bytes) -> Caller:
    """The caller of a request with this body, by token or by a signature over its digest. Raises NotAuthenticated."""
    found = await sync_to_thread(identify, node_of(request), shown(request))
    if found.digest is not None:
        try:
            check_body(found.digest, body)
        except NotSigned as error:
            raise NotAuthenticated from error
    return found.caller


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
